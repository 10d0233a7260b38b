//go:build linux

package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
)

// watch is a person's machine on which everything that may give a token away is
// kept below one directory:
//
//	home   files of Portolan          said   output of each command, and the log
//	user   HOME                       sent   requests, without the one right header
//	tmp    TMPDIR                     child  arguments and environment of a child
type watch struct {
	t         *testing.T
	dir, home string
	env       []string
	token     string
	keychain  []string // environment of the keychain; empty = there is none

	scene  demo.Info
	github *demo.GitHub
	other  *httptest.Server

	served     *exec.Cmd
	said       int // commands so far
	sent       atomic.Int64
	authorized atomic.Int64 // requests with the token where it belongs

	mu       sync.Mutex
	now      demo.Hook // the fault in force
	argv     []string  // what holds the token in arguments and environments
	searched int       // arguments and environments looked at
}

// newWatch starts a team's world with a private repository, and another host. env
// says where the keychain is.
func newWatch(t *testing.T, env ...string) *watch {
	t.Helper()
	w := &watch{t: t, dir: t.TempDir(), token: plantedToken(), keychain: env}
	for _, name := range []string{"user", "tmp", "said", "sent", "child"} {
		if err := os.Mkdir(filepath.Join(w.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w.home = filepath.Join(w.dir, "home")
	w.other = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.keep("other", r)
		http.NotFound(rw, r)
	}))
	t.Cleanup(w.other.Close)
	w.startScene()
	user := filepath.Join(w.dir, "user")
	w.env = append(slices.Clone(env), "PATH="+os.Getenv("PATH"), "HOME="+user, "TMPDIR="+filepath.Join(w.dir, "tmp"),
		"XDG_DATA_HOME="+user, "XDG_CONFIG_HOME="+user, "PORTOLAN_HOME="+w.home, "KUBECONFIG="+w.kubeconfig(), "NO_PROXY=127.0.0.1,localhost",
		"PORTOLAN_NO_AUTOSTART=1", raceVariable+"="+raceAtOnce)
	return w
}

func (w *watch) startScene() {
	ctx, stop := context.WithCancel(context.Background())
	up, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- demo.NewScene("").Run(ctx, func(info demo.Info) {
			w.scene = info
			w.github = demo.NewGitHub(demo.GitHubConfig{Dir: info.RepoDir, Owner: "acme", Name: "forwards", Token: w.token})
			w.github.SetHook(w.gate)
			_ = w.github.Run(ctx, func() { close(up) })
		})
	}()
	w.t.Cleanup(func() { stop(); <-ended })
	select {
	case <-up:
	case err := <-ended:
		ended <- err
		w.t.Fatal(err)
	}
}

func (w *watch) repository() string { return w.github.URL() }

// host is where the token belongs: name and port.
func (w *watch) host() string {
	u, err := url.Parse(w.github.URL())
	if err != nil {
		w.t.Fatal(err)
	}
	return u.Host
}

// gate keeps each request to the GitHub, looks at every process while it waits
// for its answer, and answers with the fault in force.
func (w *watch) gate(rw http.ResponseWriter, r *http.Request) bool {
	kept := r.Clone(r.Context())
	if r.Host == w.host() && strings.HasPrefix(r.URL.Path, "/api/v3/") && r.Header.Get("Authorization") == "Bearer "+w.token {
		kept.Header.Del("Authorization")
		w.authorized.Add(1)
	}
	w.keep("github", kept)
	found, looked := processes(w.token)
	w.mu.Lock()
	w.argv = append(w.argv, found...)
	w.searched += looked
	fault := w.now
	w.mu.Unlock()
	return fault != nil && fault(rw, r)
}

// keep writes a request to a file, as it was sent.
func (w *watch) keep(name string, r *http.Request) {
	data, err := httputil.DumpRequest(r, true)
	if err == nil {
		file := fmt.Sprintf("%03d-%s", w.sent.Add(1), name)
		err = os.WriteFile(filepath.Join(w.dir, "sent", file), data, 0o600)
	}
	if err != nil {
		w.t.Error(err)
	}
}

