//go:build unix

package system

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	shellLimit  = 3 * time.Second
	shellOutput = 1 << 20 // no environment comes near; the kernel's limit is 2 MiB with arguments
)

// ShellEnvironment returns the variables of [OfShell] as a new login shell of the
// person has them. The shell, an absolute path such as $SHELL holds, is started
// once, interactive, because much is set up only then, with no terminal, and
// killed with all it has started after three seconds. What it inherits is the
// little that a login gives: nothing of what this process was started with gets
// into the answer.
func ShellEnvironment(ctx context.Context, shell string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, shellLimit)
	defer cancel()
	mark := rand.Text() // start-up files print what they like
	var out limited
	line := "printf %s " + mark + "; /usr/bin/env -0; printf %s " + mark
	cmd := exec.CommandContext(ctx, shell, "-ilc", line) //nolint:gosec // the person's own shell
	cmd.Env = loginEnvironment()
	cmd.Dir = os.Getenv("HOME")
	cmd.Stdout = &out
	cmd.SysProcAttr = apart()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 100 * time.Millisecond
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s took longer than %v to start", shell, shellLimit)
	}
	// A shell may end with an error of its last command's and have answered.
	parts := strings.Split(out.kept.String(), mark)
	if len(parts) != 3 {
		return nil, errors.Join(fmt.Errorf("%s did not tell its environment", shell), err)
	}
	return variables(parts[1]), nil
}

// variables reads what env -0 prints.
func variables(text string) map[string]string {
	found := make(map[string]string)
	for assignment := range strings.SplitSeq(text, "\x00") {
		if name, value, ok := strings.Cut(assignment, "="); ok && OfShell(name) && name != noAutostart {
			found[name] = value
		}
	}
	return found
}

// loginEnvironment is what a login gives to a shell. A start-up file that runs
// Portolan itself must not start another agent.
func loginEnvironment() []string {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "TERM=dumb", noAutostart + "=1"}
	for _, name := range []string{"HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// noAutostart is the variable that forbids to start an agent.
const noAutostart = "PORTOLAN_NO_AUTOSTART"

// limited keeps what is written to it, up to a limit. The buffer is not embedded:
// its ReadFrom would go past the limit.
type limited struct{ kept bytes.Buffer }

func (l *limited) Write(data []byte) (int, error) {
	if l.kept.Len()+len(data) > shellOutput {
		return 0, errors.New("too much output")
	}
	return l.kept.Write(data)
}
