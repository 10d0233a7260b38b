package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/portolan-app/portolan/internal/api"
)

// TestMain lets the scripts run a portolan beside which no engine runs.
func TestMain(m *testing.M) {
	time.Local = time.UTC // golden files are read everywhere; set before anything reads the clock
	testscript.Main(m, map[string]func(){
		"portolan": func() {
			os.Exit(Run(context.Background(), Deps{
				Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Getenv,
				Version: "1.2.3", Commit: "abcdef",
				Connect: func(context.Context, Options) (api.API, error) { return nil, notRunning },
			}, os.Args[1:]))
		},
	})
}

// TestScripts runs what needs no engine. Each script begins with what it shows.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a command and requires its exit code: exits CODE COMMAND ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	if got := exitOf(err); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

func exitOf(err error) string {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "0"
	case errors.As(err, &exit):
		return strconv.Itoa(exit.ExitCode())
	}
	return err.Error()
}
