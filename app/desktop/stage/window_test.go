//go:build stage

package stage

import (
	"image/color"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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
		w.page()
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
	w.page()
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
	w.page()
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
		w.page()
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
	(&reader{p.t}).sees(anyButton)
	if p.only("portolan-desktop") == dead.cmd.Process.Pid {
		p.t.Error("no other window came")
	}
}

// TestAgentKilled holds that an open window outlives its agent, and finds the next
// one: that brings it to the front.
func TestAgentKilled(t *testing.T) {
	p := somebody(t)
	w := p.open("portolan-desktop")
	w.page()
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
			w.page()
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
	w.page()
	w.close()
	p.env = append(p.env, "DISPLAY=")
	if out := p.must("portolan"); !strings.Contains(out, "Forwards:") {
		t.Errorf("no help without a display:\n%s", out)
	}
	if out, code := p.run("portolan-desktop"); code != 1 || !strings.Contains(out, "no display") {
		t.Errorf("without a display it ends with %d:\n%s", code, out)
	}
	p.env = append(p.env, "DISPLAY=:54321")
	if out, code := p.run("portolan-desktop"); code != 1 || !strings.Contains(out, "display that DISPLAY or WAYLAND_DISPLAY names") {
		t.Errorf("with a display that is not there it ends with %d:\n%s", code, out)
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
	r := &reader{t}
	r.sees(node{"button", "Start the agent"})
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	p.must("portolan", "agent", "start")
	r.sees(node{"heading", "Follow your team.s port-forwards"})
}

// TestInProcess is a window with an engine of its own, which ends with it.
func TestInProcess(t *testing.T) {
	p := somebody(t)
	w := p.open("portolan-desktop", "--in-process")
	w.page()
	if v, err := p.agent(); err != nil || v.PID != w.cmd.Process.Pid {
		t.Errorf("the engine is %+v, %v", v, err)
	}
	w.close()
	if v, err := p.agent(); err == nil {
		t.Errorf("left behind: %+v", v)
	}
}

// TestTwoAtOnce starts the program twice in the same moment, with an agent and
// without, and with a home and without: one window stays, and the other start ends
// well.
func TestTwoAtOnce(t *testing.T) {
	p := somebody(t)
	for round := range 4 {
		if round%2 == 0 {
			p.must("portolan", "agent", "stop")
		}
		starts := []*window{p.launch("portolan-desktop"), p.launch("portolan-desktop")}
		var stays *window
		select {
		case <-starts[0].ended:
			starts[0].exits(0)
			stays = starts[1]
		case <-starts[1].ended:
			starts[1].exits(0)
			stays = starts[0]
		case <-time.After(patience):
			t.Fatalf("round %d: %d windows stay", round, len(shown(t)))
		}
		stays.page()
		if n := len(shown(t)); n != 1 {
			t.Errorf("round %d: %d windows", round, n)
		}
		stays.close()
	}
}

// TestAgentGone holds that a start finds the window whose agent has ended: it starts
// another agent and raises the window.
func TestAgentGone(t *testing.T) {
	p := somebody(t)
	w := p.open("portolan-desktop")
	w.page()
	p.must("portolan", "agent", "stop")
	p.must("portolan-desktop")
	if n := len(shown(t)); n != 1 {
		t.Errorf("%d windows are open", n)
	}
	w.close()
}

// TestFirstStartInTheDark holds that the first window of a dark desktop is dark from
// its first moment, and that of a light one light.
func TestFirstStartInTheDark(t *testing.T) {
	for theme, dark := range map[string]bool{"Adwaita:dark": true, "Adwaita": false} {
		t.Run(theme, func(t *testing.T) {
			p := somebody(t)
			p.env = append(p.env, "GTK_THEME="+theme)
			p.must("portolan", "agent", "start")
			w := p.launch("portolan-desktop")
			seen := map[color.RGBA]int{} // in the window, beside what is on its page
			there := make(chan struct{})
			var looking sync.WaitGroup
			looking.Go(func() {
				for {
					screen, err := display.Screen()
					if at := shown(t); err == nil && len(at) == 1 {
						seen[screen.RGBAAt(at[0].X+at[0].Width/2, at[0].Y+at[0].Height/8)]++
					}
					select {
					case <-there:
						return
					case <-time.After(10 * time.Millisecond):
					}
				}
			})
			w.page()
			close(there)
			looking.Wait()
			t.Logf("%v", seen)
			for c, n := range seen {
				if c != (color.RGBA{A: 0xff}) && c.R > 0x80 == dark { // black is the screen behind it
					t.Errorf("%v was seen %d times", c, n)
				}
			}
			w.close()
		})
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