// kubeconfig reaches the scene's cluster through a credential plugin, which is
// the one kind of program that Portolan starts. It writes down what it was given.
func (w *watch) kubeconfig() string {
	plugin := filepath.Join(w.dir, "plugin")
	script := fmt.Sprintf("#!/bin/sh\n{ env; echo \"$0 $*\"; } > '%s'\n", filepath.Join(w.dir, "child", "plugin")) +
		`echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"demo"}}'` + "\n"
	if err := os.WriteFile(plugin, []byte(script), 0o700); err != nil {
		w.t.Fatal(err)
	}
	before, err := os.ReadFile(w.scene.Kubeconfig)
	if err != nil {
		w.t.Fatal(err)
	}
	user := fmt.Sprintf("exec: {apiVersion: client.authentication.k8s.io/v1, command: %q, interactiveMode: Never}", plugin)
	after := strings.Replace(string(before), `token: "demo"`, user, 1)
	file := filepath.Join(w.dir, "kubeconfig")
	if err := os.WriteFile(file, []byte(after), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return file
}

// serve starts the engine, with all that it logs.
func (w *watch) serve(flags ...string) {
	w.t.Helper()
	w.said++
	w.served = exec.Command("portolan", append([]string{"serve", "--log-level", "debug", "--output", "json"}, flags...)...)
	w.served.Env = w.env
	w.served.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := os.Create(filepath.Join(w.dir, "said", fmt.Sprintf("%03d-serve.log", w.said)))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	w.served.Stderr = log
	out, err := w.served.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.served.Start(); err != nil {
		w.t.Fatal(err)
	}
	served := w.served
	w.t.Cleanup(func() { _ = served.Process.Kill() })
	up := make(chan struct{})
	go func() {
		if bufio.NewScanner(out).Scan() {
			close(up)
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case <-up:
	case <-time.After(patience):
		w.t.Fatal("serve does not come up")
	}
}

func (w *watch) quit() {
	w.t.Helper()
	if err := w.served.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatal(err)
	}
	if err := w.served.Wait(); err != nil {
		w.t.Fatal(err)
	}
}

// run runs one command, keeps all that it prints, and returns its output.
func (w *watch) run(code int, stdin string, args ...string) string {
	w.t.Helper()
	out, _ := w.outcome(code, stdin, args...)
	return out
}

// complains runs one command that fails and says what is wanted on standard error.
func (w *watch) complains(code int, want, stdin string, args ...string) {
	w.t.Helper()
	if _, said := w.outcome(code, stdin, args...); !strings.Contains(said, want) {
		w.t.Errorf("portolan %s says %q; want %q", strings.Join(args, " "), said, want)
	}
}

func (w *watch) outcome(code int, stdin string, args ...string) (stdout, stderr string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "portolan", args...)
	cmd.Env = w.env
	cmd.Stdin = strings.NewReader(stdin)
	var out, log strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &log
	_ = cmd.Run() // its code says it
	w.said++
	for name, text := range map[string]string{"out": out.String(), "err": log.String()} {
		file := fmt.Sprintf("%03d-%s.%s", w.said, args[0], name)
		if err := os.WriteFile(filepath.Join(w.dir, "said", file), []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		w.t.Errorf("portolan %s ended with %d, not %d:\n%s%s", strings.Join(args, " "), got, code, &out, &log)
	}
	return out.String(), log.String()
}

// fault makes the GitHub fail while do runs.
func (w *watch) fault(h http.HandlerFunc, do func()) {
	set := func(hook demo.Hook) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now = hook
	}
	set(func(rw http.ResponseWriter, r *http.Request) bool { h(rw, r); return true })
	defer set(nil)
	do()
}

// repeat is a server that says the token back.
func repeat(token string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(rw).Encode(map[string]string{"message": "Bad credentials: " + token})
	}
}

