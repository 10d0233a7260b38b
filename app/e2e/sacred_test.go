package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// spared are the methods of the API that TestSacred does not call, with the reason.
var spared = map[string]string{
	"Shutdown":   "ends the program, which lets connections go on for ten seconds",
	"Quit":       "as Shutdown",
	"Device":     "begins a sign-in at a host that has an app; nothing of a cluster takes part",
	"DeviceWait": "as Device",
}

// A step is something that a person or a program may do, and the methods of the API
// that it calls.
type step struct {
	calls string
	do    func()
}

// TestSacred holds that nothing that is done to one forward, source, context, setting
// or window drops a connection of another: two stay open through all that the API can
// do, one of an entry of this machine and one of a team's, and each is used after each
// step. A method that is new here fails the test until it is a step, or is spared.
func TestSacred(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skipf("there is no git to be a team with: %v", err)
	}
	b := beds(t)
	b.deploy(t, portolan.Deployment, "sacred", 1)
	b.deploy(t, portolan.Deployment, "profane", 1)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	copyFile(t, b.kubeconfig(), kubeconfig)
	p := serve(t, b, kubeconfig)
	w := world{program: p, team: newTeam(t), kubeconfig: kubeconfig}

	w.team.commit("team.json", w.file("kept", "sacred"), w.file("moved", "profane"), w.file("gone", "profane"))
	p.run("source", "add", w.team.url, "--name", "team", "--include", "team.json")
	p.start("mine", "service=sacred", "remote-port=echo")
	p.run("start", "team/kept")
	sacred := map[string]net.Conn{"of this machine": p.dial("mine")}
	conn, err := net.Dial("tcp", w.view("team/kept").Status.Addresses[0])
	check(t, err)
	defer conn.Close()
	sacred["of the team"] = conn

	called := map[string]bool{}
	for _, s := range w.steps() {
		s.do()
		for name := range strings.FieldsSeq(s.calls) {
			called[name] = true
		}
		for whose, conn := range sacred {
			check(t, conn.SetDeadline(time.Now().Add(patience)))
			if err := exchange(conn, s.calls); err != nil {
				t.Fatalf("the connection %s did not outlive %s: %v", whose, s.calls, err)
			}
		}
	}
	for method := range reflect.TypeFor[api.API]().Methods() {
		if name := method.Name; !called[name] && spared[name] == "" {
			t.Errorf("no step calls %s, and nothing says why", name)
		}
	}
}

// A world is a program with the team that it follows.
type world struct {
	*program
	team       *team
	kubeconfig string
}

// file is one entry of the team's, which leads to the echo of a service.
func (w world) file(alias, service string) map[string]any {
	return map[string]any{"alias": alias, "service": service, "namespace": w.bed.namespace(), "context": w.bed.context(), "remote_port": "echo"}
}

// view is a forward by its full name.
func (w world) view(name string) portolan.ForwardView {
	w.t.Helper()
	view, err := w.api.View(w.t.Context())
	check(w.t, err)
	found, err := api.Selection{Names: []string{name}}.Pick(view.Forwards)
	check(w.t, err)
	return found[0]
}

// tries makes a call that may be refused: what it does to others is what counts.
func (w world) tries(args ...string) { _ = w.command(args...).Run() }

func (w world) steps() []step {
	run := func(args ...string) func() { return func() { w.t.Helper(); w.run(args...) } }
	all := func(steps ...func()) func() {
		return func() {
			for _, do := range steps {
				do()
			}
		}
	}
	steps := []step{
		{"Version View Counters", run("status")},
		{"Changes", func() { _, _ = w.api.Changes(w.t.Context(), 0) }},
		{"Add Start", func() { w.start("beside", "service=sacred", "remote-port=echo") }},
		{"Events Kubectl", all(run("events", "e2e/mine"), run("kubectl", "e2e/mine"))},
		{"Stop", func() { echo(w.t, w.dial("beside"), "x"); w.run("stop", "e2e/beside") }},
		{"Edit", all(run("start", "e2e/beside"), run("edit", "e2e/beside", "--remote-port", "http"), run("edit", "e2e/beside", "--service", "profane"))},
		{"Undo", run("undo")},
		{"Edit here", run("edit", "e2e/beside", "--context", "nowhere", "--here")},
		{"Remove", run("remove", "e2e/beside")},
		{"Start of what is not there", func() { w.add("lost", "service=lost", "remote-port=1"); w.tries("start", "e2e/lost") }},
		{"Start of a closed port", func() { w.start("closed", "service=sacred", "remote-port=closed"); w.refused("closed") }},
		{"Export Import", func() {
			file := filepath.Join(w.t.TempDir(), "copy.json")
			check(w.t, os.WriteFile(file, []byte(w.run("export", "e2e/mine")), 0o600))
			w.run("import", file, "--env", "copy")
		}},
		{"Hold", run("run", "copy/mine", "--", "git", "--version")},
		{"SetFavourite OrderFavourites", func() {
			w.run("favourite", "e2e/mine", "copy/mine")
			check(w.t, w.api.OrderFavourites(w.t.Context(), []portolan.ID{w.view("copy/mine").ID, w.view("e2e/mine").ID}))
		}},
	}
	return append(append(append(steps, w.stepsOfSources()...), w.stepsOfContexts()...), w.stepsOfTheMachine()...)
}

