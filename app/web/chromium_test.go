package web

import (
	"context"
	"crypto/sha1" // RFC 6455 asks for it
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// chromium is the browser of the tests. In CI, on Linux, it must be there.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	if os.Getenv("CI") == "true" && runtime.GOOS == "linux" {
		t.Fatal("there is no Chromium")
	}
	t.Skip("there is no Chromium")
	return ""
}

// browse opens an address in a browser of its own until the test ends.
func browse(t *testing.T, address string) {
	t.Helper()
	profile, err := os.MkdirTemp("", "portolan-browser") // not the test's: what the browser's children still write must fail no test
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
		"--disable-popup-blocking", "--user-data-dir=" + profile,
		"--no-sandbox", address} // root and some systems have no sandbox; all pages here are the test's own
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, chromium(t), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait()
		_ = os.RemoveAll(profile)
	})
}

// signingIn is a page of ours: it signs in as the real one does, steers the engine,
// and goes on to the neighbour.
const signingIn = `
const code = location.hash.replace("#code=", "");
history.replaceState(null, "", "/");
const post = (path, body, headers) => fetch(path, {method: "POST", body: JSON.stringify(body), headers});
const answer = await (await post("/session", {code}, {})).json();
sessionStorage.setItem("secret", answer.secret);
await post("/api/page", {}, {Authorization: "Bearer " + sessionStorage.getItem("secret"), "Portolan-API": "2"});
location.href = (await (await fetch("/neighbour.json")).json()).address;
`

// neighbour is a web app behind a forward, on another port of 127.0.0.1, that tries
// what a page may try against another, and tells its own server what came of it.
const neighbour = `<!doctype html><title>A forwarded app</title><body><script type="module">
const portolan = "http://%[1]s";
const within = (ms, promise) => Promise.race([promise, new Promise(done => setTimeout(done, ms, "nothing"))]);
const element = (kind, set) => new Promise(done => {
  const e = document.createElement(kind);
  e.onload = () => done("loaded"); e.onerror = () => done("refused");
  Object.assign(e, set); document.body.append(e);
});
const attacks = {
  fetch: () => fetch(portolan + "/api/fetch", {method: "POST", mode: "no-cors", body: "{}"}).then(() => "sent", () => "refused"),
  read: () => fetch(portolan + "/").then(r => r.text(), () => "refused"),
  header: () => fetch(portolan + "/api/header", {method: "POST", body: "{}", headers: {"Portolan-API": "2"}}).then(() => "sent", () => "refused"),
  img: () => element("img", {src: portolan + "/icon.svg"}),
  script: async () => { await element("script", {src: portolan + "/theirs.js"}); return window.taken ?? "refused"; },
  form: async () => {
    const frame = element("iframe", {name: "sink"});
    await frame;
    const form = document.createElement("form");
    Object.assign(form, {method: "post", action: portolan + "/api/form", enctype: "text/plain", target: "sink"});
    document.body.append(form); form.submit();
    await new Promise(done => setTimeout(done, 1000));
    return "sent";
  },
  frame: () => element("iframe", {src: portolan + "/framed.html"}),
  window: async () => { window.open(portolan + "/opened.html"); await new Promise(done => setTimeout(done, 1000)); return "sent"; },
  socket: () => new Promise(done => {
    const s = new WebSocket(portolan.replace("http", "ws") + "/api/socket");
    s.onmessage = m => done(m.data); s.onerror = () => done("refused");
  }),
};
const log = {};
for (const [name, attack] of Object.entries(attacks)) log[name] = await within(5000, attack());
await fetch("/log", {method: "POST", body: JSON.stringify(log)});
</script>`

// street is a browser between Portolan and a web app on another port.
type street struct {
	mu      sync.Mutex
	reached map[string]bool     // requests that came through the guard, by path
	heard   []string            // headers that the neighbour got
	log     map[string]string   // what the neighbour's page tells
	secrets map[string]struct{} // that must not be heard
	done    chan struct{}
}

func (s *street) reach(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reached[path] = true
}

// ServeHTTP is the engine behind the guard: it notes what comes, and speaks
// WebSocket, as one might some day.
func (s *street) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.reach(r.URL.Path)
	key := r.Header.Get("Sec-WebSocket-Key")
	if key == "" {
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = fmt.Fprintf(buffered, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n\x81\x04view",
		base64.StdEncoding.EncodeToString(sum[:]))
	_ = buffered.Flush()
	_, _ = io.Copy(io.Discard, conn)
}

