package keyring

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/godbus/dbus/v5"
	lib "github.com/zalando/go-keyring"

	"github.com/portolan-app/portolan/internal/keyringtest"
	"github.com/portolan-app/portolan/internal/portolan"
)

// use gives this process the environment of a private keyring, and ends the
// library's shared connection after the test, so that the next one makes its own.
func use(t *testing.T, env []string) {
	t.Helper()
	for _, kv := range env {
		key, value, _ := strings.Cut(kv, "=")
		t.Setenv(key, value)
	}
	t.Cleanup(func() {
		if conn, err := dbus.SessionBus(); err == nil {
			_ = conn.Close()
		}
	})
}

func wantFault(t *testing.T, err error, kind portolan.Kind, code string) {
	t.Helper()
	var f *portolan.Fault
	if !errors.As(err, &f) || f.Kind != kind || f.Code != code {
		t.Fatalf("error %v; want a fault %s %q", err, kind, code)
	}
	if f.Message == "" || f.Hint == "" {
		t.Errorf("fault without message or hint: %+v", f)
	}
	t.Log(f)
}

func TestRealKeyring(t *testing.T) {
	env := keyringtest.Start(t)
	use(t, env)
	ctx := t.Context()
	k := New(20 * time.Second)
	if err := k.Probe(ctx); err != nil {
		t.Fatalf("Probe: %v", err)
	}
	_, err := k.Get(ctx, "github.com", "ada")
	wantFault(t, err, portolan.SignIn, codeNone)
	wantFault(t, k.Delete(ctx, "github.com", "ada"), portolan.SignIn, codeNone)

	for _, secret := range []string{"first", "second: ünïcode \n and more", strings.Repeat("x", 32<<10)} {
		if err := k.Set(ctx, "github.com", "ada", portolan.NewToken(secret)); err != nil {
			t.Fatalf("Set: %v", err)
		}
		if got, err := k.Get(ctx, "github.com", "ada"); err != nil || got.Reveal() != secret {
			t.Fatalf("Get = %d bytes, %v; want %d", len(got.Reveal()), err, len(secret))
		}
	}
	_, err = k.Get(ctx, "ghe.example.org", "ada") // another host has another token
	wantFault(t, err, portolan.SignIn, codeNone)

	t.Run("seen by another program", func(t *testing.T) {
		if _, err := exec.LookPath("secret-tool"); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skip("SKIPPED: secret-tool is not installed (apt-get install libsecret-tools)")
		}
		if err := k.Set(ctx, "github.com", "bob", portolan.NewToken("for-bob")); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("secret-tool", "lookup", "service", "portolan", "username", "github.com/bob").Output()
		if err != nil || string(out) != "for-bob" {
			t.Errorf("secret-tool says %q, %v", out, err)
		}
	})
	if err := k.Delete(ctx, "github.com", "ada"); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	_, err = k.Get(ctx, "github.com", "ada")
	wantFault(t, err, portolan.SignIn, codeNone)
}

// TestLockedKeyring has no prompter on its bus, as a machine without a display.
func TestLockedKeyring(t *testing.T) {
	env := keyringtest.Start(t)
	use(t, env)
	k := New(20 * time.Second)
	keyringtest.Lock(t, env)
	_, err := k.Get(t.Context(), "github.com", "ada")
	wantFault(t, err, portolan.Failed, codeLocked)
	wantFault(t, k.Probe(t.Context()), portolan.Failed, codeLocked)
}

func TestLibraryPanics(t *testing.T) {
	_, err := guarded(func() (string, error) { var s *dbus.Signal; return s.Name, nil })
	wantFault(t, fault("h", err), portolan.Failed, codeUnavailable)
}

func TestBusWithoutKeyring(t *testing.T) {
	use(t, keyringtest.StartBus(t))
	err := New(20 * time.Second).Probe(t.Context())
	wantFault(t, err, portolan.Failed, codeUnavailable)
	if said, want := portolan.AsFault(err).Message, "this session has no "+keychainName(); said != want {
		t.Errorf("it says %q, want %q", said, want)
	}
}

