package github_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
)

const sha = "0123456789abcdef0123456789abcdef01234567"

// forwards is a repository on the server at base.
func forwards(t *testing.T, base string) portolan.Repository {
	t.Helper()
	r, _, _, err := portolan.ParseRepository(base + "/octocat/forwards")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func token(text string) func(context.Context) (portolan.Token, error) {
	return func(context.Context) (portolan.Token, error) { return portolan.NewToken(text), nil }
}

// tokenOf reads a token that a test may change between two calls.
func tokenOf(text *string) func(context.Context) (portolan.Token, error) {
	return func(context.Context) (portolan.Token, error) { return portolan.NewToken(*text), nil }
}

func newClient(t *testing.T, cfg github.Config) *github.Client {
	t.Helper()
	c, err := github.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve starts a server in the place of GitHub's.
func serve(t *testing.T, h http.HandlerFunc) (portolan.Repository, github.Config) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	r := forwards(t, s.URL)
	return r, github.Config{Repo: r, Token: token("planted-secret")}
}

func wantFault(t *testing.T, err error, kind portolan.Kind, code string, parts ...string) *portolan.Fault {
	t.Helper()
	var f *portolan.Fault
	if !errors.As(err, &f) {
		t.Fatalf("not a fault: %v", err)
	}
	if f.Kind != kind || f.Code != code {
		t.Errorf("got %s/%s, want %s/%s: %v", f.Kind, f.Code, kind, code, f)
	}
	for _, part := range parts {
		if !strings.Contains(f.Error(), part) {
			t.Errorf("%q does not say %q", f.Error(), part)
		}
	}
	if strings.Contains(f.Error(), "planted-secret") {
		t.Errorf("the fault holds the token: %v", f)
	}
	return f
}

func TestAPIAddress(t *testing.T) {
	for _, row := range []struct{ host, api, code string }{
		{"github.com", "", ""},
		{"acme.ghe.com", "", ""},
		{"127.0.0.1:8080", "", ""},
		{"[::1]:8080", "", ""},
		{"ghe.example.org", "http://ghe.example.org/api/v3/", "insecure-url"},
		{"ghe.example.org", "https://user:planted-secret@ghe.example.org/", "bad-api-url"},
		{"ghe.example.org", "ftp://ghe.example.org/", "insecure-url"},
		{"a b", "", "bad-host"},
	} {
		_, err := github.New(github.Config{Repo: portolan.Repository{Host: row.host, APIURL: row.api}})
		if row.code == "" {
			if err != nil {
				t.Errorf("%s: %v", row.host, err)
			}
			continue
		}
		wantFault(t, err, portolan.Usage, row.code)
	}
}

// TestNames holds that no name, ref or SHA changes the path of a request.
func TestNames(t *testing.T) {
	r, cfg := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	c := newClient(t, cfg)
	for _, ref := range []string{"../../user", "a..b", "/x", "a b", "x?y", "a\\b", "a\x00", "a//b", "a@{1}"} {
		_, _, err := c.Head(t.Context(), r, ref, "")
		wantFault(t, err, portolan.Usage, "ref-unknown-form")
	}
	_, _, err := c.Repository(t.Context(), "..", "x")
	wantFault(t, err, portolan.Usage, "repository-unknown-form")
	_, err = c.Blob(t.Context(), r, "../x", 1)
	wantFault(t, err, portolan.Usage, "sha-unknown-form")
}

// TestTokenStaysHome holds that a redirect leads the token to no other host.
func TestTokenStaysHome(t *testing.T) {
	var visits atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		r, cfg := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer planted-secret" {
				t.Errorf("its own host got %q", r.Header.Get("Authorization"))
			}
			http.Redirect(w, r, other.URL+"/x", status)
		})
		_, _, err := newClient(t, cfg).Head(t.Context(), r, "", "")
		wantFault(t, err, portolan.Later, "captive-portal", other.URL)
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("the other host was asked %d times", n)
	}
}

// TestHeaders holds what every request says of itself.
func TestHeaders(t *testing.T) {
	r, cfg := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") != "portolan/1.2" || r.Header.Get("X-GitHub-Api-Version") == "" {
			t.Errorf("got %v", r.Header)
		}
		_, _ = w.Write([]byte(sha))
	})
	cfg.UserAgent = "portolan/1.2"
	if _, changed, err := newClient(t, cfg).Head(t.Context(), r, "feature/x", ""); err != nil || !changed {
		t.Error(changed, err)
	}
}

