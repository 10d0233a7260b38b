package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// A program is a running engine (`portolan serve`) in a home of its own, with its
// commands and its local API.
type program struct {
	t   *testing.T
	bed bed
	env []string
	api *api.Client
}

// serve starts one that knows the bed's cluster, or the one of another kubeconfig.
func serve(t *testing.T, b bed, kubeconfig string) *program {
	t.Helper()
	// The test's own directory may be too deep for a socket.
	dir, err := os.MkdirTemp("", "ptl")
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	home := filepath.Join(dir, "home")
	p := &program{t: t, bed: b, env: append(os.Environ(),
		"HOME="+dir, "USERPROFILE="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir, "PORTOLAN_HOME="+home, "KUBECONFIG="+kubeconfig,
		"PORTOLAN_NO_AUTOSTART=1", "PORTOLAN_NO_TRAY=1", "DBUS_SESSION_BUS_ADDRESS=disabled:", "GORACE=atexit_sleep_ms=0")}
	self, err := os.Executable()
	check(t, err)
	cmd := exec.CommandContext(running, self, "serve", "--output", "json", "--log-level", "debug")
	cmd.Env = p.env
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	ended := make(chan error, 1)
	up := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		up <- lines.Scan()
		_, _ = io.Copy(io.Discard, out)
		ended <- cmd.Wait()
	}()
	if !<-up {
		t.Fatalf("portolan serve ended: %v\n%s", <-ended, log.Bytes())
	}
	p.api = api.NewClient(api.SocketPath(home))
	t.Cleanup(func() {
		_ = p.api.Shutdown(context.Background()) // the process's end tells
		select {
		case err := <-ended:
			if err != nil || t.Failed() {
				t.Logf("portolan serve ended: %v\n%s", err, log.Bytes())
			}
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			t.Errorf("portolan serve does not end\n%s", log.Bytes())
		}
	})
	return p
}

// command is a command of the program, which has not run yet.
func (p *program) command(args ...string) *exec.Cmd {
	self, err := os.Executable()
	check(p.t, err)
	cmd := exec.CommandContext(p.t.Context(), self, args...)
	cmd.Env = p.env
	return cmd
}

// run runs a command, which must succeed, and returns what it prints.
func (p *program) run(args ...string) string {
	p.t.Helper()
	out, err := output(p.command(args...))
	check(p.t, err)
	return strings.TrimSpace(string(out))
}

// add makes an entry e2e/NAME that leads to a place of the bed, by the fields of
// an environment file as flags: "service=web", "remote-port=http".
func (p *program) add(name string, fields ...string) {
	p.t.Helper()
	args := []string{"add", "--env", "e2e", "--alias", name, "--context", p.bed.context(), "--namespace", p.bed.namespace()}
	for _, f := range fields {
		args = append(args, "--"+f)
	}
	p.run(args...)
}

// start adds an entry and starts it.
func (p *program) start(name string, fields ...string) {
	p.t.Helper()
	p.add(name, fields...)
	p.run("start", "e2e/"+name)
}

// forward is an entry e2e/NAME as the local API shows it.
func (p *program) forward(name string) portolan.ForwardView {
	p.t.Helper()
	view, err := p.api.View(p.t.Context())
	check(p.t, err)
	found, err := api.Selection{Names: []string{"e2e/" + name}}.Pick(view.Forwards)
	check(p.t, err)
	return found[0]
}

// until waits for a status.
func (p *program) until(name, what string, is func(portolan.Status) bool) portolan.Status {
	p.t.Helper()
	var s portolan.Status
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if s = p.forward(name).Status; is(s) {
			return s
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s is not %s, but %+v (%v)", name, what, s, s.Fault)
		}
	}
}

func (p *program) inPhase(name string, phase portolan.Phase) portolan.Status {
	p.t.Helper()
	return p.until(name, string(phase), func(s portolan.Status) bool { return s.Phase == phase })
}

// address is where a forward listens.
func (p *program) address(name string) string {
	p.t.Helper()
	s := p.until(name, "listening", func(s portolan.Status) bool { return len(s.Addresses) > 0 })
	return s.Addresses[0]
}

// dial connects to a forward, until the test ends.
func (p *program) dial(name string) *net.TCPConn {
	p.t.Helper()
	conn, err := net.Dial("tcp", p.address(name))
	check(p.t, err)
	p.t.Cleanup(func() { _ = conn.Close() })
	check(p.t, conn.SetDeadline(time.Now().Add(2*patience)))
	return conn.(*net.TCPConn)
}

// echo wants the same text back.
func echo(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if err := exchange(conn, text); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

// exchange sends a text to an echo and reads the answer.
func exchange(conn net.Conn, text string) error {
	if _, err := io.WriteString(conn, text); err != nil {
		return err
	}
	answer := make([]byte, len(text))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if string(answer) != text {
		return &net.ParseError{Type: "echo", Text: string(answer)}
	}
	return nil
}
