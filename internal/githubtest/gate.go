package githubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// gate is the HTTP side of the real GitHub in front of the emulator.
type gate struct {
	back   *url.URL // of the emulator; set before the first request
	closed chan struct{}

	mu     sync.Mutex
	log    []Request
	faults []*injected
	used   map[string]int    // token -> requests of this hour
	moved  map[string]int64  // old owner/name -> number
	names  map[int64]string  // number -> owner/name now
	expiry map[string]string // token -> when it ends, as GitHub writes it
}

type injected struct {
	part  string
	fault Fault
}

func newGate() *gate {
	return &gate{
		closed: make(chan struct{}),
		used:   map[string]int{}, moved: map[string]int64{}, names: map[int64]string{}, expiry: map[string]string{},
	}
}

func (g *gate) close() { close(g.closed) }

func (g *gate) requests() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.log)
}

func (g *gate) inject(part string, f Fault) (remove func()) {
	in := &injected{part, f}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = append([]*injected{in}, g.faults...)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.faults = slices.DeleteFunc(g.faults, func(i *injected) bool { return i == in })
	}
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.RequestURI(), "/api/v3/")
	if !ok {
		http.NotFound(w, r)
		return
	}
	entry := Request{Method: r.Method, Path: path, Token: bearer(r), Header: r.Header.Clone()}
	seen := &statusWriter{ResponseWriter: w, status: &entry.Status}
	defer func() {
		if entry.Status != http.StatusNotModified || entry.Token == "" {
			entry.Quota = 1 // a 304 is free "if the request was made while correctly authorized"
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.used[entry.Token] += entry.Quota
		g.log = append(g.log, entry)
	}()
	r.URL.Path = "/" + strings.TrimPrefix(r.URL.Path, "/api/v3/")
	r.URL.RawPath = ""
	var next http.Handler = http.HandlerFunc(g.github)
	g.mu.Lock()
	for _, in := range slices.Backward(g.faults) {
		if strings.Contains(path, in.part) {
			next = in.fault(g.closed, next)
		}
	}
	g.mu.Unlock()
	next.ServeHTTP(seen, r)
}

// statusWriter notes the status.
type statusWriter struct {
	http.ResponseWriter
	status *int
}

