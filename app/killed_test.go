//go:build unix

package app_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

var killings = flag.Int("killings", 20, "how often TestKilledAtAnyMoment kills the agent")

// wishes are what a client of an agent knows: the last answered wish for each
// forward, and the one under way when the agent died.
type wishes struct {
	answered map[portolan.ID]bool
	open     portolan.ID // "" = none
}

// TestKilledAtAnyMoment kills the agent while forwards are started and stopped,
// again and again: what was answered is so after the next start, what was under
// way is done or not, and nothing else has changed.
func TestKilledAtAnyMoment(t *testing.T) {
	dir, err := os.MkdirTemp("", "ptl") // short, for the socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	home := filepath.Join(dir, "home")
	known := wishes{answered: map[portolan.ID]bool{}}
	for range *killings + 1 {
		agent, client := startAgent(t, home)
		if len(known.answered) == 0 {
			known.populate(t, client)
		}
		known.compare(t, client)
		ctx, cancel := context.WithCancel(t.Context())
		died := make(chan struct{})
		go func() {
			defer close(died)
			defer cancel()
			time.Sleep(rand.N(40 * time.Millisecond)) // any moment will do
			_ = agent.Process.Kill()
			_ = agent.Wait()
		}()
		known.change(ctx, client)
		<-died
		if t.Failed() {
			return
		}
	}
}

// startAgent starts an agent of its own and returns when it answers.
func startAgent(t *testing.T, home string) (*exec.Cmd, *api.Client) {
	t.Helper()
	agent := exec.Command("portolan", "agent", "--home", home)
	agent.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(home), "KUBECONFIG=" + os.DevNull,
		"DBUS_SESSION_BUS_ADDRESS=disabled:", raceVariable + "=" + raceAtOnce}
	agent.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Process.Kill() })
	client := api.NewClient(api.SocketPath(home))
	for until := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		v, err := client.Version(t.Context())
		if err == nil && v.PID == agent.Process.Pid {
			return agent, client
		}
		if time.Now().After(until) {
			t.Fatalf("the agent does not answer: %v", err)
		}
	}
}

// populate adds forwards that lead nowhere.
func (w *wishes) populate(t *testing.T, client *api.Client) {
	t.Helper()
	for i := range 6 {
		fields := api.Fields{}
		text := fmt.Sprintf(`{"alias": "f%d", "service": "s", "namespace": "n", "context": "none", "remote_port": 80}`, i)
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatal(err)
		}
		f, err := client.Add(t.Context(), "dev", fields)
		if err != nil {
			t.Fatal(err)
		}
		w.answered[f.ID] = false
	}
}

// change starts and stops forwards until ctx ends or the agent dies.
func (w *wishes) change(ctx context.Context, client *api.Client) {
	for {
		for id, on := range w.answered { // in any order
			w.open = id
			call := client.Start
			if on {
				call = client.Stop
			}
			if _, err := call(ctx, api.Selection{Names: []string{string(id)}}); err != nil {
				return
			}
			w.answered[id], w.open = !on, ""
		}
	}
}

// compare holds what the agent has against what it answered before it died.
func (w *wishes) compare(t *testing.T, client *api.Client) {
	t.Helper()
	view, err := client.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(view.Forwards) != len(w.answered) {
		t.Errorf("there are %d forwards, not %d", len(view.Forwards), len(w.answered))
	}
	for _, f := range view.Forwards {
		want, ok := w.answered[f.ID]
		if !ok || f.Local.Wanted != want && f.ID != w.open {
			t.Errorf("%s: wanted is %v, and was answered with %v (%v)", f.Entry.Alias, f.Local.Wanted, want, ok)
		}
		if f.Local.Wanted && f.Status.Phase == portolan.Off {
			t.Errorf("%s is wanted, and off", f.Entry.Alias)
		}
		w.answered[f.ID] = f.Local.Wanted
	}
	w.open = ""
}
