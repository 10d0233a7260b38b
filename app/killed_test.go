//go:build unix

package app_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

var killings = flag.Int("killings", 20, "how often each of the TestKilled… kills the agent")

// TestKilledAtAnyMoment kills the agent while forwards are started, stopped, edited
// and synced, again and again: what was answered is so after the next start, what
// was under way is done or not, and nothing else has changed.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	for range *killings + 1 {
		agent := agentIn(w.home)
		if err := agent.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = agent.Process.Kill() })
		client := w.meet(t, agent.Process.Pid, nil)
		died := make(chan struct{})
		go func() {
			defer close(died)
			time.Sleep(rand.N(40 * time.Millisecond)) // any moment will do
			_ = agent.Process.Kill()
			_ = agent.Wait()
		}()
		w.change(t, client, died)
		if t.Failed() {
			return
		}
	}
}

// agentIn is the command of an agent of its own.
func agentIn(home string) *exec.Cmd {
	agent := exec.Command("portolan", "agent", "--home", home)
	agent.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(home), "KUBECONFIG=" + os.DevNull,
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "NO_PROXY=127.0.0.1", raceVariable + "=" + raceAtOnce}
	agent.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return agent
}

// fact is what is stored of a forward.
type fact struct {
	wanted bool
	port   int
}

// witness is what a client of an agent knows: what was answered, and the change
// under way when the agent died.
type witness struct {
	home     string
	answered map[portolan.ID]fact
	open     map[portolan.ID]fact // after the change under way: all of it is so, or nothing

	repository     string // as a person adds it
	worktree       string
	synced, pushed int // ports of the source's entries, as answered and as committed
}

// newWitness makes a home, and a repository to follow.
func newWitness(t *testing.T) *witness {
	t.Helper()
	dir, err := os.MkdirTemp("", "ptl") // short, for the socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &witness{home: filepath.Join(dir, "home"), worktree: filepath.Join(dir, "team"), answered: map[portolan.ID]fact{}}
	w.git(t, "init", "--quiet", "--initial-branch=main", w.worktree)
	w.push(t)
	host := demo.NewGitHub(demo.GitHubConfig{Dir: w.worktree, Owner: "acme", Name: "team", Quota: math.MaxInt32})
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- host.Run(ctx, func() { close(ready) }) }()
	t.Cleanup(func() { stop(); <-ended })
	<-ready
	w.repository = host.URL()
	return w
}

func (w *witness) git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// push commits another port for all entries of the source.
func (w *witness) push(t *testing.T) {
	t.Helper()
	w.pushed++
	text := fmt.Sprintf(`[{"alias": "a", "service": "s", "namespace": "n", "remote_port": %d},
		{"alias": "b", "service": "s", "namespace": "n", "remote_port": %[1]d}]`, w.pushed)
	if err := os.WriteFile(filepath.Join(w.worktree, "staging.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.git(t, "-C", w.worktree, "add", ".")
	w.git(t, "-C", w.worktree, "commit", "--quiet", "--message", fmt.Sprint("port ", w.pushed))
}

// meet waits until the agent answers, and holds what it has against what was
// answered before; nil if it died first.
func (w *witness) meet(t *testing.T, pid int, died <-chan struct{}) *api.Client {
	t.Helper()
	client := api.NewClient(api.SocketPath(w.home))
	for until := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		v, err := client.Version(t.Context())
		if err == nil && v.PID == pid {
			break
		}
		select {
		case <-died:
			return nil
		default:
		}
		if time.Now().After(until) {
			t.Fatalf("the agent does not answer: %v", err)
		}
	}
	if view, err := client.View(t.Context()); err == nil {
		w.compare(t, view)
	}
	return client
}

// change changes this and that until the agent has died.
func (w *witness) change(t *testing.T, client *api.Client, died <-chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { <-died; cancel() }()
	err := w.populate(ctx, client)
	for next := 0; err == nil; next++ {
		switch next % 3 {
		case 0:
			err = w.toggle(ctx, client)
		case 1:
			err = w.edit(ctx, client)
		case 2:
			w.push(t)
			err = w.sync(ctx, client)
		}
	}
	select {
	case <-died:
	case <-time.After(patience):
		t.Fatalf("the agent lives, and refuses: %v", err)
	}
}

// populate adds what is lacking: the source, and forwards that lead nowhere.
func (w *witness) populate(ctx context.Context, client *api.Client) error {
	view, err := client.View(ctx)
	if err != nil {
		return err
	}
	if len(view.Sources) == 0 {
		if _, err := client.AddSource(ctx, api.AddSource{Repository: w.repository}); err != nil {
			return err
		}
	}
	for i := len(w.answered); i < 6; i++ {
		fields := api.Fields{}
		text := fmt.Sprintf(`{"alias": "f%d", "service": "s", "namespace": "n", "context": "none", "remote_port": 80}`, i)
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			return err
		}
		f, err := client.Add(ctx, "dev", fields)
		if err != nil {
			return err
		}
		w.answered[f.ID] = fact{port: 80}
	}
	return nil
}

