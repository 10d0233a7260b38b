//go:build !windows

package cli

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// terminal is a pseudo terminal and what was shown on it so far.
type terminal struct {
	keyboard *os.File // what a person types goes in here
	tty      *os.File // what the program has
	shown    chan string
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	screen := &terminal{keyboard: master, tty: tty, shown: make(chan string, 1)}
	go func() {
		data, _ := io.ReadAll(master) // ends with EIO when the program's side closes
		screen.shown <- string(data)
	}()
	t.Cleanup(func() { _ = master.Close() })
	return screen
}

// all closes the program's side and returns everything that was shown.
func (t *terminal) all() string {
	_ = t.tty.Close()
	return <-t.shown
}

func on(t *terminal, engine api.API, env map[string]string) Deps {
	return Deps{Stdin: t.tty, Stdout: t.tty, Stderr: t.tty, Env: func(name string) string { return env[name] },
		Connect: func(context.Context, Options) (api.API, error) { return engine, nil }}
}

func TestProgressOfASlowSync(t *testing.T) {
	engine := &fake{view: team(), pause: 2 * time.Second, results: []api.SyncResult{synced(false)}}
	engine.view.Sources[0].Status = portolan.SourceStatus{Phase: portolan.SyncRunning, Step: "reading 3 of 12 files"}
	t.Parallel()
	screen := openTerminal(t)
	if code := Run(t.Context(), on(screen, engine, nil), []string{"sync"}); code != 0 {
		t.Errorf("exit code %d", code)
	}
	shown := screen.all()
	if !strings.Contains(shown, "syncing: team reading 3 of 12 files (") {
		t.Errorf("no progress in %q", shown)
	}
	if last := strings.LastIndex(shown, "reading 3"); !strings.Contains(shown[last:], "\r\x1b[K\x1b[1mteam") {
		t.Errorf("the progress is not cleared before the result: %q", shown)
	}
}

func TestProgressOfASlowPod(t *testing.T) {
	t.Parallel()
	screen := openTerminal(t)
	deps := on(screen, nil, nil)
	deps.PortForward = func(_ context.Context, f PortForward) error {
		time.Sleep(2 * time.Second)
		f.Ready(netip.MustParseAddrPort("127.0.0.1:8080"), 80)
		return nil
	}
	if code := Run(t.Context(), deps, []string{"port-forward", "svc/api", "8080:80"}); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if shown := screen.all(); !strings.Contains(shown, "waiting for service/api") ||
		!strings.HasSuffix(shown, "\r\x1b[KForwarding from 127.0.0.1:8080 -> 80\r\n") {
		t.Errorf("shown: %q", shown)
	}
}

func TestNoProgress(t *testing.T) {
	for name, test := range map[string]struct {
		pause time.Duration
		env   map[string]string
	}{
		"of what is quick":   {},
		"on a dumb terminal": {pause: 1200 * time.Millisecond, env: map[string]string{"TERM": "dumb"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			screen := openTerminal(t)
			engine := &fake{view: team(), pause: test.pause, results: []api.SyncResult{synced(false)}}
			Run(t.Context(), on(screen, engine, test.env), []string{"sync"})
			if shown := screen.all(); strings.Contains(shown, "syncing") || strings.Contains(shown, "\x1b[K") {
				t.Errorf("progress in %q", shown)
			}
		})
	}
}

func TestNoProgressWithoutATerminal(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	engine := &fake{view: team(), pause: 1200 * time.Millisecond, results: []api.SyncResult{synced(false)}}
	Run(t.Context(), Deps{Stdout: &stdout, Stderr: &stderr, Env: func(string) string { return "" },
		Connect: func(context.Context, Options) (api.API, error) { return engine, nil }}, []string{"sync"})
	if stderr.Len() > 0 {
		t.Errorf("%q on standard error", &stderr)
	}
}

func TestColour(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"terminal": {nil, true},
		"NO_COLOR": {map[string]string{"NO_COLOR": "1"}, false},
		"dumb":     {map[string]string{"TERM": "dumb"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			screen := openTerminal(t)
			Run(t.Context(), on(screen, &fake{view: team()}, test.env), []string{"list"})
			shown := screen.all()
			if got := strings.Contains(shown, "\x1b[32mready\x1b[0m"); got != test.want {
				t.Errorf("coloured: %v, want %v: %q", got, test.want, shown)
			}
		})
	}
}

// prompt runs a login on the terminal up to the point at which it asks for the
// token. What is typed before the echo is off would be shown by the terminal
// itself.
func prompt(ctx context.Context, t *testing.T, screen *terminal, engine api.API) (ended chan int) {
	t.Helper()
	before, deadline := modes(t, screen), time.Now().Add(time.Minute)
	ended = make(chan int, 1)
	go func() { ended <- Run(ctx, on(screen, engine, nil), []string{"auth", "login", "github.com"}) }()
	for reflect.DeepEqual(before, modes(t, screen)) {
		if time.Now().After(deadline) {
			t.Fatal("the echo stays on")
		}
		time.Sleep(time.Millisecond)
	}
	return ended
}

func TestTokenPromptDoesNotShow(t *testing.T) {
	screen, engine := openTerminal(t), &fake{view: team()}
	ended := prompt(t.Context(), t, screen, engine)
	if _, err := io.WriteString(screen.keyboard, "ghp_secret\n"); err != nil {
		t.Fatal(err)
	}
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d", code)
	}
	shown := screen.all()
	if strings.Contains(shown, "ghp_secret") || !strings.Contains(shown, "Token for github.com (not shown): ") {
		t.Errorf("shown: %q", shown)
	}
	if want := `SignIn {"host":"github.com","token":"10 characters"}`; len(engine.calls) != 1 || engine.calls[0] != want {
		t.Errorf("calls: %q", engine.calls)
	}
}

func TestTokenPromptCanBeLeft(t *testing.T) {
	screen := openTerminal(t)
	before := modes(t, screen)
	ctx, cancel := context.WithCancel(t.Context())
	ended := prompt(ctx, t, screen, &fake{view: team()})
	cancel()
	if code := <-ended; code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if !reflect.DeepEqual(before, modes(t, screen)) {
		t.Error("the echo stays off")
	}
	_, _ = io.WriteString(screen.keyboard, "\n") // ends the read that was left behind
}

// TestThisRunIsOffered holds that who has no keychain is asked, and only a yes
// keeps the token elsewhere.
func TestThisRunIsOffered(t *testing.T) {
	for answer, want := range map[string]int{"y\n": 2, "\n": 1, "n\n": 1} {
		screen := openTerminal(t)
		engine := &fake{view: team(), fault: &portolan.Fault{Kind: portolan.Failed, Code: "keychain-unavailable", Message: "there is no keyring"}}
		ended := prompt(t.Context(), t, screen, engine)
		if _, err := io.WriteString(screen.keyboard, "ghp_secret\n"+answer); err != nil {
			t.Fatal(err)
		}
		if code := <-ended; code != exitFailed { // the fake's fault stays
			t.Errorf("exit code %d", code)
		}
		if shown := screen.all(); !strings.Contains(shown, "there is no keyring\r\nKeep the token until the engine ends") {
			t.Errorf("shown: %q", shown)
		}
		if len(engine.calls) != want || want == 2 && !strings.Contains(engine.calls[1], `"this_run":true`) {
			t.Errorf("after %q: %q", answer, engine.calls)
		}
	}
}

func modes(t *testing.T, of *terminal) *term.State {
	t.Helper()
	state, err := term.GetState(int(of.tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return state
}
