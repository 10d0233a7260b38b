package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/portolan-app/portolan/app"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"portolan": func() { os.Exit(app.Main(os.Args[1:])) },
		"fetch":    func() { os.Exit(fetch(os.Args[1])) },
	})
}

// TestScripts runs the stories of testdata/script against the whole program: real
// processes, a real socket, a GitHub and a cluster on loopback. Each script has a
// home, a kubeconfig and a git configuration of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: isolate,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":     cmdServe,
			"demo":      cmdDemo,
			"forward":   cmdForward,
			"limited":   cmdLimited,
			"many":      cmdMany,
			"terminal":  cmdTerminal,
			"signalled": cmdSignalled,
			"quit":      cmdQuit,
			"await":     cmdAwait,
			"get":       cmdGet,
			"field":     cmdField,
			"occupy":    cmdOccupy,
			"stranger":  cmdStranger,
			"exits":     cmdExits,
			"subst":     cmdSubst,
			"world":     cmdWorld,
			"fault":     cmdFault,
			"secure":    cmdSecure,
			"reconnect": cmdReconnect,
			"meets":     cmdMeets,
			"held":      cmdHeld,
			"cluster":   cmdCluster,
			"damage":    cmdDamage,
			"hub":       cmdHub,
			"push":      cmdPush,
			"outlive":   cmdOutlive,
			"crash":     cmdCrash,
			"download":  cmdDownload,
			"finish":    cmdFinish,
			"swell":     cmdSwell,
			"agent":     cmdAgent,
			"hurry":     cmdHurry,
			"attend":    cmdAttend,
			"leave":     cmdLeave,
			"killed":    cmdKilled,
			"said":      cmdSaid,
			"asked":     cmdAsked,
			"paste":     cmdPaste,
			"disk":      cmdDisk,
			"callers":   cmdCallers,
			"demand":    cmdDemand,
			"signin":    cmdSignin,
			"devices":   cmdDevices,
		},
		Condition:           condition,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// A program built with -race sleeps for a second at its end, unless told not to;
// the tests here run hundreds of them.
const raceVariable, raceAtOnce = "GORACE", "atexit_sleep_ms=0"

// isolate keeps a script away from the user's own files and tokens.
func isolate(env *testscript.Env) error {
	for name, value := range map[string]string{
		"HOME":              env.WorkDir,
		"USERPROFILE":       env.WorkDir,
		"XDG_DATA_HOME":     filepath.Join(env.WorkDir, "data"),
		"XDG_CONFIG_HOME":   filepath.Join(env.WorkDir, "config"),
		"PORTOLAN_HOME":     shortHome(env),
		"KUBECONFIG":        filepath.Join(env.WorkDir, "kubeconfig"),
		"GIT_CONFIG_GLOBAL": os.DevNull,
		"GIT_CONFIG_SYSTEM": os.DevNull,
		"NO_PROXY":          "127.0.0.1,localhost,::1",
		// Only a script about the agent has one.
		"PORTOLAN_NO_AUTOSTART": "1",
		// No icon of ours in the panel of who runs the tests.
		"PORTOLAN_NO_TRAY": "1",
		// No session bus: the user's keychain stays out of reach.
		"DBUS_SESSION_BUS_ADDRESS": "disabled:",
		raceVariable:               raceAtOnce,
	} {
		env.Setenv(name, value)
	}
	env.Values[runningKey{}] = &running{attended: map[string]attended{}, regulars: map[string]*regular{}}
	home := env.Getenv("PORTOLAN_HOME")
	env.Defer(func() {
		if pid := store.Holder(home); pid != 0 {
			kill(pid) // an agent that a script left behind
		}
	})
	return nil
}

// shortHome is a directory whose socket path fits into the 104 bytes that macOS
// allows, which a test's own directory does not.
func shortHome(env *testscript.Env) string {
	dir, err := os.MkdirTemp("", "ptl")
	if err != nil {
		env.T().Fatal(err)
	}
	env.Defer(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "home")
}

// patience is how long a script waits for what must come; the machine may be
// slow, and nothing is measured by it.
const patience = 30 * time.Second

