package app_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// cmdWorld starts the demo's GitHub and cluster in the test's own process, so
// that a script can make them misbehave. It sets REPOSITORY, GITHUB (host and
// port), WORKTREE and KUBECONFIG.
func cmdWorld(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, stop := context.WithCancel(context.Background())
	up := make(chan demo.Info, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- demo.NewScene("").Run(ctx, func(info demo.Info) { up <- info })
	}()
	ts.Defer(func() { stop(); <-ended })
	select {
	case info := <-up:
		at, err := url.Parse(info.RepoURL)
		ts.Check(err)
		ts.Setenv("REPOSITORY", info.RepoURL)
		ts.Setenv("GITHUB", at.Host)
		ts.Setenv("WORKTREE", info.RepoDir)
		ts.Setenv("KUBECONFIG", info.Kubeconfig)
		script(ts).world = &info
	case err := <-ended:
		ended <- err
		ts.Fatalf("the world does not come up: %v", err)
	case <-time.After(patience):
		ts.Fatalf("the world does not come up")
	}
}

// faults are the ways in which a GitHub, or what stands in its place, fails; see
// the table of errors in package github.
var faults = map[string]demo.Hook{
	"none":         nil,
	"unauthorized": answer(http.StatusUnauthorized, nil, `{"message":"Bad credentials"}`),
	"forbidden": answer(http.StatusForbidden, http.Header{"X-Accepted-Github-Permissions": {"contents=read"}},
		`{"message":"Resource not accessible by personal access token"}`),
	"sso": answer(http.StatusForbidden, http.Header{"X-Github-Sso": {"required; url=https://github.com/orgs/acme/sso?authorization_request=1"}},
		`{"message":"Resource protected by organization SAML enforcement."}`),
	"missing": answer(http.StatusNotFound, nil, `{"message":"Not Found"}`),
	"limit": func(w http.ResponseWriter, r *http.Request) bool {
		reset := strconv.FormatInt(time.Now().Add(20*time.Minute).Unix(), 10)
		return answer(http.StatusForbidden, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {reset}},
			`{"message":"API rate limit exceeded"}`)(w, r)
	},
	"portal": func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, "<html><title>Hotel Wi-Fi</title>Please log in</html>")
		return true
	},
	"broken": answer(http.StatusBadGateway, nil, `oops`),
	"reset": func(w http.ResponseWriter, _ *http.Request) bool {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
		return true
	},
	// Each request takes long enough to show progress, and then succeeds.
	"slow": func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-time.After(1500 * time.Millisecond):
		case <-r.Context().Done():
		}
		return false
	},
}

func answer(status int, header http.Header, body string) demo.Hook {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
		return true
	}
}

// cmdFault makes the world's GitHub fail in one way, or work again: fault NAME.
func cmdFault(ts *testscript.TestScript, _ bool, args []string) {
	hook, ok := faults[args[0]]
	if !ok {
		ts.Fatalf("no fault is called %s", args[0])
	}
	script(ts).world.GitHub.SetHook(hook)
}

// cmdSecure puts TLS before the world's GitHub, sets SECURE to the repository's
// address there, and writes the authority of its certificate: secure FILE.
func cmdSecure(ts *testscript.TestScript, _ bool, args []string) {
	at, err := url.Parse(script(ts).world.RepoURL)
	ts.Check(err)
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: at.Scheme, Host: at.Host}))
	front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of each client that does not trust it
	front.StartTLS()
	ts.Defer(front.Close)
	ts.Setenv("SECURE", front.URL+at.Path)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// cmdCluster changes the world's cluster: cluster deny|allow VERB RESOURCE,
// cluster only [FILE] (what the roles in the answer of a doctor allow), cluster
// anything, cluster unready NAMESPACE, cluster kill NAMESPACE (every pod of it).
// Since "cluster guard", "cluster untouched" fails if anything was created, changed
// or deleted; a port-forward and the question for a right are neither.
func cmdCluster(ts *testscript.TestScript, _ bool, args []string) {
	cluster := script(ts).world.Cluster
	switch args[0] {
	case "deny":
		cluster.Deny(args[1], args[2])
	case "allow":
		cluster.Allow(args[1], args[2])
	case "only":
		restrict(ts, cluster, args[1:])
	case "anything":
		for _, right := range everyRight {
			cluster.Allow(right[0], right[1])
		}
	case "guard":
		cluster.SetHook(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet && path.Base(r.URL.Path) != "portforward" && path.Base(r.URL.Path) != "selfsubjectaccessreviews" {
				script(ts).touched.Store(r.Method + " " + r.URL.Path)
			}
			return false
		})
	case "untouched":
		if what := script(ts).touched.Load(); what != nil {
			ts.Fatalf("the cluster was asked: %s", what)
		}
	case "unready":
		for _, pod := range cluster.Names("pods", args[1]) {
			ts.Check(cluster.SetReady(args[1], pod, false))
		}
	case "kill":
		for _, pod := range cluster.Names("pods", args[1]) {
			cluster.Delete("pods", args[1], pod)
		}
	default:
		ts.Fatalf("cluster cannot %s", args[0])
	}
}

// everyRight is every right that the world's cluster knows.
var everyRight = func() (all [][2]string) {
	for _, verb := range []string{"get", "list", "watch", "create"} {
		for _, resource := range []string{"pods", "pods/portforward", "services", "endpointslices",
			"deployments", "statefulsets", "daemonsets", "replicasets", "jobs"} {
			all = append(all, [2]string{verb, resource})
		}
	}
	return all
}()

// restrict denies everything but what the roles in a file allow.
func restrict(ts *testscript.TestScript, cluster *demo.Cluster, file []string) {
	for _, right := range everyRight {
		cluster.Deny(right[0], right[1])
	}
	if len(file) == 0 {
		return
	}
	var checks []portolan.Check
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file[0])), &checks))
	rule := regexp.MustCompile(`resources: (.*)\n *verbs: (.*)`)
	for _, check := range checks {
		for _, found := range rule.FindAllStringSubmatch(check.Role, -1) {
			var resources, verbs []string
			ts.Check(json.Unmarshal([]byte(found[1]), &resources)) // flow style, which is JSON too
			ts.Check(json.Unmarshal([]byte(found[2]), &verbs))
			for _, verb := range verbs {
				cluster.Allow(verb, resources[0])
			}
		}
	}
}

// cmdDamage overwrites the middle of a file: damage FILE.
func cmdDamage(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
	ts.Check(err)
	info, err := f.Stat()
	ts.Check(err)
	noise := make([]byte, info.Size()/2)
	for i := range noise {
		noise[i] = byte(i * 7)
	}
	_, err = f.WriteAt(noise, info.Size()/4)
	ts.Check(err)
	ts.Check(f.Close())
}

// cmdDemand makes the world's GitHub answer to one token only: demand TOKEN.
func cmdDemand(ts *testscript.TestScript, _ bool, args []string) {
	refuse := faults["unauthorized"]
	script(ts).world.GitHub.SetHook(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.Header.Get("Authorization"), " "+args[0]) {
			return refuse(w, r)
		}
		r.Header.Del("Authorization") // it knows no tokens itself
		return false
	})
}