// commit notes what a change makes of some forwards, makes it, and notes that it is
// made.
func (w *witness) commit(after map[portolan.ID]fact, change func() error) error {
	w.open = after
	if err := change(); err != nil {
		return err
	}
	maps.Copy(w.answered, after)
	w.open = nil
	return nil
}

// toggle starts or stops half of the forwards at once.
func (w *witness) toggle(ctx context.Context, client *api.Client) error {
	after, names := map[portolan.ID]fact{}, []string{}
	on := rand.N(2) == 0
	for id, f := range w.answered { // in any order
		if len(names) < 3 {
			after[id], names = fact{on, f.port}, append(names, string(id))
		}
	}
	call := client.Stop
	if on {
		call = client.Start
	}
	return w.commit(after, func() error { _, err := call(ctx, api.Selection{Names: names}); return err })
}

// edit changes the port of one forward.
func (w *witness) edit(ctx context.Context, client *api.Client) error {
	for id, f := range w.answered {
		f.port++
		fields := api.Fields{"remote_port": json.RawMessage(fmt.Sprint(f.port))}
		return w.commit(map[portolan.ID]fact{id: f}, func() error { _, err := client.Edit(ctx, id, fields, false); return err })
	}
	return nil
}

// sync lets what the team has committed come in.
func (w *witness) sync(ctx context.Context, client *api.Client) error {
	results, err := client.Sync(ctx, nil)
	if err != nil {
		return err
	}
	if len(results) != 1 || results[0].Fault != nil {
		return fmt.Errorf("the sync brought %+v", results)
	}
	w.synced = w.pushed
	return nil
}

// compare holds what the agent has against what it answered before it died.
func (w *witness) compare(t *testing.T, view portolan.View) {
	t.Helper()
	for _, n := range view.Notices {
		if n.Code != "resumed" {
			t.Errorf("it does not start as if nothing were wrong: %+v", n)
		}
	}
	now, team := map[portolan.ID]fact{}, map[int]int{}
	for _, f := range view.Forwards {
		if f.Environment == "staging" {
			team[f.Entry.RemotePort.Number]++
			continue
		}
		now[f.ID] = fact{f.Local.Wanted, f.Entry.RemotePort.Number}
		if f.Local.Wanted && f.Status.Phase == portolan.Off {
			t.Errorf("%s is wanted, and off", f.Entry.Alias)
		}
	}
	after := maps.Clone(w.answered)
	maps.Copy(after, w.open)
	if !matches(now, w.answered) && !matches(now, after) {
		t.Errorf("there is       %v\nanswered was    %v\nunder way was   %v", now, w.answered, w.open)
	}
	for port, n := range team {
		if n != 2 || port < w.synced || port > w.pushed {
			t.Errorf("the source's entries have the ports %v, answered was %d, committed %d", team, w.synced, w.pushed)
		}
	}
	if len(team) == 0 && w.synced > 0 {
		t.Error("the source is lost")
	}
	w.answered, w.open = now, nil
}

// matches reports whether now is what it should be; one that was just being added may
// be there too.
func matches(now, want map[portolan.ID]fact) bool {
	for id, f := range want {
		if now[id] != f {
			return false
		}
	}
	return len(now) <= len(want)+1
}
