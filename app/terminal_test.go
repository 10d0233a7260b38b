package app_test

import (
	"bytes"
	"io"
	"os/exec"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdTerminal runs portolan at a terminal of 80 columns, and puts everything that
// appeared on it on standard output: terminal ARG...
func cmdTerminal(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(binary(ts), args...)
	cmd.Env = append(environment(ts), "TERM=xterm")
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	ts.Check(err)
	var seen bytes.Buffer
	_, _ = io.Copy(&seen, screen) // ends with an error when the program does
	_ = screen.Close()
	err = cmd.Wait()
	_, _ = ts.Stdout().Write(seen.Bytes())
	if err != nil {
		ts.Fatalf("%v ended with %v:\n%s", args, err, seen.Bytes())
	}
}
