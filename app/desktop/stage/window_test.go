//go:build stage

package stage

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/displaytest"
)

// TestWindow opens the window again and again: its page is there, a second start
// brings it to the front, and when it is closed all of its memory is back.
func TestWindow(t *testing.T) {
	p := somebody(t)
	p.must("portolan", "agent", "start")
	for round := range *rounds {
		before := p.memory()
		w := p.open("portolan-desktop")
		if found := names(t); len(found) == 0 {
			t.Error("the page has no button")
		}
		open := p.memory()
		p.must("portolan-desktop")
		if n := len(shown(t)); n != 1 {
			t.Fatalf("%d windows are open", n)
		}
		w.close()
		eventually(t, "the end of the webview", func() bool { return len(p.family()) == 1 })
		time.Sleep(time.Second)
		after := p.memory()
		t.Logf("round %d: %d kB before, %d with the window, %d after", round, before, open, after)
		if round > 0 && after-before > 3<<10 { // the agent's first answers stay with it
			t.Errorf("%d kB are not given back", after-before)
		}
	}
}

// TestPlaceIsRemembered holds that a window opens where the last one was.
func TestPlaceIsRemembered(t *testing.T) {
	p := somebody(t)
	w := p.open("portolan-desktop")
	names(t)
	if err := display.MoveWindow(t.Context(), title, displaytest.Window{X: 140, Y: 160, Width: 900, Height: 600}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the move", func() bool { return shown(t)[0].Width == 900 })
	w.close()
	first, err := os.ReadFile(filepath.Join(p.home, "window.json"))
	if err != nil {
		t.Fatal(err)
	}
	w = p.open("portolan-desktop")
	eventually(t, "the size", func() bool { at := shown(t)[0]; return at.Width == 900 && at.Height == 600 })
	names(t)
	w.close()
	second, err := os.ReadFile(filepath.Join(p.home, "window.json"))
	if err != nil || string(second) != string(first) || !strings.Contains(string(first), `"x":140,"y":160`) {
		t.Errorf("it was at %sand came back at %s", first, second)
	}
}

// TestKilled holds that a window, or its web process, that is killed takes no
// connection with it.
func TestKilled(t *testing.T) {
	p := somebody(t)
	url := p.world()
	client := &http.Client{Transport: &http.Transport{}}
	asked(t, client, url)
	for _, victim := range []string{"WebKitWebProcess", "portolan-desktop"} {
		w := p.open("portolan-desktop")
		names(t)
		kill(t, p.only(victim))
		if victim == "WebKitWebProcess" {
			p.revived(w)
			kill(t, p.only("portolan-desktop"))
		}
		eventually(t, "the end of the webview", func() bool { return len(p.family()) == 1 })
		if !asked(t, client, url) {
			t.Errorf("the connection did not outlive %s", victim)
		}
	}
}

// revived starts the program once more: the window without a page gives way to
// one that has a page.
func (p *person) revived(dead *window) {
	p.must("portolan-desktop")
	dead.exits(0)
	if len(names(p.t)) == 0 || p.only("portolan-desktop") == dead.cmd.Process.Pid {
		p.t.Error("no other window came")
	}
}

// TestAgentKilled holds that an open window outlives its agent, and finds the next
// one: that brings it to the front.
func TestAgentKilled(t *testing.T) {
	p := somebody(t)
	w := p.open("portolan-desktop")
	names(t)
	old, err := p.agent()
	if err != nil {
		t.Fatal(err)
	}
	kill(t, old.PID)
	eventually(t, "the agent's end", func() bool { _, err := p.agent(); return err != nil })
	p.must("portolan", "agent", "start")
	if v, err := p.agent(); err != nil || v.PID == old.PID {
		t.Fatalf("%+v, %v", v, err)
	}
	time.Sleep(time.Second)
	p.must("portolan-desktop")
	if n := len(shown(t)); n != 1 {
		t.Errorf("%d windows are open: the first has not found the agent", n)
	}
	w.close()
}

// TestWhoIsTheAgent holds that a window starts the headless program beside it, or
// itself where there is none, and that the agent outlives the window.
func TestWhoIsTheAgent(t *testing.T) {
	for want, programs := range map[string][]string{
		"portolan":         {"portolan", "portolan-desktop"},
		"portolan-desktop": {"portolan-desktop"},
	} {
		t.Run(want, func(t *testing.T) {
			p := somebody(t, programs...)
			w := p.open("portolan-desktop")
			names(t)
			w.close()
			v, err := p.agent()
			if err != nil {
				t.Fatal(err)
			}
			if exe, err := os.Readlink("/proc/" + strconv.Itoa(v.PID) + "/exe"); err != nil || filepath.Base(exe) != want {
				t.Errorf("the agent is %s, %v", exe, err)
			}
			p.must(programs[0], "status")
		})
	}
}

// TestPortolanOpensTheWindow holds what the headless program does without a
// command, and what both do without a display.
func TestPortolanOpensTheWindow(t *testing.T) {
	p := somebody(t)
	w := p.open("portolan")
	names(t)
	w.close()
	p.env = append(p.env, "DISPLAY=")
	if out := p.must("portolan"); !strings.Contains(out, "Forwards:") {
		t.Errorf("no help without a display:\n%s", out)
	}
	if out, code := p.run("portolan-desktop"); code != 1 || !strings.Contains(out, "no display") {
		t.Errorf("without a display it ends with %d:\n%s", code, out)
	}
}

// TestHomeThatIsNone holds that the window opens all the same, and offers to try again.
func TestHomeThatIsNone(t *testing.T) {
	p := somebody(t)
	file := p.home
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.home = filepath.Join(file, "home")
	p.env = append(p.env, "PORTOLAN_HOME="+p.home)
	p.open("portolan-desktop")
	eventually(t, "the way to try again", func() bool { return slices.Contains(names(t), "Start the agent\n") })
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	p.must("portolan", "agent", "start")
	eventually(t, "the agent", func() bool { return !slices.Contains(names(t), "Start the agent\n") })
}

// TestInProcess is a window with an engine of its own, which ends with it.
func TestInProcess(t *testing.T) {
	p := somebody(t)
	w := p.open("portolan-desktop", "--in-process")
	names(t)
	if v, err := p.agent(); err != nil || v.PID != w.cmd.Process.Pid {
		t.Errorf("the engine is %+v, %v", v, err)
	}
	w.close()
	if v, err := p.agent(); err == nil {
		t.Errorf("left behind: %+v", v)
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
