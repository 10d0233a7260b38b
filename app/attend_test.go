package app_test

import (
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// attended is a command of a script that runs beside it and reads its standard
// input.
type attended struct {
	*background
	input io.Closer
}

// cmdAttend starts a command whose first line shows that it is at work: attend NAME
// COMMAND... Its standard error goes into the file NAME.log.
func cmdAttend(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(binary(ts), args[1:]...)
	input, err := cmd.StdinPipe()
	ts.Check(err)
	script(ts).attended[args[0]] = attended{await(ts, cmd, args[0]), input}
}

// cmdLeave ends the standard input of a command, which must then end with that
// code: leave NAME CODE.
func cmdLeave(ts *testscript.TestScript, _ bool, args []string) {
	a := script(ts).attended[args[0]]
	ts.Check(a.input.Close())
	late := time.AfterFunc(patience, func() { _ = a.cmd.Process.Kill() })
	defer late.Stop()
	_ = a.cmd.Wait()
	if code := fmt.Sprint(a.cmd.ProcessState.ExitCode()); code != args[1] {
		ts.Fatalf("it ended with %s, not %s:\n%s", code, args[1], ts.ReadFile(args[0]+".log"))
	}
}

// cmdKilled kills a command where it stands: killed NAME.
func cmdKilled(ts *testscript.TestScript, _ bool, args []string) {
	a := script(ts).attended[args[0]]
	ts.Check(a.cmd.Process.Kill())
	_ = a.cmd.Wait()
	_ = a.input.Close()
}

// cmdAsked asks a command to end: asked NAME.
func cmdAsked(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(askToEnd(script(ts).attended[args[0]].cmd.Process))
}

// cmdSaid waits until a command has said something on standard error: said NAME
// REGEXP.
func cmdSaid(ts *testscript.TestScript, _ bool, args []string) {
	want, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	for until := time.Now().Add(patience); !want.MatchString(ts.ReadFile(args[0] + ".log")); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			ts.Fatalf("%s does not say %q, but:\n%s", args[0], args[1], ts.ReadFile(args[0]+".log"))
		}
	}
}

// cmdPaste runs, in a shell, the command that the last one's standard error showed:
// paste REGEXP, whose group is the command.
func cmdPaste(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile("(?m)" + args[0]).FindStringSubmatch(ts.ReadFile("stderr"))
	if found == nil {
		ts.Fatalf("%q is not on standard error:\n%s", args[0], ts.ReadFile("stderr"))
	}
	ts.Check(ts.Exec("sh", "-c", found[1]))
}
