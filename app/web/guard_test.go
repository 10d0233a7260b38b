package web

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// everything is a guard that guards nothing.
const everything = hostCheck | siteCheck | originCheck | secretCheck | once | expiry | fewTries | policies

const (
	ownHost   = "127.0.0.1:7979"
	ownOrigin = "http://" + ownHost
)

// steered is an engine that remembers whether it was steered.
type steered struct {
	api.API
	mu      sync.Mutex
	started []string
}

func (e *steered) Version(context.Context) (api.Version, error) {
	return api.Version{Version: "1.2.3"}, nil
}

func (e *steered) View(context.Context) (portolan.View, error) {
	return portolan.View{Revision: 42}, nil
}

func (e *steered) Start(_ context.Context, sel api.Selection) ([]portolan.ForwardView, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.started = append(e.started, sel.Names...)
	return nil, nil
}

func (e *steered) was() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.started
}

// desk is a site that is asked without a network.
type desk struct {
	*Site
	engine *steered
}

// newDesk is a site on ownHost in which some layers do not hold.
func newDesk(t *testing.T, off protection) *desk {
	t.Helper()
	found, err := readPages(fstest.MapFS{
		"index.html":      {Data: []byte("<!doctype html><head><title>P</title></head>")},
		"assets/app-1.js": {Data: []byte("start()")},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := namesOf(netip.MustParseAddrPort(ownHost), nil)
	return &desk{
		Site: &Site{origin: ownOrigin, pages: found,
			guard: &guard{scheme: "http", knows: n.include, keys: &keys{off: off}, off: off}},
		engine: &steered{},
	}
}

// ask sends one request: POST where there is a body, GET else. Headers are "Name: value".
func (d *desk) ask(path, body string, headers ...string) *http.Response {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, "http://"+ownHost+"/", strings.NewReader(body))
	r.URL.Path = path
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	d.handler(d.engine, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	return w.Result()
}

// What the page itself sends, and the version of the wire.
const (
	origin = "Origin: " + ownOrigin
	same   = "Sec-Fetch-Site: same-origin"
	level  = "Portolan-API: 2"
)

// code is that of a new link.
func (d *desk) code() string {
	_, code, _ := strings.Cut(d.Link(), "#code=")
	return code
}

// exchange is what the page does first; "" where it is refused.
func (d *desk) exchange(t *testing.T, code string) (secret string) {
	t.Helper()
	resp := d.ask("/session", `{"code":"`+code+`"}`, origin, same)
	var out struct{ Secret string }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	if (resp.StatusCode == http.StatusOK) != (out.Secret != "") {
		t.Fatalf("%s, and a secret of %d characters", resp.Status, len(out.Secret))
	}
	return out.Secret
}

// steers asks the engine to start something and reports whether it did.
func (d *desk) steers(headers ...string) bool {
	before := len(d.engine.was())
	d.ask("/api/start", `{"names":["production/db"]}`, append(headers, level)...)
	return len(d.engine.was()) > before
}

func TestSession(t *testing.T) {
	d := newDesk(t, 0)
	secret := d.exchange(t, d.code())
	if len(secret) < 26 { // of 5 bits each
		t.Fatalf("the secret has %d characters", len(secret))
	}
	if !d.steers(origin, same, "Authorization: Bearer "+secret) {
		t.Error("a page that is signed in cannot start a forward")
	}
	resp := d.ask("/api/view", `{}`, origin, same, level, "Authorization: Bearer "+secret)
	var view portolan.View
	if err := json.NewDecoder(resp.Body).Decode(&view); err != nil || view.Revision != 42 {
		t.Errorf("the view: %s, %v", resp.Status, err)
	}
	if !d.steers("Host: localhost:7979", "Origin: http://localhost:7979", "Authorization: Bearer "+secret) {
		t.Error("a browser that says no Sec-Fetch-Site, under the name localhost, is refused")
	}
	if newDesk(t, 0).steers(origin, same, "Authorization: Bearer "+secret) {
		t.Error("a session outlives its process")
	}
}

// attack is something that a page, a program or a person with bad intent tries.
type attack struct {
	name   string
	layers protection // each of which is enough against it

	// succeeds tries it and reports whether it worked.
	succeeds func(t *testing.T, d *desk) bool
}

var attacks = []attack{
	{"no secret", secretCheck, func(_ *testing.T, d *desk) bool {
		return d.steers(origin, same)
	}},
	{"a guessed secret", secretCheck, func(t *testing.T, d *desk) bool {
		d.exchange(t, d.code())
		return d.steers(origin, same, "Authorization: Bearer "+strings.Repeat("A", 26))
	}},
	{"an empty secret", secretCheck, func(_ *testing.T, d *desk) bool {
		return d.steers(origin, same, "Authorization: Bearer ")
	}},
	{"the secret in a cookie", secretCheck, func(t *testing.T, d *desk) bool {
		return d.steers(origin, same, "Cookie: secret="+d.exchange(t, d.code()))
	}},
	{"a replayed code", once, func(t *testing.T, d *desk) bool {
		code := d.code()
		d.exchange(t, code)
		return d.exchange(t, code) != ""
	}},
	{"a code of an hour ago", expiry, func(t *testing.T, d *desk) bool {
		code := d.code()
		time.Sleep(time.Hour)
		return d.exchange(t, code) != ""
	}},
	{"codes tried one after the other", fewTries, func(t *testing.T, d *desk) bool {
		code := d.code()
		for range maxWrong {
			d.exchange(t, "AAAAAAAAAAAAAAAAAAAAAAAAAA")
		}
		return d.exchange(t, code) != ""
	}},
	{"DNS rebinding reads a page", hostCheck, func(_ *testing.T, d *desk) bool {
		return d.ask("/", "", "Host: evil.example:7979", same).StatusCode == http.StatusOK
	}},
	{"DNS rebinding steers", hostCheck | secretCheck, func(_ *testing.T, d *desk) bool {
		return d.steers("Host: evil.example:7979", "Origin: http://evil.example:7979", same)
	}},
	{"a page of the internet posts", siteCheck | originCheck | secretCheck, func(_ *testing.T, d *desk) bool {
		return d.steers("Origin: https://evil.example", "Sec-Fetch-Site: cross-site")
	}},
	{"another port of 127.0.0.1 posts", siteCheck | originCheck | secretCheck, func(_ *testing.T, d *desk) bool {
		return d.steers("Origin: http://127.0.0.1:8080", "Sec-Fetch-Site: same-site")
	}},
	{"another port with a stolen secret, in an old browser", originCheck, func(t *testing.T, d *desk) bool {
		return d.steers("Origin: http://127.0.0.1:8080", "Authorization: Bearer "+d.exchange(t, d.code()))
	}},
	{"a sandboxed frame with a stolen secret", originCheck, func(t *testing.T, d *desk) bool {
		return d.steers("Origin: null", "Authorization: Bearer "+d.exchange(t, d.code()))
	}},
	{"a POST without an Origin", originCheck, func(t *testing.T, d *desk) bool {
		return d.steers("Authorization: Bearer " + d.exchange(t, d.code()))
	}},
	{"another port embeds a file", siteCheck, func(_ *testing.T, d *desk) bool {
		return d.ask("/assets/app-1.js", "", "Sec-Fetch-Site: same-site").StatusCode == http.StatusOK
	}},
	{"another port opens a WebSocket", originCheck | secretCheck, func(_ *testing.T, d *desk) bool {
		resp := d.ask("/api/view", "", "Origin: http://127.0.0.1:8080", "Connection: Upgrade", "Upgrade: websocket")
		return resp.StatusCode == http.StatusUnprocessableEntity // the engine's own answer: it was reached
	}},
	{"a guessed path", secretCheck, func(_ *testing.T, d *desk) bool {
		for _, path := range []string{"/api/view", "/api//view", "/api/./view", "/api/../api/view", "/api/no-such"} {
			if d.ask(path, "{}", origin, same, level).StatusCode != http.StatusUnauthorized {
				return true
			}
		}
		return false
	}},
	{"an answer without a policy", policies, func(_ *testing.T, d *desk) bool {
		for _, path := range []string{"/", "/assets/app-1.js", "/no-such", "/api/view"} {
			h := d.ask(path, "", same).Header
			if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") ||
				!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
				h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
				h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Cross-Origin-Opener-Policy") != "same-origin" {
				return true
			}
		}
		return false
	}},
}

// TestAttacks shows each attack succeed where nothing is guarded against it, and
// fail against each of the layers that are, alone and together.
func TestAttacks(t *testing.T) {
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			try := func(off protection) (succeeded bool) {
				synctest.Test(t, func(t *testing.T) { succeeded = a.succeeds(t, newDesk(t, off)) })
				return succeeded
			}
			if !try(a.layers) {
				t.Error("it does not succeed with its protection off: the test shows nothing")
			}
			if try(0) {
				t.Error("it succeeds")
			}
			for layer := protection(1); layer <= everything; layer <<= 1 {
				if a.layers.has(layer) && try(a.layers&^layer) {
					t.Errorf("layer %b alone does not stop it", layer)
				}
			}
		})
	}
}

// TestGuessedFile compares our table of files with a server of files, which the
// same requests get a listing from.
func TestGuessedFile(t *testing.T) {
	d := newDesk(t, 0)
	plain := httptest.NewServer(http.FileServerFS(fstest.MapFS{"assets/app-1.js": {Data: []byte("start()")}}))
	defer plain.Close()
	resp, err := plain.Client().Get(plain.URL + "/assets/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if listing, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(listing), "app-1.js") {
		t.Fatalf("a server of files lists none: %s, %v", listing, err)
	}
	for _, path := range []string{"/assets/", "/assets", "/..", "/../go.mod", "/assets/../../go.mod", "//etc/passwd", "/.gitkeep", "/debug/pprof/", "/session"} {
		if resp := d.ask(path, "", same); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}

// TestProductionIsGuarded holds that what the program itself makes has every layer.
func TestProductionIsGuarded(t *testing.T) {
	s, err := Listen(Options{Address: "127.0.0.1:0"}, fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.guard.off != 0 || s.guard.keys.off != 0 {
		t.Error("a layer is off")
	}
}
