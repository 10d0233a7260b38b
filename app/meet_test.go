//go:build unix

package app_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/store"
)

// TestStartersMeet starts the agent of one home twice at the same instant, again
// and again: one agent has the home, and both starters found it.
func TestStartersMeet(t *testing.T) {
	dir, err := os.MkdirTemp("", "ptl") // short, for the socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	home := filepath.Join(dir, "home")
	portolan := func(args ...string) ([]byte, error) {
		cmd := exec.Command("portolan", append([]string{"--home", home, "--output", "json"}, args...)...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "KUBECONFIG=" + os.DevNull,
			"DBUS_SESSION_BUS_ADDRESS=disabled:", raceVariable + "=" + raceAtOnce}
		return cmd.Output()
	}
	for round := range 20 {
		var found [2]api.Version
		var both sync.WaitGroup
		for i := range found {
			both.Go(func() {
				out, err := portolan("agent", "start")
				if err == nil {
					err = json.Unmarshal(out, &found[i])
				}
				if err != nil {
					t.Errorf("round %d, starter %d: %v\n%s", round, i, err, out)
				}
			})
		}
		both.Wait()
		if found[0].PID != found[1].PID || found[0].PID != store.Holder(home) {
			t.Errorf("round %d: they found %d and %d, and %d has the home", round, found[0].PID, found[1].PID, store.Holder(home))
		}
		if out, err := portolan("agent", "stop"); err != nil {
			t.Errorf("round %d: %v\n%s", round, err, out)
		}
		if pid := store.Holder(home); pid != 0 {
			kill(pid)
			t.Errorf("round %d: %d still has the home", round, pid)
		}
		if t.Failed() {
			return
		}
	}
}
