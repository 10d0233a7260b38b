package keyring

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	service      = "portolan"
	defaultLimit = 3 * time.Second
	promptLimit  = 90 * time.Second // for a person to find the window and type a password
)

// Keyring asks the keychain of this user's session. Its methods may be called
// from any goroutine; one call is under way at a time. The zero value is not
// ready; see [New] and [NewIsolated].
type Keyring struct {
	limit  time.Duration // of a call that nobody is asked for
	prompt time.Duration // of one that a person may be asked for
	way    way

	// slot is taken while the library may be at work. In this process a call that
	// never returns, as one behind an unanswered prompt, so blocks one goroutine and
	// no more: those after it find the slot taken and time out.
	slot chan struct{}

	// blind is set where there is no telling beforehand whether a call opens a
	// window. There shut is set when one ended locked or not at all, and no other is
	// made until a person waits for it.
	blind bool
	shut  atomic.Bool
}

// way carries a request to the library and brings the answer. It calls asking
// when a prompt is about to open, and release when the library is done; it
// returns soon after ctx ends, the library done or not.
type way func(ctx context.Context, q request, asking, release func()) reply

// New returns a keyring that asks from this process and gives up after limit; 0
// stands for 3 s. It talks to nobody yet.
func New(limit time.Duration) *Keyring { return newKeyring(limit, here) }

func newKeyring(limit time.Duration, w way) *Keyring {
	if limit == 0 {
		limit = defaultLimit
	}
	return &Keyring{limit: limit, prompt: promptLimit, way: w, slot: make(chan struct{}, 1), blind: !tellsLocked}
}

// Get returns the token for login on host. Errors are Faults as the package
// comment lists them, or ctx's own when that ends first; so it is with the other
// methods.
func (k *Keyring) Get(ctx context.Context, host, login string) (portolan.Token, error) {
	secret, err := k.call(ctx, request{Op: opGet, Host: host, Login: login})
	return portolan.NewToken(secret), err
}

// Set stores the token for login on host, in place of a former one. After
// "keychain-timeout" it is open whether it is stored.
func (k *Keyring) Set(ctx context.Context, host, login string, t portolan.Token) error {
	_, err := k.call(ctx, request{Op: opSet, Host: host, Login: login, Secret: t.Reveal()})
	return err
}

// Delete removes the token for login on host. Where there is none the code is
// "keychain-none".
func (k *Keyring) Delete(ctx context.Context, host, login string) error {
	_, err := k.call(ctx, request{Op: opDelete, Host: host, Login: login})
	return err
}

// probed is the host that Probe asks for. There is none such: RFC 2606.
const probed = "probe.invalid"

// Probe returns nil if the keychain can be used now. It changes nothing, and
// unless ctx has a person, nobody is asked for a password.
func (k *Keyring) Probe(ctx context.Context) error {
	_, err := k.Get(ctx, probed, "nobody")
	if f := portolan.AsFault(err); f != nil && f.Code == codeNone {
		return nil
	}
	return err
}

// call makes one request within the time limits. What an answer that was given up
// says later is thrown away.
func (k *Keyring) call(ctx context.Context, q request) (string, error) {
	if err := reachable(); err != nil {
		return "", fault(q.Host, err)
	}
	person, attended := portolan.PersonOf(ctx)
	q.Ask = attended
	if !attended && k.blind && k.shut.Load() {
		return "", lockedFault(q.Host)
	}
	limit := time.NewTimer(k.limit)
	defer limit.Stop()
	tell := askingOnce(person, func() { limit.Reset(k.prompt) })
	answers, asking := make(chan reply, 1), make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	slot := k.slot
	for {
		select {
		case slot <- struct{}{}:
			slot = nil // which blocks for good: it is ours
			go func() {
				answers <- k.way(ctx, q, func() { asking <- struct{}{} }, func() { <-k.slot })
			}()
		case r := <-answers:
			return k.take(r)
		case <-asking:
			tell()
		case <-limit.C:
			if !attended || !tell() { // a person may have been asked without a word to us
				k.shut.Store(true)
				return "", k.timeout(q)
			}
		case <-person.Left:
			return "", lockedFault(q.Host)
		case <-ctx.Done():
			return "", gaveUp(ctx, k.timeout(q))
		}
	}
}

// askingOnce returns what tells the person, the first time that it is called, that
// a prompt is open; it reports whether this was that time.
func askingOnce(p portolan.Person, first func()) func() bool {
	told := false
	return func() bool {
		if told {
			return false
		}
		told = true
		first()
		if p.Say != nil {
			p.Say("unlock your " + keychainName() + " in the window that asks for its password")
		}
		return true
	}
}

// take turns a reply into what the caller gets.
func (k *Keyring) take(r reply) (string, error) {
	k.shut.Store(r.Fault != nil && r.Fault.Code == codeLocked)
	if r.Fault != nil {
		return "", r.Fault
	}
	return r.Secret, nil
}

// gaveUp tells the caller's own end from a time limit.
func gaveUp(ctx context.Context, timeout error) error {
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return fmt.Errorf("asking the keychain: %w", err)
	}
	return timeout
}

func (k *Keyring) timeout(q request) error {
	limit := k.limit
	if q.Ask {
		limit = k.prompt
	}
	return timeoutFault(q.Host, limit)
}
