//go:build linux

package keyring

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/portolan-app/portolan/internal/keyringtest"
	"github.com/portolan-app/portolan/internal/portolan"
)

// patience is only ever used up by a failing test.
const patience = 6 * time.Second

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == ChildArg {
		if ServeChild(os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func isolated(t *testing.T) *Keyring {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wantNoChildren(t) })
	k := NewIsolated(patience, program)
	k.prompt = patience
	return k
}

// children are the processes that this one has started and not seen the end of,
// which run its own program.
func children() (pids []string) {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		data, _ := os.ReadFile(list)
		for _, pid := range strings.Fields(string(data)) {
			if line, _ := os.ReadFile("/proc/" + pid + "/cmdline"); strings.Contains(string(line), ChildArg) {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func wantNoChildren(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(patience); len(children()) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("children are left behind: %v", children())
		}
	}
}

// someone is a person who counts what is said to them.
func someone(ctx context.Context, said *atomic.Int32) context.Context {
	return portolan.WithPerson(ctx, portolan.Person{Say: func(string) { said.Add(1) }})
}

func receive(t *testing.T, what string, from <-chan struct{}) {
	t.Helper()
	select {
	case <-from:
	case <-time.After(patience):
		t.Fatalf("no %s", what)
	}
}

func TestIsolated(t *testing.T) {
	use(t, keyringtest.Start(t))
	k := isolated(t)
	if err := k.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"first", "second: ünïcode \n and more", strings.Repeat("x", 32<<10)} {
		if err := k.Set(t.Context(), "github.com", "ada", portolan.NewToken(secret)); err != nil {
			t.Fatal(err)
		}
		if got, err := k.Get(t.Context(), "github.com", "ada"); err != nil || got.Reveal() != secret {
			t.Fatalf("Get = %d bytes, %v; want %d", len(got.Reveal()), err, len(secret))
		}
	}
	if err := k.Delete(t.Context(), "github.com", "ada"); err != nil {
		t.Fatal(err)
	}
	_, err := k.Get(t.Context(), "github.com", "ada")
	wantFault(t, err, portolan.SignIn, codeNone)
}

