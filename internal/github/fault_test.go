package github_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
)

// noon is the local clock, which is an hour behind the server's.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const onePM = "Sat, 21 Nov 2026 13:00:00 GMT"

// TestAnswers holds the table "errors, typed by what happens next", row by row.
func TestAnswers(t *testing.T) {
	date := []string{"Date", onePM}
	reset := "1795266600" // 13:10 by the server's clock
	for _, row := range []struct {
		name    string
		status  int
		message string
		headers []string
		kind    portolan.Kind
		code    string
		wait    time.Duration
		says    string
	}{
		{"bad token", 401, "Bad credentials", nil, portolan.SignIn, "github-unauthorized", 0, "Bad credentials"},
		{"two factors", 401, "Must specify two-factor code", []string{"X-GitHub-OTP", "required; app"}, portolan.SignIn, "github-unauthorized", 0, "two-factor"},
		{"not found", 404, "Not Found", nil, portolan.Failed, "github-not-found", 0, "octocat/forwards at main, or the token may not see it"},
		{"unknown ref", 422, "No commit found for SHA: main", nil, portolan.Failed, "github-not-found", 0, `no branch, tag or commit "main"`},
		{"empty", 409, "Git Repository is empty.", nil, portolan.Failed, "github-empty", 0, "no commit yet"},
		{"permission", 403, "Resource not accessible by personal access token", []string{"X-Accepted-GitHub-Permissions", "contents=read"}, portolan.SignIn, "github-forbidden", 0, "contents=read"},
		{"sso", 403, "Resource protected by organization SAML enforcement.", []string{"X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization_request=A1"}, portolan.SignIn, "github-sso", 0, "https://github.com/orgs/acme/sso?authorization_request=A1"},
		{"primary 403", 403, "API rate limit exceeded", append(date, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset), portolan.Later, "github-rate-limit", 10 * time.Minute, "no more requests"},
		{"primary 429", 429, "API rate limit exceeded", append(date, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset), portolan.Later, "github-rate-limit", 10 * time.Minute, "no more requests"},
		{"Retry-After seconds 403", 403, "slow down", []string{"Retry-After", "90"}, portolan.Later, "github-secondary-limit", 90 * time.Second, "slow down"},
		{"Retry-After seconds 429", 429, "slow down", []string{"Retry-After", "90"}, portolan.Later, "github-secondary-limit", 90 * time.Second, "slow down"},
		{"Retry-After date", 429, "slow down", append(date, "Retry-After", "Sat, 21 Nov 2026 13:05:00 GMT"), portolan.Later, "github-secondary-limit", 5 * time.Minute, "slow down"},
		{"primary in years", 403, "API rate limit exceeded", append(date, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "99999999999"), portolan.Later, "github-rate-limit", 24 * time.Hour, "no more requests"},
		{"primary that is over", 403, "API rate limit exceeded", append(date, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1"), portolan.Later, "github-rate-limit", time.Second, "no more requests"},
		{"primary without an end", 403, "API rate limit exceeded", append(date, "X-RateLimit-Remaining", "0"), portolan.Later, "github-rate-limit", time.Minute, "no more requests"},
		{"abuse, in the text only", 403, "You have triggered an abuse detection mechanism.", nil, portolan.Later, "github-secondary-limit", time.Minute, "abuse"},
		{"Retry-After in the past", 429, "slow down", append(date, "Retry-After", "Sat, 21 Nov 2026 12:00:00 GMT"), portolan.Later, "github-secondary-limit", time.Second, "slow down"},
		{"Retry-After in years", 429, "slow down", []string{"Retry-After", "99999999999"}, portolan.Later, "github-secondary-limit", 24 * time.Hour, "slow down"},
		{"text only", 403, "You have exceeded a secondary rate limit.", nil, portolan.Later, "github-secondary-limit", time.Minute, "secondary"},
		{"bare 429", 429, "", nil, portolan.Later, "github-secondary-limit", time.Minute, ""},
		{"server error", 502, "Server Error", nil, portolan.Later, "github-unavailable", 0, "502"},
		{"server error with a time", 503, "", []string{"Retry-After", "30"}, portolan.Later, "github-unavailable", 30 * time.Second, "503"},
		{"captive portal, honest", 511, "", nil, portolan.Later, "captive-portal", 0, "sign-in page"},
		{"anything else", 418, "teapot", nil, portolan.Failed, "github-refused", 0, "418"},
		{"hostile text", 403, "\x1b[2Jplanted-secret\nnext", nil, portolan.SignIn, "github-forbidden", 0, "[2J[token] next"},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := githubtest.Answer(row.status, row.message, row.headers...)(nil, nil)
			r, cfg := serve(t, answer.ServeHTTP)
			cfg.Now = func() time.Time { return noon }
			_, _, err := newClient(t, cfg).Head(t.Context(), r, "main", "")
			f := wantFault(t, err, row.kind, row.code, row.says)
			if row.wait == 0 {
				if !f.Retry.IsZero() {
					t.Errorf("retried at %v", f.Retry)
				}
				return
			}
			if late := f.Retry.Sub(noon) - row.wait; late < 0 || late > time.Second {
				t.Errorf("retried after %v, want %v", f.Retry.Sub(noon), row.wait)
			}
		})
	}
}