func TestNoBus(t *testing.T) {
	if reachable() == nil && os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		t.Skip("SKIPPED: this user has a session bus in /run/user, or this system needs none")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	if reachable() == nil {
		t.Skip("SKIPPED: this user has a session bus in /run/user, or this system needs none")
	}
	err := New(0).Probe(t.Context())
	wantFault(t, err, portolan.Failed, codeUnavailable)
	if hint := portolan.AsFault(err).Hint; !strings.Contains(hint, "auth login HOST ") || strings.Contains(hint, probed) {
		t.Errorf("the hint names a host that there is not: %s", hint)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind portolan.Kind
		code string
	}{
		{lib.ErrNotFound, portolan.SignIn, codeNone},
		{lib.ErrSetDataTooBig, portolan.Failed, codeTooBig},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/collection/login'"), portolan.Failed, codeLocked},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"), portolan.Failed, codeUnavailable},
		{errors.New("exit status 36"), portolan.Failed, codeLocked},
		{errors.New("The name org.freedesktop.secrets was not provided by any .service files"), portolan.Failed, codeUnavailable},
		{errNoBus, portolan.Failed, codeUnavailable},
	} {
		wantFault(t, fault("github.com", c.err), c.kind, c.code)
	}
}

// TestTimeLimits: a blocked call ends at the limit, those behind it at theirs, and
// the keyring works again once the blocked one has come back. A person has longer,
// and is told why.
func TestTimeLimits(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // never dialled
	synctest.Test(t, func(t *testing.T) {
		k, l := scripted()
		start := time.Now()
		wantFault(t, k.Probe(t.Context()), portolan.Failed, codeTimeout)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("gave up after %v", took)
		}
		wantFault(t, k.Probe(t.Context()), portolan.Failed, codeTimeout)
		if took := time.Since(start); took != 6*time.Second || l.calls.Load() != 1 {
			t.Errorf("gave up after %v; %d calls", took, l.calls.Load())
		}
		start = time.Now()
		var said []time.Duration
		attended := portolan.WithPerson(t.Context(), portolan.Person{Say: func(string) { said = append(said, time.Since(start)) }})
		wantFault(t, k.Probe(attended), portolan.Failed, codeTimeout)
		if took := time.Since(start); took != 93*time.Second || len(said) != 1 || said[0] != 3*time.Second {
			t.Errorf("a person is told after %v and had %v", said, took)
		}
		l.answers <- reply{Secret: "late"}
		synctest.Wait()
		l.answers <- reply{Secret: "now"}
		if got, err := k.Get(t.Context(), "h", "l"); got.Reveal() != "now" || err != nil {
			t.Errorf("Get = %q, %v", got.Reveal(), err)
		}
	})
}

// TestBlind: where a window cannot be foreseen, none is opened a second time
// before a person waits for it.
func TestBlind(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // never dialled
	for name, first := range map[string]*reply{"locked": {Fault: lockedFault("h")}, "no answer": nil} {
		synctest.Test(t, func(t *testing.T) {
			k, l := scripted()
			k.blind = true
			if first != nil {
				l.answers <- *first
			}
			_ = k.Probe(t.Context())
			for range 3 {
				wantFault(t, k.Probe(t.Context()), portolan.Failed, codeLocked)
			}
			if l.calls.Load() != 1 {
				t.Errorf("%s: %d calls", name, l.calls.Load())
			}
			if first == nil {
				l.answers <- reply{} // the one that hung
				synctest.Wait()
			}
			l.answers <- reply{Secret: "open"}
			if _, err := k.Get(portolan.WithPerson(t.Context(), portolan.Person{}), "h", "l"); err != nil {
				t.Errorf("%s: a person gets %v", name, err)
			}
			l.answers <- reply{Secret: "open"}
			if _, err := k.Get(t.Context(), "h", "l"); err != nil {
				t.Errorf("%s: then %v", name, err)
			}
		})
	}
}

// library answers as it is told, and hangs otherwise, as one in this process.
type library struct {
	calls   atomic.Int32
	answers chan reply
}

func scripted() (*Keyring, *library) {
	l := &library{answers: make(chan reply, 1)}
	return newKeyring(0, func(ctx context.Context, _ request, _, release func()) reply {
		l.calls.Add(1)
		got := make(chan reply, 1)
		go func() {
			defer release()
			got <- <-l.answers
		}()
		select {
		case r := <-got:
			return r
		case <-ctx.Done():
			return reply{}
		}
	}), l
}
