package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// bench builds the program as it is released, and what measures it: a program of
// its own, because it needs much that this one must start without.
func bench(ctx context.Context, args []string) error {
	program, meter := filepath.Join("build", "out", "portolan"+host().exe()), filepath.Join("build", "out", "bench"+host().exe())
	if err := compile(ctx, host(), program); err != nil {
		return err
	}
	others := func(arg string) bool { return slices.Contains([]string{"forward", "sync", "agent"}, arg) }
	if slices.Contains(args, "desktop") || !slices.ContainsFunc(args, others) {
		if err := benchWindow(ctx, filepath.Join("build", "out", "portolan-desktop")); err != nil {
			return err
		}
	}
	if err := (Command{Args: []string{"go", "build", "-o", meter, "./build/dev/bench"}}).Run(ctx); err != nil {
		return err
	}
	return Command{Args: append([]string{meter, "--program", program}, args...)}.Run(ctx)
}

// benchWindow builds the window with its pages, where there is a display to
// measure it on.
func benchWindow(ctx context.Context, program string) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	if err := systemPackages(ctx); err != nil {
		return err
	}
	if err := npmPackages(ctx); err != nil {
		return err
	}
	toStderr := npm("run", "build")
	toStderr.Out = os.Stderr // standard output is the figures'
	if err := toStderr.Run(ctx); err != nil {
		return err
	}
	return compileWindow(ctx, host(), program)
}
