package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/store"
	"github.com/portolan-app/portolan/internal/system"
)

// kill ends a process at once.
func kill(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}

// cmdOutlive runs portolan in a shell at a terminal of its own, and when it has
// ended closes that terminal and kills everything in the shell's process group:
// outlive ARG...
func cmdOutlive(ts *testscript.TestScript, _ bool, args []string) {
	line := fmt.Sprintf(`'%s' "$@" && echo done; exec sleep 60`, binary(ts))
	cmd := exec.Command("/bin/sh", append([]string{"-c", line, "sh"}, args...)...)
	cmd.Env = environment(ts)
	screen, err := pty.Start(cmd)
	ts.Check(err)
	lines := bufio.NewScanner(screen)
	for lines.Scan() && lines.Text() != "done" {
		_, _ = fmt.Fprintln(ts.Stdout(), lines.Text())
	}
	_ = screen.Close()
	killGroup(cmd.Process.Pid)
	_ = cmd.Wait() // it was killed
	if lines.Text() != "done" {
		ts.Fatalf("%v failed", args)
	}
}

// cmdCrash kills the process that has the home, which cannot say good-bye.
func cmdCrash(ts *testscript.TestScript, _ bool, _ []string) {
	pid := store.Holder(ts.Getenv("PORTOLAN_HOME"))
	if pid == 0 {
		ts.Fatalf("nothing runs")
	}
	kill(pid)
}

// downloaded is too much for the buffers between two ends of a connection.
const downloaded = 64 << 20

// cmdDownload begins to fetch a large answer, and stops reading after its first
// bytes: download HOST:PORT.
func cmdDownload(ts *testscript.TestScript, _ bool, args []string) {
	once := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // an agent's end waits for what is open
	resp, err := once.Get("http://" + args[0] + "/big?bytes=" + strconv.Itoa(downloaded))
	ts.Check(err)
	ts.Defer(func() { _ = resp.Body.Close() })
	_, err = io.ReadFull(resp.Body, make([]byte, 1000))
	ts.Check(err)
	script(ts).under = resp.Body
}

// cmdFinish reads the rest of the download, which must be all of it.
func cmdFinish(ts *testscript.TestScript, _ bool, _ []string) {
	n, err := io.Copy(io.Discard, script(ts).under)
	ts.Check(err)
	if n != downloaded-1000 {
		ts.Fatalf("%d bytes are missing", downloaded-1000-n)
	}
}

// cmdSwell makes the log as large as it may become.
func cmdSwell(ts *testscript.TestScript, _ bool, _ []string) {
	path := system.LogFile(ts.Getenv("PORTOLAN_HOME"))
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	ts.Check(os.WriteFile(path, bytes.Repeat([]byte("{\"msg\":\"old\"}\n"), 4<<20/14), 0o600))
}

// cmdAgent starts "portolan agent" in the background, as a service manager does:
// agent [FLAG...].
func cmdAgent(ts *testscript.TestScript, _ bool, args []string) {
	script(ts).process = launch(ts, append([]string{"agent", "--output", "json"}, args...)...)
}

// cmdHurry asks the background process to end, waits until it takes no commands
// any more, and asks again, upon which it must end at once.
func cmdHurry(ts *testscript.TestScript, _ bool, _ []string) {
	b := script(ts).process
	ts.Check(askToEnd(b.cmd.Process))
	socket := api.SocketPath(ts.Getenv("PORTOLAN_HOME"))
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Lstat(socket); err != nil {
			break
		}
	}
	// The first one may still be on its way through the process, where another one
	// adds nothing to it.
	go func() {
		for askToEnd(b.cmd.Process) == nil {
			time.Sleep(100 * time.Millisecond)
		}
	}()
	if code := b.quit(ts); code != -1 {
		ts.Fatalf("it ended by itself, with %d", code)
	}
}
