package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

const level = 5

// world is an agent's process and the desktop around a window.
type world struct {
	api.API // only the methods below are ever called

	mu      sync.Mutex
	agent   *api.Version  // that runs; nil: none
	ended   chan struct{} // closed when it ends
	lacks   bool          // it does not know "raised"
	raise   chan string
	broken  error // of each start
	slow    time.Duration
	starts  int
	stops   int
	fronts  int
	page    func() // what the page does when it is asked; nil: there is none yet
	another int
	quits   int
	turns   int
	copied  []string
	painted [3]byte
	told    []string
}

var notRunning = &portolan.Fault{Kind: portolan.Unavailable, Code: "not-running", Message: "it does not run"}

func newWorld() *world { return &world{raise: make(chan string)} }

// up makes an agent run.
func (w *world) up(v api.Version) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.agent, w.ended = &v, make(chan struct{})
}

// kill ends it.
func (w *world) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.agent = nil
	close(w.ended)
}

func (w *world) running() (*api.Version, chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.agent, w.ended
}

func (w *world) Version(context.Context) (api.Version, error) {
	v, _ := w.running()
	if v == nil {
		return api.Version{}, notRunning
	}
	return *v, nil
}

func (w *world) Counters(context.Context, []portolan.ID) ([]portolan.Counters, error) {
	if v, _ := w.running(); v == nil {
		return nil, notRunning
	}
	return []portolan.Counters{{ID: "1"}}, nil
}

func (w *world) Raised(ctx context.Context) (string, error) {
	v, ended := w.running()
	switch {
	case v == nil:
		return "", notRunning
	case w.lacks:
		return "", &portolan.Fault{Code: "engine-older"}
	}
	select {
	case page := <-w.raise:
		if page == "quit" {
			return "", &portolan.Fault{Code: "quit"}
		}
		return page, nil
	case <-ended:
		return "", &portolan.Fault{Code: "connection-lost"}
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// process is the agent's, as the window starts and stops it.
type process struct{ *world }

func (w process) Start(context.Context) (api.Version, error) {
	w.starts++
	time.Sleep(w.slow)
	if w.broken != nil {
		return api.Version{}, w.broken
	}
	w.up(api.Version{Version: "new", API: level, PID: 100 + w.starts})
	return *w.agent, nil
}

func (w process) Stop(context.Context) (api.Version, error) {
	w.stops++
	v, _ := w.running()
	w.kill()
	return *v, nil
}

func (w *world) ask() bool {
	if w.page != nil {
		w.page()
	}
	return w.page != nil
}

func (w *world) quit() { w.quits++ }

func (w *world) front()                      { w.fronts++ }
func (w *world) tell(s AgentState)           { w.told = append(w.told, s.State) }
func (w *world) copy(text string) error      { w.copied = append(w.copied, text); return w.broken }
func (w *world) paint(red, green, blue byte) { w.painted = [3]byte{red, green, blue} }

func (w *world) turn()              { w.turns++ }
func (w *world) start(string) error { w.another++; return w.broken }

// open runs a window over the world until the test ends.
func open(t *testing.T, w *world) *App {
	ctx, closed := context.WithCancel(t.Context())
	a := newApp(ctx, Config{API: w, Agent: process{w}, Another: w.start, Home: t.TempDir(), Version: api.Version{Version: "new", API: level}}, w)
	done := make(chan struct{})
	go func() { defer close(done); a.watch(ctx) }()
	t.Cleanup(func() { closed(); <-done })
	return a
}

// state waits and expects how it is with the agent.
func (w *world) state(t *testing.T, a *App, want string) AgentState {
	t.Helper()
	time.Sleep(2 * again)
	synctest.Wait()
	got := a.Agent()
	if got.State != want || got.Own != "new" {
		t.Errorf("the agent is %+v, want %s", got, want)
	}
	return got
}

func code(t *testing.T, err error) string {
	t.Helper()
	var f portolan.Fault
	if err == nil || json.Unmarshal([]byte(err.Error()), &f) != nil {
		t.Fatalf("no fault crosses: %v", err)
	}
	return f.Code
}

// TestAgentIsStarted holds that a window starts an agent where there is none, lets
// the page's calls wait for it, and tells why it cannot be.
func TestAgentIsStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.slow = 5 * time.Second
		a := open(t, w)
		began := time.Now()
		if answer, err := a.Call("counters", `["1"]`); err != nil || time.Since(began) != w.slow {
			t.Errorf("%s, %v after %v", answer, err, time.Since(began))
		}
		w.state(t, a, Running)
		if w.starts != 1 || !slices.Equal(w.told, []string{Running}) {
			t.Errorf("started %d times, told %v", w.starts, w.told)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.broken = &portolan.Fault{Kind: portolan.Failed, Code: "home-in-use", Message: "in use"}
		a := open(t, w)
		for range 2 { // the reason stays, and nothing is started again by itself
			if s := w.state(t, a, Stopped); code(t, errors.New(s.Fault)) != "home-in-use" || w.starts != 1 {
				t.Errorf("%+v after %d starts", s, w.starts)
			}
		}
		if _, err := a.Call("counters", `["1"]`); code(t, err) != "not-running" {
			t.Error(err)
		}
		if err := a.RestartAgent(); code(t, err) != "home-in-use" {
			t.Error(err)
		}
		w.broken = nil
		if err := a.RestartAgent(); err != nil {
			t.Error(err)
		}
		if s := w.state(t, a, Running); s.Fault != "" {
			t.Errorf("%+v", s)
		}
	})
}