// stepsOfSources follow the team through everything that it may do to other entries,
// and a second source of the same repository to its end.
func (w world) stepsOfSources() []step {
	run := func(args ...string) func() { return func() { w.t.Helper(); w.run(args...) } }
	kept := w.file("kept", "sacred")
	moved := func(service string) map[string]any { return w.file("moved", service) }
	return []step{
		{"Look AddSource", func() {
			w.team.commit("second.json", w.file("second", "sacred"))
			_, err := w.api.Look(w.t.Context(), api.AddSource{Repository: w.team.url})
			check(w.t, err)
			w.run("source", "add", w.team.url, "--name", "second", "--include", "second.json")
		}},
		{"Start of the team's", run("start", "team/moved", "team/gone", "second/second")},
		{"Sync that removes and moves", func() {
			w.team.commit("team.json", kept, map[string]any{"alias": "moved", "service": "profane", "namespace": "elsewhere", "context": w.bed.context(), "remote_port": "echo"})
			w.run("sync")
		}},
		{"Confirm", run("confirm", "team/moved")},
		{"Edit Sync Answer", func() {
			w.run("edit", "team/moved", "--description", "mine")
			w.team.commit("team.json", kept, moved("sacred"))
			w.run("sync", "team")
			var edits []portolan.Superseded
			check(w.t, json.Unmarshal([]byte(w.run("superseded", "--output", "json")), &edits))
			w.run("superseded", "dismiss", edits[0].ID)
		}},
		{"Preview", func() { w.tries("sync", "--dry-run") }},
		{"Pause", func() { w.run("pause"); w.run("resume") }},
		{"SetSource Review Approve", func() {
			w.run("source", "set", "team", "--apply", "review")
			w.team.commit("team.json", kept, moved("profane"))
			w.run("sync", "team")
			w.run("review", "team")
			w.run("review", "approve", "team")
			w.run("source", "set", "team", "--apply", "auto")
		}},
		{"HoldSource ResumeSource", func() { w.run("hold", "team"); w.run("resume", "team") }},
		{"History RevisionRows Diff Restore", func() {
			revisions, err := w.api.History(w.t.Context(), "team", 2)
			check(w.t, err)
			before := revisions[1].Number
			_, err = w.api.RevisionRows(w.t.Context(), "team", before)
			check(w.t, err)
			w.run("diff", "team", strconv.FormatUint(before, 10))
			w.run("restore", "team", strconv.FormatUint(before, 10))
			w.run("resume", "team")
		}},
		{"Sync of a broken file", func() {
			w.team.write("team.json", []byte("[{"))
			w.tries("sync", "team")
			w.team.commit("team.json", kept, moved("profane"))
			w.run("sync", "team")
		}},
		{"ConfirmSource", func() {
			w.team.remove("second.json")
			w.tries("sync", "second")
			w.run("source", "confirm", "second")
		}},
		{"RemoveSource", run("source", "remove", "second")},
		{"Consents Revoke", func() { w.run("trust", "list"); w.tries("trust", "revoke", "team") }},
	}
}