// inherited are the variables that a background process gets from its script.
var inherited = []string{
	"PATH", "HOME", "USERPROFILE", "TMPDIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "NO_PROXY", "HTTPS_PROXY",
	"PORTOLAN_HOME", "PORTOLAN_OUTPUT", "PORTOLAN_GITHUB_TOKEN", "PORTOLAN_GITHUB_HOST", "PORTOLAN_TOKEN_FILE",
	"KUBECONFIG", "DBUS_SESSION_BUS_ADDRESS", "SHELL", "PORTOLAN_NO_AUTOSTART", "PORTOLAN_NO_TRAY", raceVariable,
}

// background is a long-running portolan of a script.
type background struct {
	cmd   *exec.Cmd
	first string // line of standard output
	log   *os.File
}

// launch starts portolan and waits for its first line.
func launch(ts *testscript.TestScript, args ...string) *background {
	program := binary(ts)
	return await(ts, exec.Command(program, args...), args[0])
}

// binary is the portolan that the script runs.
func binary(ts *testscript.TestScript) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if program, err := exec.LookPath(filepath.Join(dir, "portolan")); err == nil {
			return program
		}
	}
	ts.Fatalf("there is no portolan in PATH")
	return ""
}

// environment is what a process started beside the script gets of its variables.
func environment(ts *testscript.TestScript) (env []string) {
	for _, name := range inherited {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// await starts a command in the script's environment and waits for its first
// line. Its standard error goes into the file name.log.
func await(ts *testscript.TestScript, cmd *exec.Cmd, name string) *background {
	b := &background{cmd: cmd}
	b.cmd.Env = environment(ts)
	endable(b.cmd)
	var err error
	b.log, err = os.Create(ts.MkAbs(name + ".log"))
	ts.Check(err)
	b.cmd.Stderr = b.log
	out, err := b.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(b.cmd.Start())
	ts.Defer(func() { _ = b.cmd.Process.Kill() })
	lines := make(chan string, 1)
	go func() {
		scanner := bufio.NewScanner(out)
		scanner.Scan()
		lines <- scanner.Text()
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case b.first = <-lines:
	case <-time.After(patience):
	}
	if b.first == "" {
		_ = b.cmd.Process.Kill()
		ts.Fatalf("%v did not come up:\n%s", cmd.Args, ts.ReadFile(name+".log"))
	}
	return b
}

// quit asks the process to end and returns its exit code.
func (b *background) quit(ts *testscript.TestScript) int {
	ts.Check(askToEnd(b.cmd.Process))
	ended := make(chan struct{})
	go func() { _ = b.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		ts.Fatalf("the process does not end")
	}
	_ = b.log.Close()
	return b.cmd.ProcessState.ExitCode()
}

// running is what one script has started.
type running struct {
	process *background
	world   *demo.Info
	hub     *githubtest.Server
	under   io.ReadCloser // a download that has begun

	attended map[string]attended
	regulars map[string]*regular
	touched  atomic.Value // string: what the cluster was asked for
}

type runningKey struct{}

func script(ts *testscript.TestScript) *running { return ts.Value(runningKey{}).(*running) }

// cmdServe starts "portolan serve" in the background: serve [FLAG...].
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	b := launch(ts, append([]string{"serve", "--output", "json", "--log-level", "debug"}, args...)...)
	script(ts).process = b
}

// cmdLimited starts "portolan serve" where no file may grow beyond a number of
// blocks of 512 bytes, as on a disk that is full: limited BLOCKS serve.
func cmdLimited(ts *testscript.TestScript, neg bool, args []string) {
	line := fmt.Sprintf("ulimit -f %s; exec '%s' serve --output json", args[0], binary(ts))
	script(ts).process = await(ts, exec.Command("/bin/sh", "-c", line), "serve")
}

// cmdMany writes a file of 2,000 entries: many FILE.
func cmdMany(ts *testscript.TestScript, neg bool, args []string) {
	var entries []portolan.Entry
	for i := range 2000 {
		entries = append(entries, portolan.Entry{
			Alias: fmt.Sprintf("entry-%d", i), Service: "shop", Namespace: "shop-dev", Context: "demo-dev",
			RemotePort: portolan.Port{Name: "http"}, Description: strings.Repeat("a long description ", 10),
		})
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), portolan.Encode(entries), 0o600))
}