// TestAgentDies holds that a window outlives its agent, says so, finds a new one,
// and starts one when it is told to.
func TestAgentDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.up(api.Version{Version: "mine", API: level, PID: 1})
		a := open(t, w)
		w.state(t, a, Running)
		w.kill()
		if s := w.state(t, a, Stopped); s.Version != "mine" {
			t.Errorf("%+v", s)
		}
		w.up(api.Version{Version: "another", API: level, PID: 2})
		if s := w.state(t, a, Running); s.Version != "another" {
			t.Errorf("%+v", s)
		}
		w.kill()
		w.state(t, a, Stopped)
		w.slow = time.Second
		var pressed sync.WaitGroup
		for range 3 {
			pressed.Go(func() {
				if err := a.RestartAgent(); err != nil {
					t.Error(err)
				}
			})
		}
		pressed.Wait()
		w.state(t, a, Running)
		if want := []string{Running, Stopped, Running, Stopped, Starting, Running}; w.starts != 1 || !slices.Equal(w.told, want) {
			t.Errorf("%d starts, told %v, want %v", w.starts, w.told, want)
		}
	})
}

// TestOtherVersions holds that a window offers to end an older agent and starts
// its own, and ends none by itself.
func TestOtherVersions(t *testing.T) {
	for name, test := range map[string]struct {
		api   int
		lacks bool
		want  string
	}{"newer": {level + 1, false, Newer}, "older": {level - 1, false, Older}, "lacks a method": {level, true, Older}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.lacks = test.lacks
				w.up(api.Version{Version: "other", API: test.api, PID: 7})
				a := open(t, w)
				for range 2 {
					if s := w.state(t, a, test.want); s.Version != "other" || w.stops+w.starts != 0 {
						t.Errorf("%+v, %d stopped, %d started", s, w.stops, w.starts)
					}
				}
				w.lacks = false
				if err := a.RestartAgent(); err != nil || w.stops != 1 || w.starts != 1 {
					t.Errorf("%v, %d stopped, %d started", err, w.stops, w.starts)
				}
				w.state(t, a, Running)
			})
		})
	}
}

func TestRaised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.up(api.Version{API: level})
		a := open(t, w)
		for want := 1; want <= 2; want++ {
			w.raise <- ""
			w.state(t, a, Running)
			if w.fronts != want {
				t.Errorf("brought to the front %d times, want %d", w.fronts, want)
			}
		}
	})
}

// TestPage holds that a window that is raised for a page shows that one, once.
func TestPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.up(api.Version{API: level})
		a := open(t, w)
		w.raise <- "forward/1"
		w.state(t, a, Running)
		if page := a.Page(); w.turns != 1 || w.fronts != 1 || page != "forward/1" {
			t.Errorf("turned %d times, raised %d times, to %q", w.turns, w.fronts, page)
		}
		if page := a.Page(); page != "" {
			t.Errorf("%q is shown again", page)
		}
		w.raise <- ""
		w.state(t, a, Running)
		if w.turns != 1 || w.fronts != 2 {
			t.Error("another page was shown")
		}
	})
	if page := newApp(t.Context(), Config{Page: "settings"}, newWorld()).Page(); page != "settings" {
		t.Errorf("it opens at %q", page)
	}
}

// TestQuit holds that a window closes when its agent is quit, and stays when that
// is only stopped.
func TestQuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.up(api.Version{API: level})
		a := open(t, w)
		w.state(t, a, Running)
		w.kill()
		w.state(t, a, Stopped)
		if w.quits != 0 {
			t.Error("it closed with an agent that was stopped")
		}
		w.up(api.Version{API: level})
		w.state(t, a, Running)
		w.raise <- "quit"
		synctest.Wait()
		if w.quits != 1 {
			t.Errorf("closed %d times", w.quits)
		}
	})
}