// TestLimitHolds holds that a limit silences its own token, not another, and that
// unexplained limits wait longer each time.
func TestLimitHolds(t *testing.T) {
	answer := githubtest.SecondaryLimited(http.StatusForbidden, "")(nil, nil)
	r, cfg := serve(t, answer.ServeHTTP)
	now := noon
	cfg.Now = func() time.Time { return now }
	c := newClient(t, cfg)
	beside := c.Share()
	for i, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		_, _, err := c.Head(t.Context(), r, "", "")
		f := wantFault(t, err, portolan.Later, "github-secondary-limit")
		if got := f.Retry.Sub(now); got != wait*time.Minute {
			t.Errorf("limit %d: wait %v, want %v", i, got, wait*time.Minute)
		}
		_, err = beside.Blob(t.Context(), r, sha, 1)
		wantFault(t, err, portolan.Later, "github-secondary-limit")
		if c.Requests() != i+1 || beside.Requests() != 0 {
			t.Fatalf("asked during the limit: %d and %d requests", c.Requests(), beside.Requests())
		}
		now = f.Retry
	}
}

func TestLimitIsTheTokens(t *testing.T) {
	r, cfg := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer planted-secret" {
			githubtest.RateLimited(noon.Add(time.Hour))(nil, nil).ServeHTTP(w, r)
			return
		}
		_, _ = w.Write([]byte(sha))
	})
	secret := "planted-secret"
	cfg.Token = tokenOf(&secret)
	cfg.Now = func() time.Time { return noon }
	c := newClient(t, cfg)
	_, _, err := c.Head(t.Context(), r, "", "")
	wantFault(t, err, portolan.Later, "github-rate-limit")
	secret = "another"
	if _, _, err := c.Head(t.Context(), r, "", ""); err != nil {
		t.Errorf("the other token waits too: %v", err)
	}
}

