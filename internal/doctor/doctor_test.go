package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
)

// host is a GitHub that takes one token and counts what is left.
func host(t *testing.T, left int) portolan.Repository {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if auth := r.Header.Get("Authorization"); auth != "" && !strings.HasSuffix(auth, " good") {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"message":"Bad credentials"}`)
			return
		}
		fmt.Fprintf(w, `{"resources":{"core":{"limit":60,"remaining":%d,"reset":%d}}}`, left, time.Now().Add(time.Hour).Unix())
	}))
	t.Cleanup(s.Close)
	repo, _, _, err := portolan.ParseRepository(s.URL + "/acme/forwards")
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// look runs a checkup and returns its answers by area and name.
func look(t *testing.T, change func(*Config)) map[string]portolan.Check {
	t.Helper()
	home := filepath.Join(t.TempDir(), "home")
	cfg := Config{
		Home: home, Socket: filepath.Join(home, "s"), Log: filepath.Join(home, "log"),
		Keychain: func(context.Context) error { return nil },
		Clusters: kube.NewClusters([]string{filepath.Join(t.TempDir(), "config")}, slog.New(slog.DiscardHandler)),
		Token: func(context.Context, string, string) (portolan.Token, error) {
			return portolan.NewToken("good"), nil
		},
		Sources: []portolan.SourceConfig{{Name: "team", Repo: host(t, 30)}},
		Now:     time.Now,
	}
	change(&cfg)
	checks := map[string]portolan.Check{}
	for _, c := range Run(t.Context(), cfg) {
		if c.Outcome != portolan.CheckOK && c.Hint == "" {
			t.Errorf("%+v says not what to do", c)
		}
		if data, err := json.Marshal(c); err != nil || strings.Contains(string(data), "planted") {
			t.Errorf("%s, %v", data, err)
		}
		name := c.Name
		if len(cfg.Sources) > 0 {
			name = strings.TrimPrefix(name, cfg.Sources[0].Repo.Host+" ")
		}
		checks[c.Area+": "+name] = c
	}
	return checks
}

func TestChecks(t *testing.T) {
	token := func(secret string, err error) func(*Config) {
		return func(c *Config) {
			c.Token = func(context.Context, string, string) (portolan.Token, error) { return portolan.NewToken(secret), err }
		}
	}
	for _, tt := range []struct {
		name    string
		change  func(*Config)
		check   string
		outcome portolan.Outcome
		says    string
	}{
		{"a home to be made", func(*Config) {}, "paths: home", portolan.CheckOK, "it is made when"},
		{"a home that is a file", func(c *Config) { check(t, os.WriteFile(c.Home, nil, 0o600)) }, "paths: home", portolan.CheckFailed, "no directory"},
		{"a home for all", func(c *Config) { check(t, os.Mkdir(c.Home, 0o755)) }, "paths: home", unix(portolan.CheckWarning), ""},
		{"a home of one's own", func(c *Config) { check(t, os.Mkdir(c.Home, 0o700)) }, "paths: home", portolan.CheckOK, ""},
		{"a keychain", func(*Config) {}, "keychain: keychain", portolan.CheckOK, ""},
		{"no keychain", func(c *Config) {
			c.Keychain = func(context.Context) error {
				return &portolan.Fault{Kind: portolan.Failed, Code: "keychain-locked", Message: "locked", Hint: "unlock it"}
			}
		}, "keychain: keychain", portolan.CheckWarning, "locked"},
		{"requests left", func(*Config) {}, "github: without a token", portolan.CheckOK, "30 of 60"},
		{"none left", func(c *Config) { c.Sources[0].Repo = host(t, 0) }, "github: without a token", portolan.CheckWarning, "all 60"},
		{"out of reach", func(c *Config) {
			c.Sources[0].Repo = portolan.Repository{Host: "127.0.0.1:1", Owner: "a", Name: "b"}
		}, "github: without a token", portolan.CheckFailed, "refused"},
		{"a good token", func(*Config) {}, "github: with a token", portolan.CheckOK, "30 of 60"},
		{"a bad token", token("planted", nil), "github: with a token", portolan.CheckFailed, "Bad credentials"},
		{"no token", token("", nil), "github: with a token", portolan.CheckWarning, "no token"},
		{"a token that cannot be read", token("", &portolan.Fault{Kind: portolan.SignIn, Code: "token-file", Message: "no such file", Hint: "x"}),
			"github: with a token", portolan.CheckFailed, "no such file"},
		{"no context", func(*Config) {}, "kubeconfig: contexts", portolan.CheckWarning, "no context"},
		{"no context for a forward", func(c *Config) { c.Targets = []portolan.Target{{Context: "eks"}} },
			"kubeconfig: contexts", portolan.CheckFailed, "no context"},
		{"rights in a context that is missing", func(c *Config) { c.Targets = []portolan.Target{{Context: "eks"}} },
			"rights: context eks", portolan.CheckFailed, "no kubeconfig context"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checks := look(t, tt.change)
			got, ok := checks[tt.check]
			if !ok || got.Outcome != tt.outcome || !strings.Contains(got.Message, tt.says) {
				t.Errorf("got %+v, want %s with %q, among %v", got, tt.outcome, tt.says, checks)
			}
		})
	}
}

// unix is an outcome that only systems with modes have.
func unix(o portolan.Outcome) portolan.Outcome {
	if runtime.GOOS == "windows" {
		return portolan.CheckOK
	}
	return o
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestNobodyNeedsIt holds that nothing fails where nothing is followed.
func TestNobodyNeedsIt(t *testing.T) {
	checks := look(t, func(c *Config) {
		c.Sources, c.Host = nil, "127.0.0.1:1"
		c.Token = func(context.Context, string, string) (portolan.Token, error) { return portolan.Token{}, nil }
	})
	for name, c := range checks {
		if c.Outcome == portolan.CheckFailed {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