// TestDeadPage holds that a window whose page does not answer gives way to another
// one, and that no other does.
func TestDeadPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.up(api.Version{API: level})
		a := open(t, w)
		raise := func(page func()) {
			w.page = page
			w.raise <- ""
			time.Sleep(2 * answer)
			synctest.Wait()
		}
		raise(nil)
		raise(a.Here)
		raise(func() { a.Here(); a.Here() })
		if w.another+w.quits != 0 {
			t.Errorf("a living page gave way %d times", w.another)
		}
		a.Here() // late, and to no question
		raise(func() {})
		if w.another != 1 || w.quits != 1 {
			t.Errorf("a dead page: %d others, closed %d times", w.another, w.quits)
		}
		w.broken = errors.New("no process")
		raise(func() {})
		if w.quits != 1 {
			t.Error("it was closed, and there is no other")
		}
	})
}

// TestInProcess is a window whose engine is its own.
func TestInProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.up(api.Version{Version: "new", API: level})
		a := open(t, w)
		w.state(t, a, Running)
		a.cfg.Agent = nil
		if err := a.RestartAgent(); code(t, err) != "agent-in-process" || w.starts+w.stops != 0 {
			t.Error(err)
		}
	})
}

func TestCall(t *testing.T) {
	w := newWorld()
	w.up(api.Version{API: level})
	ctx, closed := context.WithCancel(t.Context())
	a := newApp(ctx, Config{API: w, Home: t.TempDir()}, w)
	a.end(a.found(w.Version(ctx)))
	if answer, err := a.Call("counters", `["1"]`); err != nil || len(answer) == 0 || answer[0] != '[' {
		t.Errorf("%s, %v", answer, err)
	}
	for body, want := range map[string]string{`{`: "request-unreadable", `{}`: "request-unreadable"} {
		if _, err := a.Call("counters", body); code(t, err) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := a.Call("no/such", `{}`); code(t, err) != "request-unreadable" {
		t.Error(err)
	}
	closed()
	if _, err := a.Call("raised", `{}`); code(t, err) != "window-closed" {
		t.Error(err)
	}
}

func TestOpenURL(t *testing.T) {
	for address, want := range map[string]string{
		"https://github.com/acme/forwards/blob/main/a.json?x=1&y=2#L3": "https://github.com/acme/forwards/blob/main/a.json?x=1&y=2#L3",
		"http://127.0.0.1:8080/":           "http://127.0.0.1:8080/",
		"http://[::1]:8080/admin":          "http://[::1]:8080/admin",
		"http://127.0.0.1:8080/a(b);c~d|e": "http://127.0.0.1:8080/a%28b%29;c~d%7Ce",
		"HTTPS://GitHub.com":               "https://GitHub.com",
		"javascript:alert(1)":              "",
		"file:///etc/passwd":               "",
		"ftp://host/":                      "",
		"https://":                         "",
		"https:///path":                    "",
		"https://github.com@evil.example/": "",
		"https://host\n.example/":          "",
		"//host/":                          "",
		"-flag":                            "",
		"":                                 "",
	} {
		var opened []string
		browse := func(_ context.Context, address string) error {
			opened = append(opened, address)
			return nil
		}
		err := newApp(t.Context(), Config{Browse: browse}, newWorld()).OpenURL(address)
		if want == "" && (err == nil || code(t, err) != "address-refused" || opened != nil) {
			t.Errorf("%q: opened %v, %v", address, opened, err)
		}
		if want != "" && (err != nil || !slices.Equal(opened, []string{want})) {
			t.Errorf("%q: opened %v, %v; want %s", address, opened, err, want)
		}
	}
	broken := func(context.Context, string) error { return errors.New("no xdg-open") }
	for _, browse := range []func(context.Context, string) error{nil, broken} {
		if err := newApp(t.Context(), Config{Browse: browse}, newWorld()).OpenURL("http://[::1]:80/"); code(t, err) != "browser" {
			t.Error(err)
		}
	}
}

func TestCopyText(t *testing.T) {
	w := newWorld()
	a := newApp(t.Context(), Config{}, w)
	if err := a.CopyText("127.0.0.1:8080"); err != nil || !slices.Equal(w.copied, []string{"127.0.0.1:8080"}) {
		t.Errorf("copied %v, %v", w.copied, err)
	}
	w.broken = errors.New("no clipboard")
	if err := a.CopyText("x"); code(t, err) != "clipboard" {
		t.Error(err)
	}
}

// TestBackground holds that the next window begins in the colour of the page, also
// where this one is killed.
func TestBackground(t *testing.T) {
	w, home := newWorld(), t.TempDir()
	a := newApp(t.Context(), Config{Home: home}, w)
	a.Background(22, 27, 32)
	if want := [3]byte{22, 27, 32}; w.painted != want || readPlace(home).Background != want {
		t.Errorf("painted %v, kept %v", w.painted, readPlace(home).Background)
	}
}