// TestPrompt has a person answer, cancel and ignore the window of a real keyring,
// and leave it.
func TestPrompt(t *testing.T) {
	env := keyringtest.Start(t)
	use(t, env)
	k := isolated(t)
	secret := portolan.NewToken("the secret")
	if err := k.Set(t.Context(), "github.com", "ada", secret); err != nil {
		t.Fatal(err)
	}
	p := keyringtest.StartPrompter(t, env, keyringtest.Right)
	var said atomic.Int32
	ctx := someone(t.Context(), &said)

	t.Run("nobody waits", func(t *testing.T) {
		keyringtest.Lock(t, env)
		for range 3 {
			_, err := k.Get(t.Context(), "github.com", "ada")
			wantFault(t, err, portolan.Failed, codeLocked)
		}
		if n := len(p.Opened); n != 0 {
			t.Errorf("%d prompts were opened", n)
		}
	})
	t.Run("answered", func(t *testing.T) {
		keyringtest.Lock(t, env)
		wrong := true
		p.SetAnswer(func(string) (string, bool) {
			if wrong {
				wrong = false
				return "a typing mistake", true
			}
			return keyringtest.Password, true
		})
		got, err := k.Get(ctx, "github.com", "ada")
		if err != nil || got != secret {
			t.Fatalf("Get = %v, %v", got, err)
		}
		receive(t, "prompt", p.Opened)
		receive(t, "end of the prompt", p.Closed)
		if said.Load() != 1 {
			t.Errorf("the person was told %d times", said.Load())
		}
		if _, err := k.Get(t.Context(), "github.com", "ada"); err != nil {
			t.Errorf("and without a person: %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		keyringtest.Lock(t, env)
		p.SetAnswer(keyringtest.Cancel)
		_, err := k.Get(ctx, "github.com", "ada")
		wantFault(t, err, portolan.Failed, codeLocked)
		receive(t, "prompt", p.Opened)
		receive(t, "end of the prompt", p.Closed)
	})
	// Without an answer the call ends, and the window is left behind. Answered late,
	// it opens the keyring after all, and does no harm.
	for name, end := range map[string]struct {
		begin func(context.Context) (ctx context.Context, end func())
		check func(error) bool
	}{
		"ignored": {
			func(ctx context.Context) (context.Context, func()) { return someone(ctx, &said), func() {} },
			func(err error) bool { return portolan.AsFault(err).Code == codeTimeout },
		},
		"the person leaves": {
			func(ctx context.Context) (context.Context, func()) {
				left := make(chan struct{})
				return portolan.WithPerson(ctx, portolan.Person{Left: left}), func() { close(left) }
			},
			func(err error) bool { return portolan.AsFault(err).Code == codeLocked },
		},
		"the call is cancelled": {
			func(ctx context.Context) (context.Context, func()) { return context.WithCancel(someone(ctx, &said)) },
			func(err error) bool { return errors.Is(err, context.Canceled) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			keyringtest.Lock(t, env)
			late := make(chan struct{})
			p.SetAnswer(func(string) (string, bool) { <-late; return keyringtest.Password, true })
			k.prompt = time.Second
			defer func() { k.prompt = patience }()
			ctx, leave := end.begin(t.Context())
			go func() {
				<-p.Opened
				leave()
			}()
			if _, err := k.Get(ctx, "github.com", "ada"); err == nil || !end.check(err) {
				t.Errorf("Get = %v", err)
			}
			wantNoChildren(t)
			close(late)
			receive(t, "end of the prompt", p.Closed)
			for until := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
				if got, err := k.Get(t.Context(), "github.com", "ada"); err == nil && got == secret {
					break
				} else if time.Now().After(until) {
					t.Fatalf("after the late answer: %v", err)
				}
			}
		})
	}
	t.Run("and all is well again", func(t *testing.T) {
		keyringtest.Lock(t, env)
		p.SetAnswer(keyringtest.Right)
		if got, err := k.Get(ctx, "github.com", "ada"); err != nil || got != secret {
			t.Errorf("Get = %v, %v", got, err)
		}
	})
}

// TestUnansweredPrompt leaves a call in this process behind, which has no way to
// give up a prompt.
func TestUnansweredPrompt(t *testing.T) {
	env := keyringtest.Start(t)
	use(t, env)
	p := keyringtest.StartPrompter(t, env, nil)
	keyringtest.Lock(t, env)

	k := New(time.Second)
	k.prompt = time.Second
	attended := portolan.WithPerson(t.Context(), portolan.Person{})
	_, err := k.Get(attended, "github.com", "ada")
	wantFault(t, err, portolan.Failed, codeTimeout)
	select {
	case <-p.Opened:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was asked for a password")
	}
	// More callers do not make more goroutines.
	before := runtime.NumGoroutine()
	impatient, cancel := context.WithCancel(attended)
	cancel()
	for range 50 {
		if err := k.Probe(impatient); !errors.Is(err, context.Canceled) {
			t.Fatalf("Probe = %v", err)
		}
	}
	if after := runtime.NumGoroutine(); after > before+5 {
		t.Errorf("%d goroutines grew to %d", before, after)
	}
	_, err = k.Get(attended, "github.com", "ada")
	wantFault(t, err, portolan.Failed, codeTimeout)
}

// TestOwnConnection holds that this process's own connection to the session bus,
// which a tray icon uses, sees nothing of a prompt, and what happens there during
// a prompt is not taken for its answer.
func TestOwnConnection(t *testing.T) {
	env := keyringtest.Start(t)
	use(t, env)
	k := isolated(t)
	conn, err := dbus.SessionBus()
	if err != nil {
		t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 100)
	conn.Signal(signals)
	if err := conn.AddMatchSignal(dbus.WithMatchInterface("org.example.Panel")); err != nil {
		t.Fatal(err)
	}
	if err := k.Set(t.Context(), "github.com", "ada", portolan.NewToken("secret")); err != nil {
		t.Fatal(err)
	}
	keyringtest.StartPrompter(t, env, func(string) (string, bool) {
		// A panel starts while the window is open.
		if err := conn.Emit("/org/example/Panel", "org.example.Panel.Registered", "x"); err != nil {
			t.Error(err)
		}
		return keyringtest.Password, true
	})
	keyringtest.Lock(t, env)
	if _, err := k.Get(someone(t.Context(), new(atomic.Int32)), "github.com", "ada"); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for len(seen) == 0 || len(signals) > 0 {
		select {
		case s := <-signals:
			if !strings.HasPrefix(s.Name, "org.freedesktop.DBus.") {
				seen = append(seen, s.Name)
			}
		case <-time.After(patience):
			t.Fatal("the panel's signal was lost")
		}
	}
	if len(seen) != 1 || seen[0] != "org.example.Panel.Registered" {
		t.Errorf("signals: %q", seen)
	}
}

// TestParentDies holds that a child does not outlive who started it, although its
// prompt is still open.
func TestParentDies(t *testing.T) {
	env := keyringtest.Start(t)
	use(t, env)
	p := keyringtest.StartPrompter(t, env, nil)
	keyringtest.Lock(t, env)
	in, parent, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := parent.WriteString(`{"op":"get","host":"github.com","login":"ada","ask":true}`); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- ServeChild(in, new(strings.Builder)) }()
	receive(t, "prompt", p.Opened)
	if err := parent.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a prompt without an answer is no success")
		}
	case <-time.After(patience):
		t.Fatal("the child stays")
	}
}

// TestNoStrayDaemons holds that without a session bus nothing is started, neither
// by us nor by the library, which would run dbus-launch.
func TestNoStrayDaemons(t *testing.T) {
	bin, started := t.TempDir(), filepath.Join(t.TempDir(), "started")
	script := "#!/bin/sh\necho \"$0\" >> '" + started + "'\n"
	for _, name := range []string{"dbus-launch", "child"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	for _, address := range []string{"", "autolaunch:"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if reachable() == nil {
			t.Skip("SKIPPED: this user has a session bus in /run/user/" + strconv.Itoa(os.Getuid()))
		}
		for _, k := range []*Keyring{New(patience), NewIsolated(patience, filepath.Join(bin, "child"))} {
			wantFault(t, k.Probe(t.Context()), portolan.Failed, codeUnavailable)
		}
	}
	if data, err := os.ReadFile(started); !os.IsNotExist(err) {
		t.Errorf("started: %s, %v", data, err)
	}
}

// TestBrokenChild holds that a child that cannot be started, or says nothing of
// use, is a fault and not a wait.
func TestBrokenChild(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	for _, program := range []string{"/nowhere/portolan", "/bin/true", "/bin/echo"} {
		wantFault(t, NewIsolated(patience, program).Probe(t.Context()), portolan.Failed, codeUnavailable)
	}
}
