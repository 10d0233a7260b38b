package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// echo is an engine that tells which method was called with what.
type echo struct {
	api.API // a method that a test does not expect panics
	called  func(method string, args ...any)
	fault   error
}

func (e *echo) Version(context.Context) (api.Version, error) {
	if e.called != nil {
		e.called("Version")
	}
	return api.Version{Version: "1.2.3", API: api.Level, PID: 42}, nil
}

func (e *echo) View(context.Context) (portolan.View, error) {
	e.called("View")
	return portolan.View{Revision: 7, Forwards: fleet}, e.fault
}

func (e *echo) Changes(ctx context.Context, since int64) (portolan.Changes, error) {
	e.called("Changes", since)
	<-ctx.Done()
	return portolan.Changes{}, ctx.Err()
}

func (e *echo) Counters(_ context.Context, ids []portolan.ID) ([]portolan.Counters, error) {
	e.called("Counters", ids)
	return []portolan.Counters{{ID: "1", Received: 5}}, e.fault
}

func (e *echo) Edit(_ context.Context, id portolan.ID, fields api.Fields, here bool) (portolan.ForwardView, error) {
	e.called("Edit", id, string(fields["local_port"]), here)
	return fleet[0], e.fault
}

func (e *echo) SignIn(_ context.Context, in api.SignIn) (portolan.Host, error) {
	e.called("SignIn", in)
	return portolan.Host{Host: in.Host, Login: "ada"}, e.fault
}

func (e *echo) Export(_ context.Context, sel api.Selection) ([]byte, error) {
	e.called("Export", sel)
	return []byte("[\xff]"), e.fault
}

func (e *echo) Revoke(_ context.Context, source, effect, value string) error {
	e.called("Revoke", source, effect, value)
	return e.fault
}

func (e *echo) SetSetting(_ context.Context, name, value string) (portolan.Setting, error) {
	e.called("SetSetting", name, value)
	return portolan.Setting{Name: name, Value: value}, e.fault
}

func (e *echo) History(_ context.Context, source string, limit int) ([]api.Revision, error) {
	e.called("History", source, limit)
	return []api.Revision{{Number: 4}}, e.fault
}

func (e *echo) Look(_ context.Context, add api.AddSource) (api.Access, error) {
	e.called("Look", add)
	return api.Access{Login: "ada", DefaultBranch: "main"}, e.fault
}

func (e *echo) Pause(_ context.Context, on bool) error {
	e.called("Pause", on)
	return e.fault
}

func (e *echo) SetFavourite(_ context.Context, id portolan.ID, on bool) error {
	e.called("SetFavourite", id, on)
	return e.fault
}

func (e *echo) OrderFavourites(_ context.Context, ids []portolan.ID) error {
	e.called("OrderFavourites", ids)
	return e.fault
}

func (e *echo) Undo(_ context.Context, id string) error {
	e.called("Undo", id)
	return e.fault
}

func (e *echo) Events(_ context.Context, id portolan.ID) ([]portolan.Event, error) {
	e.called("Events", id)
	return []portolan.Event{{Text: "x"}}, e.fault
}

func (e *echo) Kubectl(_ context.Context, id portolan.ID) (string, error) {
	e.called("Kubectl", id)
	return "kubectl", e.fault
}

func (e *echo) Targets(_ context.Context, q portolan.TargetQuery) (portolan.Targets, error) {
	e.called("Targets", q)
	return portolan.Targets{Names: []string{"a"}}, e.fault
}

func (e *echo) RevisionRows(_ context.Context, source string, number uint64) ([]portolan.Row, error) {
	e.called("RevisionRows", source, number)
	return []portolan.Row{{Key: "a"}}, e.fault
}

func (e *echo) SetLogLevel(_ context.Context, level string) error {
	e.called("SetLogLevel", level)
	return e.fault
}

func (e *echo) Raise(_ context.Context, page string) (bool, error) {
	e.called("Raise", page)
	return true, e.fault
}

func (e *echo) Raised(context.Context) (string, error) {
	e.called("Raised")
	return "settings", e.fault
}