// stepsOfContexts touch the kubeconfig, and clusters that are not there.
func (w world) stepsOfContexts() []step {
	rewrite := func(change func(*clientcmdapi.Config)) {
		config, err := clientcmd.LoadFromFile(w.kubeconfig)
		check(w.t, err)
		change(config)
		check(w.t, clientcmd.WriteToFile(*config, w.kubeconfig))
	}
	return []step{
		{"Contexts Targets", func() {
			w.run("context", "list")
			_, err := w.api.Targets(w.t.Context(), portolan.TargetQuery{Context: w.bed.context(), Namespace: w.bed.namespace(), Kind: portolan.Service})
			check(w.t, err)
		}},
		{"a context more", func() {
			rewrite(func(c *clientcmdapi.Config) {
				c.Clusters["dead"] = &clientcmdapi.Cluster{Server: "https://127.0.0.1:1"}
				c.Contexts["dead"] = &clientcmdapi.Context{Cluster: "dead", AuthInfo: c.Contexts[w.bed.context()].AuthInfo}
				c.CurrentContext = "dead"
			})
		}},
		{"Start in a dead context", func() {
			w.run("add", "--env", "e2e", "--alias", "dead", "--context", "dead", "--service", "x", "--remote-port", "1")
			w.tries("start", "e2e/dead")
			w.run("stop", "e2e/dead")
		}},
		{"MapContext", func() {
			w.run("context", "map", "copy", w.bed.context(), "dead")
			w.tries("start", "copy/mine")
			w.run("context", "map", "copy", w.bed.context(), "--clear")
		}},
		{"the context gone", func() { rewrite(func(c *clientcmdapi.Config) { delete(c.Contexts, "dead") }) }},
		{"half a file for a moment", func() {
			whole, err := os.ReadFile(w.kubeconfig)
			check(w.t, err)
			check(w.t, os.WriteFile(w.kubeconfig, whole[:len(whole)/2], 0o600))
			w.tries("start", "e2e/lost")
			check(w.t, os.WriteFile(w.kubeconfig, whole, 0o600))
		}},
	}
}

// stepsOfTheMachine are about settings, accounts and windows.
func (w world) stepsOfTheMachine() []step {
	set := func(name, value string) func() {
		return func() { w.run("settings", "set", name, value); w.run("settings", "set", name, "") }
	}
	return []step{
		{"Settings", func() { w.run("settings", "get") }},
		{"SetSetting hold", set("hold", "1m")},
		{"SetSetting mux", set("mux", "stock")},
		{"SetSetting", set("peers", "mine")},
		{"SetLogLevel", func() { check(w.t, w.api.SetLogLevel(w.t.Context(), "debug")) }},
		{"Checkup", func() { w.tries("doctor") }},
		{"SignIn SignOut Accounts", func() {
			_, _ = w.api.SignIn(w.t.Context(), api.SignIn{Host: "127.0.0.1:1", Token: "none"})
			_, _ = w.api.SignOut(w.t.Context(), api.SignOut{Host: "127.0.0.1:1"})
			_, err := w.api.Accounts(w.t.Context())
			check(w.t, err)
		}},
		{"WebLink", func() { _, _ = w.api.WebLink(w.t.Context()) }},
		{"Raise Raised", func() { // a window opens, is raised, and is closed
			ctx, closed := context.WithCancel(w.t.Context())
			window := make(chan struct{})
			go func() { defer close(window); _, _ = w.api.Raised(ctx) }()
			_, err := w.api.Raise(w.t.Context(), "settings")
			closed()
			<-window
			check(w.t, err)
		}},
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	check(t, err)
	check(t, os.WriteFile(to, data, 0o600))
}

// A team is a repository and somebody who commits to it.
type team struct {
	t        *testing.T
	url, dir string
}

func newTeam(t *testing.T) *team {
	t.Helper()
	m := &team{t: t, dir: t.TempDir()}
	m.git("init", "--quiet", "--initial-branch", "main")
	m.git("config", "user.name", "Team")
	m.git("config", "user.email", "team@portolan.example")
	m.git("config", "commit.gpgsign", "false")
	hub := demo.NewGitHub(demo.GitHubConfig{Dir: m.dir, Owner: "team", Name: "forwards", Quota: 5000})
	ctx, stop := context.WithCancel(context.Background())
	up, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- hub.Run(ctx, func() { close(up) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-up:
	case <-time.After(patience):
		t.Fatal("the team's repository does not come up")
	}
	m.url = hub.URL()
	return m
}

// commit writes an environment file.
func (m *team) commit(file string, entries ...map[string]any) {
	m.t.Helper()
	data, err := json.MarshalIndent(entries, "", "  ")
	check(m.t, err)
	m.write(file, data)
}

func (m *team) write(file string, data []byte) {
	m.t.Helper()
	check(m.t, os.WriteFile(filepath.Join(m.dir, file), data, 0o600))
	m.git("add", file)
	m.git("commit", "--quiet", "--message", fmt.Sprint("Change ", file))
}

func (m *team) remove(file string) {
	m.t.Helper()
	m.git("rm", "--quiet", file)
	m.git("commit", "--quiet", "--message", "Remove "+file)
}

func (m *team) git(args ...string) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), "git", append([]string{"-C", m.dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	_, err := output(cmd)
	check(m.t, err)
}
