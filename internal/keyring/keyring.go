package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	lib "github.com/zalando/go-keyring"

	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	service      = "portolan"
	defaultLimit = 3 * time.Second
)

// Keyring asks the keychain of this user's session. Its methods may be called
// from any goroutine. The zero value is not ready; see [New].
type Keyring struct {
	limit time.Duration

	// slot is taken by the one call to the library that may be under way. A call
	// that never returns, as one behind an unanswered prompt, so blocks one
	// goroutine and no more: those after it find the slot taken and time out.
	slot chan struct{}
}

// New returns a keyring whose calls give up after limit; 0 stands for 3 s. It
// talks to nobody yet.
func New(limit time.Duration) *Keyring {
	if limit == 0 {
		limit = defaultLimit
	}
	return &Keyring{limit: limit, slot: make(chan struct{}, 1)}
}

// Get returns the token for login on host. Errors are Faults as the package
// comment lists them, or ctx's own when that ends first; so it is with the other
// methods.
func (k *Keyring) Get(ctx context.Context, host, login string) (portolan.Token, error) {
	secret, err := k.call(ctx, host, func() (string, error) {
		return lib.Get(service, account(host, login))
	})
	return portolan.NewToken(secret), err
}

// Set stores the token for login on host, in place of a former one. After
// "keychain-timeout" it is open whether it is stored: the person may still answer
// the prompt.
func (k *Keyring) Set(ctx context.Context, host, login string, t portolan.Token) error {
	_, err := k.call(ctx, host, func() (string, error) {
		return "", lib.Set(service, account(host, login), t.Reveal())
	})
	return err
}

// Delete removes the token for login on host. Where there is none the code is
// "keychain-none".
func (k *Keyring) Delete(ctx context.Context, host, login string) error {
	_, err := k.call(ctx, host, func() (string, error) {
		return "", lib.Delete(service, account(host, login))
	})
	return err
}

// Probe returns nil if the keychain can be used now. It changes nothing, but a
// locked keychain may ask the person for its password.
func (k *Keyring) Probe(ctx context.Context) error {
	_, err := k.Get(ctx, "probe.invalid", "nobody") // no such host: RFC 2606
	if f := portolan.AsFault(err); f != nil && f.Code == codeNone {
		return nil
	}
	return err
}

func account(host, login string) string { return host + "/" + login }

// call runs one call of the library within the time limit. What a call that was
// given up returns later is thrown away.
func (k *Keyring) call(ctx context.Context, host string, fn func() (string, error)) (string, error) {
	if err := reachable(); err != nil {
		return "", fault(host, err)
	}
	limited, cancel := context.WithTimeout(ctx, k.limit)
	defer cancel()
	select {
	case k.slot <- struct{}{}:
	case <-limited.Done():
		return "", k.gaveUp(ctx)
	}
	type answer struct {
		secret string
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() { <-k.slot }()
		secret, err := guarded(fn)
		answers <- answer{secret, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return "", fault(host, a.err)
		}
		return a.secret, nil
	case <-limited.Done():
		return "", k.gaveUp(ctx)
	}
}

// guarded turns a panic of the library into an error: it has one when the bus
// goes away (a person logs out) while a prompt is open.
func guarded(fn func() (string, error)) (secret string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the connection to it broke: %v", v)
		}
	}()
	return fn()
}

// gaveUp tells the caller's own end from the time limit.
func (k *Keyring) gaveUp(ctx context.Context) error {
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return fmt.Errorf("asking the keychain: %w", err)
	}
	return &portolan.Fault{
		Kind:    portolan.Failed,
		Code:    codeTimeout,
		Message: fmt.Sprintf("the %s did not answer within %s; it may be waiting for its password in a window", keychainName(), k.limit),
		Hint:    "answer the prompt and try again, or " + otherWays,
	}
}