func (e *echo) Shutdown(context.Context) error {
	e.called("Shutdown")
	return e.fault
}

func (e *echo) Quit(context.Context) error {
	e.called("Quit")
	return e.fault
}

func (e *echo) RemoveSource(_ context.Context, name string, keep bool) error {
	e.called("RemoveSource", name, keep)
	return e.fault
}

// serve runs a server over a real socket and returns its client and path.
func serve(t *testing.T, a api.API) (*api.Client, string) {
	t.Helper()
	path := serveLevel(t, api.Level, a)
	return api.NewClient(path), path
}

func serveLevel(t *testing.T, level int, a api.API) string {
	t.Helper()
	path := api.SocketPath(t.TempDir())
	l, err := api.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.ServeLevel(ctx, l, a, level, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return path
}

func TestMethodsCrossTheSocket(t *testing.T) {
	var got []any
	client, _ := serve(t, &echo{called: func(m string, args ...any) { got = append([]any{m}, args...) }})
	ctx := t.Context()
	expect := func(want ...any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("called %v, want %v", got, want)
		}
	}

	view, err := client.View(ctx)
	if err != nil || view.Revision != 7 || len(view.Forwards) != len(fleet) || view.Forwards[2].Entry.Alias != "db" {
		t.Errorf("View: %+v, %v", view, err)
	}
	expect("View")

	if c, err := client.Counters(ctx, []portolan.ID{"1", "3"}); err != nil || len(c) != 1 || c[0].Received != 5 {
		t.Errorf("Counters: %+v, %v", c, err)
	}
	expect("Counters", []portolan.ID{"1", "3"})

	if f, err := client.Edit(ctx, "1", api.Fields{"local_port": json.RawMessage("8080")}, true); err != nil || f.ID != "1" {
		t.Errorf("Edit: %+v, %v", f, err)
	}
	expect("Edit", portolan.ID("1"), "8080", true)

	in := api.SignIn{Host: "github.com", Token: "t0p", ThisRun: true}
	if h, err := client.SignIn(ctx, in); err != nil || h.Login != "ada" {
		t.Errorf("SignIn: %+v, %v", h, err)
	}
	expect("SignIn", in)

	if data, err := client.Export(ctx, api.Selection{All: true}); err != nil || string(data) != "[\xff]" {
		t.Errorf("Export: %q, %v", data, err)
	}
	if err := client.RemoveSource(ctx, "team", true); err != nil {
		t.Error(err)
	}
	expect("RemoveSource", "team", true)
	if err := client.Revoke(ctx, "team", "bind-address", "0.0.0.0"); err != nil {
		t.Error(err)
	}
	expect("Revoke", "team", "bind-address", "0.0.0.0")
	if s, err := client.SetSetting(ctx, "hold", "1m"); err != nil || s.Value != "1m" {
		t.Errorf("SetSetting: %+v, %v", s, err)
	}
	expect("SetSetting", "hold", "1m")
	if h, err := client.History(ctx, "team", 5); err != nil || len(h) != 1 || h[0].Number != 4 {
		t.Errorf("History: %+v, %v", h, err)
	}
	expect("History", "team", 5)
}

