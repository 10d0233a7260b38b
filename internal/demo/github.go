package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// GitHubConfig says what a [GitHub] serves.
type GitHubConfig struct {
	// Dir is a git repository on disk, with a work tree or bare. It is read anew
	// at each request.
	Dir string

	// Owner and Name are what the repository is called.
	Owner, Name string

	// Token makes the repository private: only this token sees it, for anyone
	// else it does not exist. Empty: the repository is public, and every token is
	// a bad one.
	Token string

	// Quota is how many requests an hour are granted. Zero: 5,000 with the token
	// and 60 without, as on GitHub.
	Quota int

	// Log receives what the HTTP server has to complain about. Nil: nowhere.
	Log *slog.Logger
}

// Usage is what a [GitHub] has been asked so far.
type Usage struct {
	Requests    int // all that reached the API
	NotModified int // of these, answered with 304
	Quota       int // how many counted against the quota
}

// GitHub is a server with the part of GitHub's REST API that reading a
// repository takes, laid out as GitHub Enterprise Server has it: the API under
// /api/v3/ of the web address. Status codes, media types, ETags and rate limits
// are those of the API's documentation (version 2022-11-28). Its methods may be
// called from any goroutine.
type GitHub struct {
	config GitHubConfig

	mu      sync.Mutex
	address string
	hook    Hook
	usage   Usage
	spent   map[bool]int // of the quotas with and without the token, since an hour before reset
	reset   time.Time    // when the quota is granted anew
}

// NewGitHub returns a server that does not listen yet.
func NewGitHub(config GitHubConfig) *GitHub {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	return &GitHub{config: config}
}

// Run serves on a free loopback port until ctx ends, and then returns nil with
// every connection closed. It calls ready once, when [GitHub.URL] is known. A
// server runs once.
func (g *GitHub) Run(ctx context.Context, ready func()) error {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("opening the demo GitHub's port: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := &http.Server{
		Handler:           g.handler(),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(g.config.Log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: 30 * time.Second,
	}
	g.mu.Lock()
	g.address = listener.Addr().String()
	g.mu.Unlock()

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ready()
	select {
	case err := <-served:
		return fmt.Errorf("serving the demo GitHub: %w", err)
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(patience) != nil {
		_ = server.Close() // a client that does not read its answer is not waited for
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the demo GitHub: %w", err)
	}
	return nil
}

// URL is the web address of the repository, which a person adds as a source.
// It is known once Run has called ready.
func (g *GitHub) URL() string {
	return fmt.Sprintf("%s/%s/%s", g.base(), g.config.Owner, g.config.Name)
}

// APIURL is the base address of the API, with a slash at its end.
func (g *GitHub) APIURL() string { return g.base() + "/api/v3/" }

func (g *GitHub) base() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return "http://" + g.address
}

// SetHook replaces the hook; nil removes it.
func (g *GitHub) SetHook(hook Hook) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hook = hook
}

// Usage is a copy of the counters.
func (g *GitHub) Usage() Usage {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.usage
}

