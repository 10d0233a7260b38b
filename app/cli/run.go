package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) run() *cobra.Command {
	var sel api.Selection
	var command []string
	timeout := enough
	c := &cobra.Command{
		Use:   "run {[SOURCE:][ENV/]NAME... | --env ENV} -- COMMAND [ARG...]",
		Short: "Run a command while forwards are up",
		Long: `Start the forwards that are not running, wait until they can be used, run the
command, and let go of them. A forward runs on while a person or another run wants
it, and no longer, also where this program is killed. The exit code is the command's,
128 and the signal's number where a signal ended it. Signals are passed on to the
command. Where Portolan ends meanwhile, the command runs on, and its forwards are up
again as soon as Portolan is.

The command finds each forward in its environment:

  PORTOLAN_NAME_ADDRESS  where it listens, as host:port
  PORTOLAN_NAME_HOST     the host of that
  PORTOLAN_NAME_PORT     the port of that
  PORTOLAN_NAME_URL      as "portolan url" prints it, where there is one

NAME is the forward's, in capitals and with _ in place of what is no letter or digit:
my-api becomes MY_API. Where two environments have the name, it is ENV_NAME.`,
		Example: `  portolan run staging/api -- curl -s http://localhost:8080/
  portolan run --env staging --timeout 2m -- make integration-test`,
		Args: func(cmd *cobra.Command, args []string) error {
			dash := cmd.ArgsLenAtDash()
			if dash < 0 || dash == len(args) {
				return usagef(cmd, "%s needs -- and a command after it", verb(cmd))
			}
			command = args[dash:]
			return selected(&sel)(cmd, args[:dash])
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runRun(cmd.Context(), sel, timeout, command)
		},
	}
	selectFlags(c, &sel)
	timeoutFlag(c, &timeout)
	return c
}

func (p *program) runRun(ctx context.Context, sel api.Selection, timeout time.Duration, command []string) (err error) {
	program, err := exec.LookPath(command[0])
	if err != nil {
		return &portolan.Fault{Kind: portolan.Usage, Code: "command-unknown",
			Message: "the command cannot be run: " + err.Error(), Hint: "check its name, and PATH"}
	}
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return err
	}
	kept, forwards, err := p.keep(ctx, client, sel)
	if err != nil {
		return err
	}
	defer func() {
		letting := kept.letGo(ctx)
		if err == nil {
			err = letting
		} else {
			p.report(letting) // the exit code is that of what came first
		}
	}()
	if forwards, err = p.untilUp(ctx, client, api.Selection{Names: namesOf(forwards)}, timeout); err != nil {
		return err
	}
	variables, err := variables(forwards)
	if err != nil {
		return err
	}
	child := exec.Command(program, command[1:]...) //nolint:gosec,noctx // what a person typed, which ends by the signals that are passed on
	child.Args[0] = command[0]
	child.Stdin, child.Stdout, child.Stderr = p.Stdin, p.Stdout, p.Stderr
	child.Env = append(os.Environ(), variables...)
	if p.Home != "" {
		child.Env = append(child.Env, "PORTOLAN_HOME="+p.Home) // a portolan in it means the same engine
	}
	return p.attend(child)
}

// attend runs the command to its end and passes signals on to it. What is typed
// at a terminal reaches the command without us.
func (p *program) attend(child *exec.Cmd) error {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, passedOn()...)
	defer signal.Stop(signals)
	if err := child.Start(); err != nil {
		return &portolan.Fault{Kind: portolan.Failed, Code: "command-failed",
			Message: "the command cannot be run: " + err.Error(), Hint: "check that it may be executed"}
	}
	stdin, ok := p.Stdin.(*os.File)
	terminal := ok && term.IsTerminal(int(stdin.Fd()))
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		select {
		case s := <-signals:
			if s != os.Interrupt || !terminal {
				_ = child.Process.Signal(s) // it may have ended
			}
		case err := <-ended:
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				return exited(codeOf(exit.ProcessState))
			}
			return err
		}
	}
}

// exited is the exit code of a command that was run, which is then ours.
type exited int

func (e exited) Error() string { return fmt.Sprintf("the command ended with %d", int(e)) }

// variables are what a command is told of the forwards, as NAME=VALUE.
func variables(forwards []portolan.ForwardView) ([]string, error) {
	short := map[string]int{}
	for _, f := range forwards {
		short[capitals(api.Names(f)[0])]++
	}
	var list []string
	taken := map[string]string{}
	for _, f := range forwards {
		at, noURL, err := placeOf(f)
		if err != nil {
			return nil, err
		}
		name := capitals(api.Names(f)[0])
		if short[name] > 1 {
			name = capitals(f.Environment) + "_" + name
		}
		if other := taken[name]; other != "" {
			return nil, &portolan.Fault{Kind: portolan.Usage, Code: "variables-ambiguous",
				Message: fmt.Sprintf("%s and %s would have the same variables", other, at.Name),
				Hint:    "run the command with one of them"}
		}
		taken[name] = at.Name
		prefix := "PORTOLAN_" + name
		list = append(list, prefix+"_ADDRESS="+at.Address, prefix+"_HOST="+at.Host, prefix+"_PORT="+at.Port)
		if noURL == nil {
			list = append(list, prefix+"_URL="+at.URL)
		}
	}
	return list, nil
}

// capitals is a name as a part of a variable's (POSIX.1-2024, 8.1).
func capitals(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}
