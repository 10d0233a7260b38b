package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A Stage is one step of a verb.
type Stage struct {
	Name string
	Run  func(ctx context.Context) error
}

// errReported is an error whose reason has been printed already.
var errReported = errors.New("failed")

// runAll runs every stage, also after one has failed, and then prints the
// seconds and the outcome of each. Its error is errReported or the end of ctx.
func runAll(ctx context.Context, stages []Stage) error {
	var failure error
	var table strings.Builder
	for _, s := range stages {
		fmt.Printf("== %s\n", s.Name)
		start := time.Now()
		err := s.Run(ctx)
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		outcome := "ok"
		if err != nil {
			outcome = "FAILED: " + err.Error()
			failure = errReported
		}
		fmt.Fprintf(&table, "%7.1f s  %-20s %s\n", time.Since(start).Seconds(), s.Name, outcome)
	}
	fmt.Printf("\n%s\n", table.String())
	return failure
}

// A Command is a program to run at a place, with its output on ours.
type Command struct {
	Dir  string    // "" = the module's root
	Env  []string  // added to ours
	Out  io.Writer // nil = os.Stdout
	Args []string
}

// tool is a Stage that runs one program.
func tool(name string, c Command) Stage {
	return Stage{name, c.Run}
}

// Run runs the program and waits. When ctx ends, so does the program: a Ctrl-C
// it has had itself from the terminal, else it gets a SIGTERM; 20 s later it is
// killed.
func (c Command) Run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...) //nolint:gosec // the arguments are this program's own
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if c.Out != nil {
		cmd.Stdout = c.Out
	}
	cmd.WaitDelay = 20 * time.Second
	cmd.Cancel = func() error {
		if errors.Is(context.Cause(ctx), errInterrupted) {
			return os.ErrProcessDone // told already; how it ends is its own to say
		}
		return cmd.Process.Signal(syscall.SIGTERM)
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(c.Args[:min(3, len(c.Args))], " "), err)
	}
	return nil
}