// handler answers everything under the server's address.
func (g *GitHub) handler() http.Handler {
	api := http.NewServeMux()
	repository := "GET /api/v3/repos/" + g.config.Owner + "/" + g.config.Name
	api.HandleFunc("GET /api/v3/user", g.serveUser)
	api.HandleFunc("GET /api/v3/rate_limit", g.serveRateLimit)
	api.HandleFunc(repository, g.reading(repo.serveRepository))
	api.HandleFunc(repository+"/branches", g.reading(repo.serveBranches))
	api.HandleFunc(repository+"/commits/{ref...}", g.reading(repo.serveCommit))
	api.HandleFunc(repository+"/git/commits/{sha}", g.reading(repo.serveGitCommit))
	api.HandleFunc(repository+"/git/trees/{ref...}", g.reading(repo.serveTree))
	api.HandleFunc(repository+"/git/blobs/{sha}", g.reading(repo.serveBlob))
	api.HandleFunc("/api/v3/", func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, http.StatusNotFound, "Not Found") })

	pages := http.NewServeMux()
	page := "GET /" + g.config.Owner + "/" + g.config.Name
	pages.HandleFunc(page, g.reading(repo.servePage))
	pages.HandleFunc(page+"/commit/{ref}", g.reading(repo.servePage))

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		hook := g.hook
		g.mu.Unlock()
		switch {
		case hook != nil && hook(w, r):
		case strings.HasPrefix(r.URL.Path, "/api/v3/"):
			g.serveAPI(w, r, api)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

// serveAPI does what all of the API has in common: who asks, how much is left
// of the quota, and whether the client has the answer already.
func (g *GitHub) serveAPI(w http.ResponseWriter, r *http.Request, next http.Handler) {
	g.mu.Lock()
	g.usage.Requests++
	g.mu.Unlock()
	w.Header().Set("X-GitHub-Enterprise-Version", "3.18.0")
	w.Header().Set("X-GitHub-Request-Id", rand.Text())
	authorized, ok := g.authenticate(r)
	if !ok {
		writeProblem(w, http.StatusUnauthorized, "Bad credentials")
		return
	}
	if !g.spend(w, authorized, r.URL.Path != "/api/v3/rate_limit") {
		writeProblem(w, http.StatusForbidden, "API rate limit exceeded for 127.0.0.1.")
		return
	}
	if g.config.Token != "" && !authorized && strings.HasPrefix(r.URL.Path, "/api/v3/repos/") {
		writeProblem(w, http.StatusNotFound, "Not Found") // as GitHub: whether it exists is not a stranger's business
		return
	}
	answer := &bufferedAnswer{ResponseWriter: w}
	next.ServeHTTP(answer, r)
	if g.notModified(answer, r) {
		g.refund(w, authorized)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(answer.status())
	_, _ = w.Write(answer.body.Bytes()) // an error is the client's having gone away
}

// authenticate reports whether the request carries the token; ok is false if it
// carries another one.
func (g *GitHub) authenticate(r *http.Request) (authorized, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme == "" {
		return false, true
	}
	known := g.config.Token != "" && token == g.config.Token &&
		(strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "token"))
	return known, known
}

// notModified gives a good answer its ETag, and reports whether the client has
// that. All but a commit's SHA have ETags that depend on who asks, as GitHub's
// do.
func (g *GitHub) notModified(answer *bufferedAnswer, r *http.Request) bool {
	if answer.status() != http.StatusOK {
		return false
	}
	tag := answer.Header().Get("ETag")
	if tag == "" {
		sum := sha256.Sum256([]byte(r.Header.Get("Accept") + "\x00" + r.Header.Get("Authorization") + "\x00" + answer.body.String()))
		tag = `W/"` + hex.EncodeToString(sum[:]) + `"`
		answer.Header().Set("ETag", tag)
		answer.Header().Set("Vary", "Accept, Authorization")
	}
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// bufferedAnswer holds an answer back until it is known whether it is sent.
type bufferedAnswer struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

func (a *bufferedAnswer) WriteHeader(code int)           { a.code = code }
func (a *bufferedAnswer) Write(data []byte) (int, error) { return a.body.Write(data) }

func (a *bufferedAnswer) status() int {
	if a.code == 0 {
		return http.StatusOK
	}
	return a.code
}

// spend takes one request from the quota, or reports that nothing is left, and
// sets the headers that tell the client.
func (g *GitHub) spend(w http.ResponseWriter, authorized, counted bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); now.After(g.reset) {
		g.spent, g.reset = map[bool]int{}, now.Add(time.Hour)
	}
	granted := !counted || g.spent[authorized] < g.quota(authorized)
	if granted && counted {
		g.spent[authorized]++
		g.usage.Quota++
	}
	g.setLimitsLocked(w, authorized)
	return granted
}

// refund takes back what a 304 has cost. Only an authorized one is free
// (docs.github.com, "Best practices for using the REST API").
func (g *GitHub) refund(w http.ResponseWriter, authorized bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.usage.NotModified++
	if authorized {
		g.spent[authorized]--
		g.usage.Quota--
		g.setLimitsLocked(w, authorized)
	}
}

func (g *GitHub) quota(authorized bool) int {
	switch {
	case g.config.Quota > 0:
		return g.config.Quota
	case authorized:
		return 5000
	}
	return 60
}

func (g *GitHub) setLimitsLocked(w http.ResponseWriter, authorized bool) {
	limit := g.quota(authorized)
	header := w.Header()
	header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	header.Set("X-RateLimit-Used", strconv.Itoa(g.spent[authorized]))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-g.spent[authorized])))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(g.reset.Unix(), 10))
	header.Set("X-RateLimit-Resource", "core")
}

// serveRateLimit answers GET /rate_limit with what the headers say.
func (g *GitHub) serveRateLimit(w http.ResponseWriter, _ *http.Request) {
	core := map[string]json.Number{}
	for _, name := range []string{"Limit", "Used", "Remaining", "Reset"} {
		core[strings.ToLower(name)] = json.Number(w.Header().Get("X-RateLimit-" + name))
	}
	writeJSON(w, http.StatusOK, map[string]any{"resources": map[string]any{"core": core}, "rate": core})
}

// serveUser answers GET /user.
func (g *GitHub) serveUser(w http.ResponseWriter, r *http.Request) {
	if authorized, _ := g.authenticate(r); !authorized {
		writeProblem(w, http.StatusUnauthorized, "Requires authentication")
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"login": "demo", "id": 1, "type": "User", "name": "Demo User"})
}

// writeProblem answers with an error in GitHub's shape.
func writeProblem(w http.ResponseWriter, code int, message string) {
	writeJSON(w, code, map[string]string{
		"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(code),
	})
}
