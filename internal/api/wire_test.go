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

func (e *echo) View(context.Context) (portolan.View, error) {
	e.called("View")
	return portolan.View{Revision: 7, Forwards: fleet}, e.fault
}

func (e *echo) Changes(ctx context.Context, since int64) (portolan.View, error) {
	e.called("Changes", since)
	<-ctx.Done()
	return portolan.View{}, ctx.Err()
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

func (e *echo) RemoveSource(_ context.Context, name string, keep bool) error {
	e.called("RemoveSource", name, keep)
	return e.fault
}

// serve runs a server over a real socket and returns its client and path.
func serve(t *testing.T, a api.API) (*api.Client, string) {
	t.Helper()
	path := api.SocketPath(t.TempDir())
	l, err := api.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.Serve(ctx, l, a, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return api.NewClient(path), path
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

func TestAnotherLevelIsRefused(t *testing.T) {
	_, path := serve(t, &echo{})
	old := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	for _, header := range []string{"", "0", "2"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://portolan/view", strings.NewReader("{}"))
		req.Header.Set("Portolan-API", header)
		resp, err := old.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var fault portolan.Fault
		err = json.NewDecoder(resp.Body).Decode(&fault)
		_ = resp.Body.Close()
		if err != nil || fault.Code != "api-mismatch" {
			t.Errorf("level %q: %+v, %v", header, fault, err)
		}
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