// TestEndlessBody holds that a body costs no more memory than its limit, as it
// comes or unpacked, in an answer or in an error.
func TestEndlessBody(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer githubtest.Fault
		kind   portolan.Kind
		code   string
	}{
		{"endless", githubtest.Endless(100 << 20), portolan.Later, "body-too-large"},
		{"gzip bomb", githubtest.Bomb(http.StatusOK, 100<<20), portolan.Later, "body-too-large"},
		{"gzip bomb as an error", githubtest.Bomb(http.StatusForbidden, 100<<20), portolan.SignIn, "github-forbidden"},
		{"deep", githubtest.Deep(1 << 20), portolan.Later, "github-bad-answer"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, cfg := serve(t, row.answer(nil, nil).ServeHTTP)
			c := newClient(t, cfg)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := c.Blob(t.Context(), r, sha, 1<<20)
			runtime.ReadMemStats(&after)
			wantFault(t, err, row.kind, row.code)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 30<<20 {
				t.Errorf("reading allocated %d MB", grown>>20)
			}
			if _, _, err = c.Head(t.Context(), r, "", ""); err == nil {
				t.Error("it is taken for a commit")
			}
		})
	}
}

// TestLargeTree reads as many files as GitHub lists at once.
func TestLargeTree(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	r, cfg := serve(t, githubtest.Tree(100_000)(nil, nil).ServeHTTP)
	entries, err := newClient(t, cfg).Tree(t.Context(), r, sha, "")
	if err != nil || len(entries) != 100_000 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

// TestGitBomb reads a repository whose trees name each other so that they hold more
// files than anybody can read: it ends after a bounded number of requests.
func TestGitBomb(t *testing.T) {
	r, cfg := serve(t, func(w http.ResponseWriter, r *http.Request) {
		at := path.Base(r.URL.Path)
		item := `{"path":"%d","mode":"040000","type":"tree","sha":"` + sha + `"}`
		_, _ = fmt.Fprintf(w, `{"sha":%q,"truncated":%t,"tree":[`+item+","+item+"]}", at, r.URL.Query().Get("recursive") != "", 1, 2)
	})
	c := newClient(t, cfg)
	_, err := c.Tree(t.Context(), r, sha, "")
	wantFault(t, err, portolan.Failed, "github-tree-too-large", "octocat/forwards", "directory of their own")
	if n := c.Requests(); n > 1000 {
		t.Errorf("it took %d requests", n)
	}
}

func TestAtMostFourAtOnce(t *testing.T) {
	var now, most atomic.Int64
	full, release := make(chan struct{}), make(chan struct{})
	r, cfg := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if n == 4 {
			close(full)
		}
		<-release
		_, _ = w.Write([]byte(sha))
	})
	c := newClient(t, cfg)
	done := make(chan error, 12)
	for range cap(done) {
		go func() {
			_, _, err := c.Head(t.Context(), r, "", "")
			done <- err
		}()
	}
	<-full
	close(release)
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if m := most.Load(); m != 4 {
		t.Errorf("%d requests at once", m)
	}
	if c.Requests() != 12 {
		t.Errorf("counted %d requests", c.Requests())
	}
}

func TestQuota(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   github.Quota
		code   string
	}{
		{name: "left", status: 200, body: `{"resources":{"core":{"limit":5000,"remaining":4999,"reset":1700000000}}}`,
			want: github.Quota{Limit: 5000, Remaining: 4999, Reset: time.Unix(1700000000, 0)}},
		{name: "switched off", status: 404, body: `{"message":"Rate limiting is not enabled."}`},
		{name: "another 404", status: 404, body: `{"message":"Not Found"}`, code: "github-not-found"},
		{name: "refused", status: 401, body: `{"message":"Bad credentials"}`, code: "github-unauthorized"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, cfg := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/rate_limit") {
					t.Errorf("asked for %s", r.URL.Path)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			})
			got, err := newClient(t, cfg).Quota(t.Context())
			if f := portolan.AsFault(err); f != nil && f.Code != tt.code || f == nil && tt.code != "" {
				t.Fatalf("got %v, want %q", err, tt.code)
			}
			if got.Limit != tt.want.Limit || got.Remaining != tt.want.Remaining || !got.Reset.Equal(tt.want.Reset) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestVerification(t *testing.T) {
	tests := []struct{ name, said, want string }{
		{"signed", `{"verified": true, "reason": "valid"}`, "valid"},
		{"unsigned", `{"verified": false, "reason": "unsigned"}`, "unsigned"},
		{"contradiction", `{"verified": false, "reason": "valid"}`, "invalid"},
		{"no word", `{"verified": true}`, ""},
		{"nothing", `null`, ""},
		{"a hostile word", `{"verified": true, "reason": "va\u202elid\n"}`, "invalid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, cfg := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"sha": "` + sha + `", "tree": {"sha": "` + sha + `"},
					"committer": {"email": "ada@acme.example"}, "verification": ` + tt.said + `}`))
			})
			commit, err := newClient(t, cfg).Commit(t.Context(), r, sha)
			if err != nil || commit.Verification != tt.want || commit.Signer != "ada@acme.example" {
				t.Errorf("%+v, %v", commit, err)
			}
		})
	}
}
