package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// portolan is a verb that builds the program and runs one of its commands.
// Built and then run, not `go run`: signals and the exit code reach us as they
// are.
func portolan(command string) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		program := filepath.Join("build", "out", "portolan"+exe())
		// To standard error: the program's own output may be for another program.
		fmt.Fprintln(os.Stderr, "building", program+": minutes the first time, seconds later")
		if err := compile(ctx, program); err != nil {
			return err
		}
		return Command{Args: append([]string{program, command}, args...)}.Run(ctx)
	}
}

// exe is how a program's file name ends here.
func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