// walk lets a browser sign in to Portolan and then visit the neighbour, and returns
// when the neighbour's page has told what it got.
func walk(t *testing.T, off protection, cookie bool) *street {
	t.Helper()
	s := &street{reached: map[string]bool{}, secrets: map[string]struct{}{}, done: make(chan struct{})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	forwarded := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.heard = append(s.heard, fmt.Sprint(r.Header))
		if r.URL.Path != "/log" {
			_, _ = fmt.Fprintf(w, neighbour, l.Addr())
			return
		}
		if json.NewDecoder(r.Body).Decode(&s.log) == nil {
			close(s.done)
		}
	}))
	t.Cleanup(forwarded.Close)

	found, err := readPages(fstest.MapFS{
		"index.html":     {Data: []byte(`<!doctype html><html><head></head><script type="module" src="./app.js"></script></html>`)},
		"app.js":         {Data: []byte(signingIn)},
		"neighbour.json": {Data: fmt.Appendf(nil, `{"address": %q}`, forwarded.URL)},
		"icon.svg":       {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>`)},
		"theirs.js":      {Data: []byte(`window.taken = "ran"`)},
		"framed.html":    {Data: []byte("framed")},
		"opened.html":    {Data: []byte("opened")},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := namesOf(l.Addr().(*net.TCPAddr).AddrPort(), nil)
	site := &Site{listener: l, origin: "http://" + n.first(), pages: found,
		guard: &guard{scheme: "http", knows: n.include, keys: &keys{off: off}, off: off}}
	guarded := site.guard.around(site.pages, s, func(*http.Request, *refusal) {})
	server := &httptest.Server{Listener: l, Config: &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			w = &listening{ResponseWriter: w, s: s, path: r.URL.Path, cookie: cookie}
			guarded.ServeHTTP(w, r)
		})}}
	server.Start()
	t.Cleanup(server.Close)
	browse(t, site.Link())
	select {
	case <-s.done:
	case <-time.After(90 * time.Second):
		t.Fatalf("the neighbour's page does not tell; the engine was asked for %v", s.reached)
	}
	return s
}

// listening notes which pages were served, and the secrets that were given; with
// cookie it gives them as a cookie too, which the program never does.
type listening struct {
	http.ResponseWriter
	s      *street
	path   string
	cookie bool
	status int
}

func (l *listening) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func (l *listening) WriteHeader(status int) {
	l.status = status
	if l.path == "/session" && l.cookie {
		l.Header().Set("Set-Cookie", "portolan=cookie-of-portolan; HttpOnly; SameSite=Strict")
	}
	l.ResponseWriter.WriteHeader(status)
}

func (l *listening) Write(data []byte) (int, error) {
	if l.status == http.StatusOK {
		l.s.reach(l.path)
	}
	var given struct{ Secret string }
	if l.path == "/session" && json.Unmarshal(data, &given) == nil {
		l.s.mu.Lock()
		l.s.secrets[given.Secret] = struct{}{}
		l.s.mu.Unlock()
	}
	return l.ResponseWriter.Write(data)
}

// TestNeighbour has a real browser sign in and then visit a web app on another port
// of 127.0.0.1, which tries to get at Portolan: first where nothing guards it, then
// as it is.
func TestNeighbour(t *testing.T) {
	chromium(t)
	attempts := []string{"/fetch", "/form", "/socket", "/header", "/icon.svg", "/theirs.js", "/framed.html", "/opened.html"}
	t.Run("unguarded", func(t *testing.T) {
		s := walk(t, everything, true)
		t.Logf("its page got %v", s.log)
		for _, path := range []string{"/fetch", "/form", "/socket", "/icon.svg", "/theirs.js", "/framed.html", "/opened.html"} {
			if !s.reached[path] {
				t.Errorf("%s does not come through: the test shows nothing", path)
			}
		}
		for name, want := range map[string]string{"img": "loaded", "script": "ran", "socket": "view"} {
			if s.log[name] != want {
				t.Errorf("%s got %q, not %q: the test shows nothing", name, s.log[name], want)
			}
		}
		if !strings.Contains(strings.Join(s.heard, ""), "cookie-of-portolan") {
			t.Errorf("a cookie of Portolan's does not reach the neighbour: the test shows nothing: %v", s.heard)
		}
	})
	t.Run("guarded", func(t *testing.T) {
		s := walk(t, 0, false)
		t.Logf("its page got %v", s.log)
		if !s.reached["/page"] {
			t.Error("our own page does not get through")
		}
		for _, path := range attempts {
			if s.reached[path] {
				t.Errorf("%s gets through", path)
			}
		}
		want := map[string]string{"read": "refused", "header": "refused", "img": "refused", "script": "refused", "socket": "refused"}
		got := maps.Clone(s.log)
		maps.DeleteFunc(got, func(name, _ string) bool { return want[name] == "" })
		if !maps.Equal(got, want) {
			t.Errorf("its page got %v", got)
		}
		heard := strings.Join(s.heard, "\n")
		if len(s.secrets) != 1 {
			t.Fatalf("%d sessions were opened", len(s.secrets))
		}
		for secret := range s.secrets {
			if secret == "" || strings.Contains(heard, secret) || strings.Contains(heard, "Cookie") || strings.Contains(heard, "#code") {
				t.Errorf("the neighbour hears something of Portolan's:\n%s", heard)
			}
		}
	})
}