// cmdDemo starts "portolan demo" and sets PORTOLAN_HOME, WORKTREE, REPOSITORY and
// KUBECONFIG to what it offers.
func cmdDemo(ts *testscript.TestScript, neg bool, args []string) {
	b := launch(ts, "demo", "--output", "json")
	script(ts).process = b
	var info struct{ Home, Worktree, Repository, Kubeconfig string }
	ts.Check(json.Unmarshal([]byte(b.first), &info))
	ts.Setenv("PORTOLAN_HOME", info.Home)
	ts.Setenv("WORKTREE", info.Worktree)
	ts.Setenv("REPOSITORY", info.Repository)
	ts.Setenv("KUBECONFIG", info.Kubeconfig)
}

// cmdForward starts "portolan port-forward" in the background and sets ADDRESS to
// where it listens.
func cmdForward(ts *testscript.TestScript, _ bool, args []string) {
	b := launch(ts, append([]string{"port-forward"}, args...)...)
	script(ts).process = b
	address, remote, ok := strings.Cut(strings.TrimPrefix(b.first, "Forwarding from "), " -> ")
	if !ok || remote == "" {
		ts.Fatalf("the first line is %q, not kubectl's", b.first)
	}
	ts.Setenv("ADDRESS", address)
}

// cmdQuit ends the background process, which must exit with 0.
func cmdQuit(ts *testscript.TestScript, neg bool, args []string) {
	b := script(ts).process
	if b == nil {
		ts.Fatalf("nothing runs in the background")
	}
	if code := b.quit(ts); code != 0 {
		ts.Fatalf("it ended with %d:\n%s", code, ts.ReadFile(filepath.Base(b.log.Name())))
	}
}

// cmdAwait repeats a command until its output matches: await REGEXP COMMAND ...
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || neg {
		ts.Fatalf("usage: await REGEXP COMMAND...")
	}
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for until := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("%q does not come from %v; last:\n%s%s", args[0], args[1:], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
		}
	}
}

// cmdGet fetches a URL into standard output; with "!" it must fail to connect.
func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, args[0], nil)
	ts.Check(err)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if neg {
		if err == nil {
			_ = resp.Body.Close()
			ts.Fatalf("it answers %s", resp.Status)
		}
		return
	}
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	_, _ = fmt.Fprintf(ts.Stdout(), "%s\n%s", resp.Status, body)
}

// cmdField sets a variable to a field of the JSON on standard output:
// field VARIABLE [ALIAS] NAME picks from an object, or from the array's element
// with that alias.
func cmdField(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: field VARIABLE ENVIRONMENT/ALIAS NAME")
	}
	var list []map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &list))
	for _, item := range list {
		if fmt.Sprintf("%v/%v", item["environment"], item["alias"]) == args[1] {
			ts.Setenv(args[0], fmt.Sprint(item[args[2]]))
			return
		}
	}
	ts.Fatalf("no entry %s on standard output", args[1])
}

// cmdOccupy listens on a port for the rest of the script: occupy PORT [ADDRESS],
// which is 127.0.0.1 if it is not given, or occupy ADDRESS:PORT.
func cmdOccupy(ts *testscript.TestScript, neg bool, args []string) {
	host := "127.0.0.1"
	if len(args) > 1 {
		host = args[1]
	}
	address := args[0]
	if !strings.Contains(address, ":") {
		address = net.JoinHostPort(host, address)
	}
	l, err := net.Listen("tcp", address)
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
}

// cmdExits runs a command that must end with that code: exits CODE COMMAND ...
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("%v ended with %d, not %s:\n%s%s", args[1:], code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// cmdSubst replaces a text in a file: subst FILE OLD NEW.
func cmdSubst(ts *testscript.TestScript, neg bool, args []string) {
	before := ts.ReadFile(args[0])
	after := strings.ReplaceAll(before, args[1], args[2])
	if before == after {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(after), 0o600))
}

// cmdSignalled runs a command, asks it to end once it has printed its first line,
// and puts its output and exit code on standard output: signalled COMMAND...
func cmdSignalled(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.Getenv("PATH")
	cmd := exec.Command(binary(ts), args[1:]...)
	cmd.Env = append(environment(ts), "PATH="+path)
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { _ = cmd.Process.Kill() })
	scanner := bufio.NewScanner(out)
	scanner.Scan()
	ts.Check(askToEnd(cmd.Process))
	for scanner.Scan() {
		_, _ = fmt.Fprintln(ts.Stdout(), scanner.Text())
	}
	_ = cmd.Wait()
	_, _ = fmt.Fprintf(ts.Stdout(), "exit code %d\n", cmd.ProcessState.ExitCode())
}
