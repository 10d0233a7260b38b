//go:build stage

// Package stage tests the window that people get: both programs as they are built,
// on a display, a session bus and a home of their own. "go run ./build/dev
// desktop-test" builds them and runs it.
package stage

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/displaytest"
)

// rounds is how often the window is opened and closed to see what it leaves.
var rounds = flag.Int("rounds", 3, "windows to open and close")

// pictures is a folder for what is on the screen after each step of the story.
var pictures = flag.String("pictures", "", "a folder for pictures of the story")

// patience is how long the tests wait for what must come.
const patience = 20 * time.Second

// display is the one of all tests here.
var display *displaytest.Display

const title = "Portolan"

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := onStage(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the stage:", err)
		code = 1
	}
	os.Exit(code)
}

// onStage plays where there is a display for it alone.
func onStage(play func() int) (code int, err error) {
	dir, err := os.MkdirTemp("", "stage")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if display, err = displaytest.Open(context.Background(), dir); err != nil {
		return 1, err
	}
	defer display.Close()
	return play(), nil
}

// person is somebody with a home and both programs.
type person struct {
	t    *testing.T
	dir  string // of the programs
	home string
	env  []string
}

// somebody has both programs, or only those that are named.
func somebody(t *testing.T, only ...string) *person {
	t.Helper()
	built, err := filepath.Abs("../../../build/out/window")
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.MkdirTemp("", "ptl") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, dir: filepath.Join(home, "bin"), home: filepath.Join(home, "home")}
	p.env = slices.Concat(os.Environ(), display.Env, []string{"PORTOLAN_HOME=" + p.home, "SHELL=", "KUBECONFIG=" + filepath.Join(home, "none")})
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if only == nil {
		only = []string{"portolan", "portolan-desktop"}
	}
	for _, name := range only {
		if err := os.Link(filepath.Join(built, name), filepath.Join(p.dir, name)); err != nil {
			copyFile(t, filepath.Join(built, name), filepath.Join(p.dir, name))
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(p.home, "logs", "portolan.log"))
			t.Logf("the agent's log:\n%s", log)
		}
		p.run(only[0], "agent", "stop")
		_ = os.RemoveAll(home)
	})
	return p
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o700)
	}
	if err != nil {
		t.Fatal(err, "; build the programs with: go run ./build/dev desktop-test")
	}
}