func (w *statusWriter) WriteHeader(status int) {
	*w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if *w.status == 0 {
		*w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func bearer(r *http.Request) string {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return token
}

// github answers as GitHub would.
func (g *gate) github(w http.ResponseWriter, r *http.Request) {
	token := bearer(r)
	if token != "" && token != Token && token != StrangerToken {
		refuse(w, http.StatusUnauthorized, "Bad credentials")
		return
	}
	g.accountHeaders(w.Header(), token)
	if to, ok := g.redirect(r.URL.Path); ok {
		w.Header().Set("Location", "http://"+r.Host+"/api/v3"+to)
		refuse(w, http.StatusMovedPermanently, "Moved Permanently")
		return
	}
	g.resolveNumber(r)
	if ref, ok := commitRef(r); ok {
		g.commitSHA(w, r, ref)
		return
	}
	resp := g.emulate(r)
	if resp.Code == http.StatusForbidden || resp.Code == http.StatusUnauthorized {
		refuse(w, http.StatusNotFound, "Not Found") // GitHub hides what a token may not see
		return
	}
	for _, name := range []string{"Content-Type", "Link"} {
		if v := resp.Header().Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	w.WriteHeader(resp.Code)
	_, _ = w.Write(resp.Body.Bytes())
}

// accountHeaders are the ones that GitHub adds for a token.
func (g *gate) accountHeaders(h http.Header, token string) {
	limit := 5000
	if token == "" {
		limit = 60
	}
	g.mu.Lock()
	used, expiry := g.used[token]+1, g.expiry[token]
	g.mu.Unlock()
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-used)))
	h.Set("X-RateLimit-Used", strconv.Itoa(used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
	h.Set("X-RateLimit-Resource", "core")
	if token == Token {
		h.Set("X-OAuth-Scopes", "repo")
	}
	if expiry != "" {
		h.Set("GitHub-Authentication-Token-Expiration", expiry)
	}
}

// commitRef returns the ref of a request for the SHA of a commit alone.
func commitRef(r *http.Request) (ref string, ok bool) {
	parts := strings.SplitN(strings.Trim(r.URL.Path, "/"), "/", 5)
	if len(parts) < 5 || parts[0] != "repos" || parts[3] != "commits" {
		return "", false
	}
	return parts[4], strings.Contains(r.Header.Get("Accept"), "application/vnd.github") &&
		strings.Contains(r.Header.Get("Accept"), ".sha")
}

// commitSHA answers with the bare SHA, which is the ETag too.
func (g *gate) commitSHA(w http.ResponseWriter, r *http.Request, ref string) {
	resp := g.emulate(r)
	if resp.Code != http.StatusOK {
		repo := r.Clone(r.Context())
		repo.URL.Path = strings.TrimSuffix(r.URL.Path, "/commits/"+ref)
		if g.emulate(repo).Code == http.StatusOK {
			refuse(w, http.StatusUnprocessableEntity, "No commit found for SHA: "+ref)
			return
		}
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	var commit struct{ SHA string }
	if err := json.Unmarshal(resp.Body.Bytes(), &commit); err != nil {
		refuse(w, http.StatusBadGateway, err.Error())
		return
	}
	etag := `"` + commit.SHA + `"`
	w.Header().Set("ETag", etag)
	if strings.TrimPrefix(r.Header.Get("If-None-Match"), "W/") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.github.sha; charset=utf-8")
	_, _ = io.WriteString(w, commit.SHA)
}

// redirect says where a renamed repository is, by its number as GitHub does.
func (g *gate) redirect(path string) (to string, ok bool) {
	parts := strings.SplitN(strings.Trim(path, "/"), "/", 4)
	if len(parts) < 3 || parts[0] != "repos" {
		return "", false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	number, ok := g.moved[parts[1]+"/"+parts[2]]
	to = fmt.Sprintf("/repositories/%d", number)
	if len(parts) == 4 {
		to += "/" + parts[3]
	}
	return to, ok
}

// resolveNumber turns /repositories/NUMBER into the name that the emulator knows.
func (g *gate) resolveNumber(r *http.Request) {
	parts := strings.SplitN(strings.Trim(r.URL.Path, "/"), "/", 3)
	if len(parts) < 2 || parts[0] != "repositories" {
		return
	}
	number, _ := strconv.ParseInt(parts[1], 10, 64)
	g.mu.Lock()
	name := g.names[number]
	g.mu.Unlock()
	r.URL.Path = "/" + strings.Join(append([]string{"repos", name}, parts[2:]...), "/")
}

// emulate passes a request on to the emulator and returns its whole answer.
func (g *gate) emulate(r *http.Request) *httptest.ResponseRecorder {
	out := httptest.NewRecorder()
	to := g.back.JoinPath(r.URL.EscapedPath())
	to.RawQuery = r.URL.RawQuery
	req, err := http.NewRequestWithContext(r.Context(), r.Method, to.String(), r.Body)
	if err != nil {
		refuse(out, http.StatusBadGateway, err.Error())
		return out
	}
	if auth := r.Header.Get("Authorization"); auth != "" {
		req.Header.Set("Authorization", auth)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		refuse(out, http.StatusBadGateway, err.Error())
		return out
	}
	defer func() { _ = resp.Body.Close() }()
	out.Code = resp.StatusCode
	out.HeaderMap = resp.Header //nolint:staticcheck // the header to copy from, not to look at a snapshot
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		refuse(out, http.StatusBadGateway, err.Error())
		return out
	}
	out.Body = bytes.NewBuffer(body)
	return out
}

// refuse answers with an error in GitHub's form.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"message": message, "documentation_url": "https://docs.github.com/rest",
	})
}