// TestDesktopMethodsCrossTheSocket is the same for what the window asks.
func TestDesktopMethodsCrossTheSocket(t *testing.T) {
	var got []any
	client, _ := serve(t, &echo{called: func(m string, args ...any) { got = append([]any{m}, args...) }})
	ctx := t.Context()
	add := api.AddSource{Repository: "acme/forwards", Config: portolan.SourceConfig{Name: "team"}}
	query := portolan.TargetQuery{Context: "c", Namespace: "n", Kind: portolan.Pod, Name: "p"}
	for _, call := range []struct {
		method string
		args   []any
		make   func() (answer any, err error)
		want   any
	}{
		{"Look", []any{add}, func() (any, error) { return client.Look(ctx, add) }, api.Access{Login: "ada", DefaultBranch: "main"}},
		{"Pause", []any{true}, func() (any, error) { return nil, client.Pause(ctx, true) }, nil},
		{"SetFavourite", []any{portolan.ID("1"), true}, func() (any, error) { return nil, client.SetFavourite(ctx, "1", true) }, nil},
		{"OrderFavourites", []any{[]portolan.ID{"2", "1"}}, func() (any, error) { return nil, client.OrderFavourites(ctx, []portolan.ID{"2", "1"}) }, nil},
		{"Undo", []any{"u"}, func() (any, error) { return nil, client.Undo(ctx, "u") }, nil},
		{"Events", []any{portolan.ID("1")}, func() (any, error) { return client.Events(ctx, "1") }, []portolan.Event{{Text: "x"}}},
		{"Kubectl", []any{portolan.ID("1")}, func() (any, error) { return client.Kubectl(ctx, "1") }, "kubectl"},
		{"Targets", []any{query}, func() (any, error) { return client.Targets(ctx, query) }, portolan.Targets{Names: []string{"a"}}},
		{"RevisionRows", []any{"team", uint64(4)}, func() (any, error) { return client.RevisionRows(ctx, "team", 4) }, []portolan.Row{{Key: "a"}}},
	} {
		answer, err := call.make()
		if err != nil || !reflect.DeepEqual(answer, call.want) {
			t.Errorf("%s: %+v, %v", call.method, answer, err)
		}
		if want := append([]any{call.method}, call.args...); !reflect.DeepEqual(got, want) {
			t.Errorf("called %v, want %v", got, want)
		}
	}
}

func TestFaultCrossesUnchanged(t *testing.T) {
	fault := &portolan.Fault{Kind: portolan.SignIn, Code: "github-unauthorized", Message: "m", Hint: "h",
		Retry:    time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Problems: []portolan.Problem{{File: "dev.json", Position: portolan.Position{Line: 3, Column: 4}}}}
	client, _ := serve(t, &echo{called: func(string, ...any) {}, fault: fault})
	_, err := client.View(t.Context())
	var got *portolan.Fault
	if !errors.As(err, &got) || !reflect.DeepEqual(got, fault) {
		t.Errorf("got %+v, want %+v", got, fault)
	}
}

func TestLongPollEndsWithItsCaller(t *testing.T) {
	entered := make(chan struct{})
	client, _ := serve(t, &echo{called: func(string, ...any) { close(entered) }})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	if _, err := client.Changes(ctx, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNothingRunning(t *testing.T) {
	_, err := api.NewClient(filepath.Join(t.TempDir(), "s")).View(t.Context())
	if f := portolan.AsFault(err); f.Kind != portolan.Unavailable || f.Code != "not-running" || !strings.Contains(f.Hint, "portolan serve") {
		t.Errorf("got %+v", f)
	}
}

// TestHandshake lets this client meet engines of other levels, and of its own
// with fewer methods: each time it is said which of the two is older, and what to
// do.
func TestHandshake(t *testing.T) {
	for _, tt := range []struct {
		name        string
		level       int
		method      func(*api.Client) error
		code        string
		says, hints string
	}{
		{"older engine", api.Level - 1, look, "engine-older", "(1.2.3, pid 42) is older than this program", "portolan agent start"},
		{"newer engine", api.Level + 1, look, "engine-newer", "(1.2.3, pid 42) is newer than this program", "update this program"},
		{"older engine, new method", api.Level - 1, invented, "engine-older", "is older than this program", "portolan agent start"},
		{"newer engine, method that is gone", api.Level + 1, invented, "engine-newer", "is newer than this program", "update this program"},
		{"new method of this level", api.Level, invented, "engine-older", `does not know "/invented"`, "portolan agent start"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := serveLevel(t, tt.level, &echo{})
			f := portolan.AsFault(tt.method(api.NewClient(path)))
			if f == nil || f.Code != tt.code || !strings.Contains(f.Message, tt.says) || !strings.Contains(f.Hint, tt.hints) {
				t.Errorf("got %+v", f)
			}
			if v, err := api.NewClient(path).Version(t.Context()); err != nil || v.PID != 42 {
				t.Errorf("its version: %+v, %v", v, err)
			}
		})
	}
}

func look(c *api.Client) error {
	_, err := c.View(context.Background())
	return err
}

func invented(c *api.Client) error { return c.Order(context.Background(), "invented") }

// An answer that is none of Portolan's is said to be one.
func TestSomethingElseAnswers(t *testing.T) {
	path := api.SocketPath(t.TempDir())
	l, err := api.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	other := http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	go func() { _ = other.Serve(l) }()
	defer other.Close()
	if f := portolan.AsFault(look(api.NewClient(path))); f == nil || f.Code != "answer-unreadable" || !strings.Contains(f.Message, "404") {
		t.Errorf("got %+v", f)
	}
}

// TestAnyLevelMayStop holds that a program of any version can ask which one runs,
// and end it.
func TestAnyLevelMayStop(t *testing.T) {
	var got []string
	_, path := serve(t, &echo{called: func(method string, _ ...any) { got = append(got, method) }})
	other := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	for _, method := range []string{"version", "shutdown"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://portolan/"+method, strings.NewReader("{}"))
		req.Header.Set("Portolan-API", "999")
		resp, err := other.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", method, resp.Status)
		}
	}
	if want := []string{"Version", "Shutdown"}; !reflect.DeepEqual(got, want) {
		t.Errorf("called %v, want %v", got, want)
	}
}