// run runs one of the programs to its end.
func (p *person) run(program string, args ...string) (output string, code int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(p.dir, program), args...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("%s %v: %v", program, args, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// must run without a fault.
func (p *person) must(program string, args ...string) string {
	p.t.Helper()
	out, code := p.run(program, args...)
	if code != 0 {
		p.t.Fatalf("%s %v ended with %d:\n%s", program, args, code, out)
	}
	return out
}

// agent returns the running one's version.
func (p *person) agent() (api.Version, error) {
	return api.NewClient(api.SocketPath(p.home)).Version(p.t.Context())
}

// window is a program with an open window.
type window struct {
	*person
	cmd   *exec.Cmd
	said  bytes.Buffer
	ended chan struct{}
}

// open starts a program and waits until its window is there.
func (p *person) open(program string, args ...string) *window {
	p.t.Helper()
	w := p.launch(program, args...)
	eventually(p.t, "a window", func() bool { return len(shown(p.t)) == 1 })
	return w
}

// launch starts a program that may open a window.
func (p *person) launch(program string, args ...string) *window {
	p.t.Helper()
	w := &window{person: p, cmd: exec.Command(filepath.Join(p.dir, program), args...), ended: make(chan struct{})}
	w.cmd.Env, w.cmd.Stdout, w.cmd.Stderr = p.env, &w.said, &w.said
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := w.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { _ = w.cmd.Wait(); close(w.ended) }()
	p.t.Cleanup(func() { _ = syscall.Kill(-w.cmd.Process.Pid, syscall.SIGKILL); <-w.ended })
	return w
}

// anyButton is there as soon as a page is.
var anyButton = node{"button", ".+"}

// page waits until a screen reader is told of the window's page.
func (w *window) page() {
	w.t.Helper()
	(&reader{w.t}).sees(anyButton)
}

// close presses the window's close button, and waits until it has gone.
func (w *window) close() {
	w.t.Helper()
	if err := display.CloseWindow(w.t.Context(), title); err != nil {
		w.t.Fatal(err)
	}
	w.exits(0)
	eventually(w.t, "no window", func() bool { return len(shown(w.t)) == 0 })
}

// exits expects the end of the program.
func (w *window) exits(code int) {
	w.t.Helper()
	select {
	case <-w.ended:
		if got := w.cmd.ProcessState.ExitCode(); got != code {
			w.t.Fatalf("the window's program ended with %d:\n%s", got, &w.said)
		}
	case <-time.After(patience):
		w.t.Fatal("the window's program does not end")
	}
}

// shown lists the windows.
func shown(t *testing.T) []displaytest.Window { return display.Windows(t.Context(), title) }

func eventually(t *testing.T, what string, come func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !come(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// family lists the processes whose program is one of the person's, or WebKit's
// below these, by name.
func (p *person) family() map[int]string {
	found := map[int]string{}
	parents := map[int]int{}
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		exe, err := os.Readlink(dir + "/exe")
		if err != nil {
			continue
		}
		stat, _ := os.ReadFile(dir + "/stat")
		if _, after, ok := bytes.Cut(stat, []byte(") ")); ok && len(bytes.Fields(after)) > 1 {
			parents[pid], _ = strconv.Atoi(string(bytes.Fields(after)[1]))
		}
		if strings.HasPrefix(exe, p.dir) || strings.Contains(filepath.Base(exe), "WebKit") {
			found[pid] = filepath.Base(exe)
		}
	}
	for pid, name := range found {
		if strings.Contains(name, "WebKit") && found[parents[pid]] == "" {
			delete(found, pid) // another one's
		}
	}
	return found
}

// only returns the one process of that name.
func (p *person) only(name string) int {
	p.t.Helper()
	found := 0
	eventually(p.t, "one "+name, func() bool {
		var pids []int
		for pid, is := range p.family() {
			if is == name {
				pids = append(pids, pid)
			}
		}
		if len(pids) == 1 {
			found = pids[0]
		}
		return len(pids) == 1
	})
	return found
}

// memory is the proportional set size of all processes, in kB.
func (p *person) memory() (sum int) {
	p.t.Helper()
	for pid := range p.family() {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue // it has ended
		}
		for line := range strings.Lines(string(data)) {
			if fields := strings.Fields(line); fields[0] == "Pss:" {
				kb, _ := strconv.Atoi(fields[1])
				sum += kb
			}
		}
	}
	return sum
}

// scene is a team's repository and cluster, which the person's kubeconfig leads to.
func (p *person) scene() demo.Info {
	p.t.Helper()
	up := make(chan demo.Info, 1)
	p.running(func(ctx context.Context) error {
		return demo.NewScene("").Run(ctx, func(info demo.Info) { up <- info })
	})
	select {
	case info := <-up:
		p.env = append(p.env, "KUBECONFIG="+info.Kubeconfig)
		return info
	case <-time.After(patience):
		p.t.Fatal("the scene does not come up")
		return demo.Info{}
	}
}

// running runs something until the test ends.
func (p *person) running(run func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	p.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
	})
}

// world is a repository with forwards that the person's agent follows, and one of
// these that runs.
func (p *person) world() (address string) {
	p.t.Helper()
	info := p.scene()
	p.must("portolan", "agent", "start")
	p.must("portolan", "source", "add", info.RepoURL, "--name", "team")
	p.must("portolan", "start", "development/shop")
	return strings.TrimSpace(p.must("portolan", "url", "development/shop"))
}

// asked gets the page behind a forward, and reports whether that went over the
// connection of the last time.
func asked(t *testing.T, client *http.Client, url string) (reused bool) {
	t.Helper()
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v", resp.Status, err)
	}
	return reused
}