// TestUnusableAnswers holds that an answer which is not GitHub's is told apart, and
// never taken for data.
func TestUnusableAnswers(t *testing.T) {
	text := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write([]byte(body))
		}
	}
	paths := func(names ...string) http.HandlerFunc {
		for i, name := range names {
			names[i] = `{"path":"` + name + `","type":"blob","sha":"` + sha + `"}`
		}
		return text("application/json", `{"sha":"`+sha+`","tree":[`+strings.Join(names, ",")+"]}")
	}
	head := func(c *github.Client, t *testing.T, r portolan.Repository) error {
		_, _, err := c.Head(t.Context(), r, "", "")
		return err
	}
	tree := func(c *github.Client, t *testing.T, r portolan.Repository) error {
		_, err := c.Tree(t.Context(), r, sha, "")
		return err
	}
	blob := func(c *github.Client, t *testing.T, r portolan.Repository) error {
		_, err := c.Blob(t.Context(), r, sha, 1000)
		return err
	}
	commit := func(c *github.Client, t *testing.T, r portolan.Repository) error {
		_, err := c.Commit(t.Context(), r, sha)
		return err
	}
	const json = "application/json"
	for _, row := range []struct {
		name   string
		answer http.HandlerFunc
		call   func(*github.Client, *testing.T, portolan.Repository) error
		code   string
	}{
		{"portal", text("text/html; charset=utf-8", "<html>"), head, "captive-portal"},
		{"portal that hides its type", text("text/plain", " <html>"), head, "captive-portal"},
		{"portal for a commit", text("text/html", "<html>"), commit, "captive-portal"},
		{"portal for a tree", text("text/html", "<html>"), tree, "captive-portal"},
		{"portal for a blob", text("text/html", "<html>"), blob, "captive-portal"},
		{"portal that hides its type for JSON", text("application/json", " <html>"), tree, "captive-portal"},
		{"portal elsewhere", http.RedirectHandler("https://login.example.net/?to=github", http.StatusFound).ServeHTTP, head, "captive-portal"},
		{"portal elsewhere for a tree", http.RedirectHandler("https://login.example.net/", http.StatusFound).ServeHTTP, tree, "captive-portal"},
		{"portal elsewhere for a blob", http.RedirectHandler("https://login.example.net/", http.StatusTemporaryRedirect).ServeHTTP, blob, "captive-portal"},
		{"portal on the same host", http.RedirectHandler("/login", http.StatusFound).ServeHTTP, tree, "captive-portal"},
		{"head that is none", text("text/plain", "hello"), head, "github-bad-answer"},
		{"short head", text("text/plain", sha[1:]), head, "github-bad-answer"},
		{"304 that nobody asked for", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, head, "github-bad-answer"},
		{"broken JSON", text(json, `{"sha": nonsense`), tree, "github-bad-answer"},
		{"cut JSON", text(json, `{"sha":"`+sha+`","tree":[{"path":"a`), tree, "github-bad-answer"},
		{"empty body", text(json, ""), tree, "github-bad-answer"},
		{"another tree", text(json, `{"sha":"1123456789abcdef0123456789abcdef01234567","tree":[]}`), tree, "github-bad-answer"},
		{"path that climbs", paths("../x"), tree, "github-bad-answer"},
		{"path that climbs inside", paths("x/../../y"), tree, "github-bad-answer"},
		{"absolute path", paths("/etc/passwd"), tree, "github-bad-answer"},
		{"path of nothing", paths(""), tree, "github-bad-answer"},
		{"path with NUL", paths(`a\u0000b.json`), tree, "github-bad-answer"},
		{"path without end", paths(strings.Repeat("a/", 3000) + "b"), tree, "github-bad-answer"},
		{"a path twice", paths("dev.json", "prod.json", "dev.json"), tree, "github-bad-answer"},
		{"announces more", githubtest.Cut(1000, `{"sha":"`+sha+`","tree":[`)(nil, nil).ServeHTTP, tree, "network-reset"},
		{"announces a longer head", githubtest.Cut(41, sha)(nil, nil).ServeHTTP, head, "network-reset"},
		{"announces less", githubtest.Cut(20, `{"sha":"`+sha+`","tree":[]}`)(nil, nil).ServeHTTP, tree, "github-bad-answer"},
		{"announces a shorter head", githubtest.Cut(39, sha)(nil, nil).ServeHTTP, head, "github-bad-answer"},
		{"file without SHA", text(json, `{"sha":"`+sha+`","tree":[{"path":"x","type":"blob"}]}`), tree, "github-bad-answer"},
		{"wrong content", githubtest.WrongContent()(nil, nil).ServeHTTP, blob, "blob-mismatch"},
		{"bad base64", text(json, `{"encoding":"base64","content":"!!"}`), blob, "github-bad-answer"},
		{"another commit", text(json, `{"sha":"x"}`), commit, "github-bad-answer"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, cfg := serve(t, row.answer)
			wantFault(t, row.call(newClient(t, cfg), t, r), portolan.Later, row.code)
		})
	}
}