func TestSocketIsPrivate(t *testing.T) {
	_, path := serve(t, &echo{})
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want && os.PathSeparator == '/' {
			t.Errorf("%s has mode %o, want %o", p, got, want)
		}
	}
}

// TestHomeThatIsNone holds that nobody is suspected where nobody can listen.
func TestHomeThatIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, home := range []string{file, filepath.Join(file, "home"), filepath.Join(file+"none", "home")} {
		_, err := api.NewClient(filepath.Join(home, "s")).Version(t.Context())
		if code := portolan.AsFault(err).Code; code != "not-running" {
			t.Errorf("%s: %v", home, err)
		}
	}
}

// TestStrangersSocketGetsNoToken stands for another user of the machine who waits
// in the engine's place, where the directory lets them.
func TestStrangersSocketGetsNoToken(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("SKIPPED: this system has no modes; the inherited access list keeps others out")
	}
	dir, err := os.MkdirTemp("", "s") // mode 0700, and short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	stranger, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	visits := make(chan struct{}, 1)
	go func() {
		for {
			conn, err := stranger.Accept()
			if err != nil {
				return
			}
			visits <- struct{}{}
			conn.Close()
		}
	}()
	ask := func() error {
		_, err := api.NewClient(path).SignIn(t.Context(), api.SignIn{Host: "github.com", Token: "secret"})
		return err
	}
	if err := ask(); portolan.AsFault(err).Code != "connection-lost" {
		t.Fatalf("in a private directory: %v", err)
	}
	<-visits
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	err = ask()
	if f := portolan.AsFault(err); f == nil || f.Code != "socket-not-private" || f.Hint == "" {
		t.Errorf("where others may write: %v", err)
	}
	if os.Chown(dir, os.Getuid()+1, -1) == nil { // as root only
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if f := portolan.AsFault(ask()); f == nil || f.Code != "socket-not-private" {
			t.Errorf("in another user's directory: %v", f)
		}
	}
	if len(visits) > 0 {
		t.Error("the stranger was asked")
	}
}

func TestListenReplacesADeadSocket(t *testing.T) {
	path := api.SocketPath(t.TempDir())
	first, err := api.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	first.(*net.UnixListener).SetUnlinkOnClose(false) // as after kill -9
	_ = first.Close()
	second, err := api.Listen(path)
	if err != nil {
		t.Fatalf("a socket left behind blocks the next start: %v", err)
	}
	_ = second.Close()
}

func TestSocketPathFits(t *testing.T) {
	for _, home := range []string{"/h", "/" + strings.Repeat("long/", 60)} {
		if p := api.SocketPath(home); len(p) > 104 {
			t.Errorf("%s: %d bytes", p, len(p))
		}
	}
}