// use forwards, and edits what is followed.
func (w *watch) use() {
	w.t.Helper()
	w.run(0, "", "start", "development/shop")
	var list []struct{ Alias, Environment, Address string }
	if err := json.Unmarshal([]byte(w.run(0, "", "list", "--output", "json")), &list); err != nil {
		w.t.Fatal(err)
	}
	for _, entry := range list {
		if entry.Environment != "development" || entry.Alias != "shop" {
			continue
		}
		resp, err := http.Get("http://" + entry.Address + "/")
		if err != nil {
			w.t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	if _, err := os.Stat(filepath.Join(w.dir, "child", "plugin")); err != nil {
		w.t.Errorf("no child was looked at: %v", err)
	}
	w.run(0, "", "edit", "development/shop", "--description", "My own words")
	w.run(0, "", "sync", "team")
	w.run(0, "", "stop", "development/shop")
}

// fail meets a GitHub that fails in ways that may carry the token on.
func (w *watch) fail() {
	w.t.Helper()
	sync := func(code int) func() { return func() { w.run(code, "", "sync", "team") } }
	w.fault(repeat(w.token), sync(77))
	w.fault(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, w.other.URL+r.URL.Path, http.StatusFound)
	}, sync(75))
	w.fault(func(rw http.ResponseWriter, _ *http.Request) { // a head that is none
		_, _ = io.WriteString(rw, w.token)
	}, sync(75))
	w.fault(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(rw, `{"message": "upstream refused `+w.token)
	}, sync(75))
	w.run(0, "", "sync", "team")
	w.run(64, "", "auth", "login", w.host(), "--with-token=no")
	w.run(64, "no token", "auth", "login", w.host(), "--with-token")
	w.run(64, "", "auth", "logout", "github.com")
}

// elsewhere follows repositories whose API is not at the token's host.
func (w *watch) elsewhere() {
	w.t.Helper()
	_, port, _ := strings.Cut(w.host(), ":")
	w.run(1, "", "source", "add", "http://localhost:"+port+"/acme/forwards", "--name", "other-name")
	w.run(1, "", "source", "add", w.repository(), "--name", "other-api", "--api-url", w.other.URL+"/api/v3/")
	w.run(1, "", "source", "add", "acme/forwards", "--name", "other-host", "--api-url", w.other.URL+"/api/v3/")
}

// print runs every command that prints data, for people and for programs.
func (w *watch) print() {
	w.t.Helper()
	for _, command := range []string{
		"auth status", "list", "status", "source list", "source show team", "superseded", "sync --dry-run", "sync", "export",
		"start development/shop", "stop development/shop", "version",
	} {
		w.run(0, "", strings.Fields(command)...)
		w.run(0, "", append(strings.Fields(command), "--output", "json")...)
	}
}

// wantKeychain asks the keychain with another program than Portolan.
func (w *watch) wantKeychain(want string) {
	w.t.Helper()
	cmd := exec.Command("secret-tool", "lookup", "service", "portolan", "username", w.host()+"/demo")
	if cmd.Err != nil {
		if os.Getenv("CI") == "true" {
			w.t.Fatal(cmd.Err)
		}
		w.t.Skip("SKIPPED: secret-tool is not installed (apt-get install libsecret-tools)")
	}
	cmd.Env = append(slices.Clone(w.keychain), "PATH="+os.Getenv("PATH"))
	if out, _ := cmd.Output(); string(out) != want { // it fails where there is nothing
		w.t.Errorf("the keychain holds %d bytes; want %d", len(out), len(want))
	}
}

// all returns every place where the token is.
func (w *watch) all() []string {
	dirs := []string{w.dir}
	for _, kv := range w.keychain {
		if home, ok := strings.CutPrefix(kv, "HOME="); ok {
			dirs = append(dirs, home) // the keychain's own files, which are encrypted
		}
	}
	found, files := search(w.t, w.token, dirs...)
	running, looked := processes(w.token)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.t.Logf("searched %d files, %d requests, and arguments and environments %d times", files, w.sent.Load(), looked+w.searched)
	return append(append(found, w.argv...), running...)
}

func (w *watch) wantNowhere() {
	w.t.Helper()
	for _, place := range w.all() {
		w.t.Errorf("the token is in %s", place)
	}
}

// keychainCalls counts the processes that ask the keychain for this engine.
func (w *watch) keychainCalls() (n int) {
	w.t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		argv, _ := os.ReadFile(file)
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "stat"))
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest) // state, parent, …: proc(5)
		if strings.HasSuffix(string(argv), "\x00keychain-call\x00") && len(fields) > 1 && fields[1] == strconv.Itoa(w.served.Process.Pid) {
			n++
		}
	}
	return n
}

// wantNoProcess holds that no process has the token in its arguments or its
// environment.
func (w *watch) wantNoProcess() {
	w.t.Helper()
	found, looked := processes(w.token)
	if len(found) > 0 || looked == 0 {
		w.t.Errorf("of %d arguments and environments: %q", looked, found)
	}
}

func (w *watch) wantFound(t *testing.T, places ...string) {
	t.Helper()
	found := w.all()
	for _, place := range places {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, place) }) {
			t.Errorf("the token was not found in %s, only in %q", place, found)
		}
	}
}
