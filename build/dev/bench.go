package main

import (
	"context"
	"path/filepath"
)

// bench builds the program as it is released, and what measures it: a program of
// its own, because it needs much that this one must start without.
func bench(ctx context.Context, args []string) error {
	program, meter := filepath.Join("build", "out", "portolan"+exe()), filepath.Join("build", "out", "bench"+exe())
	if err := compile(ctx, program); err != nil {
		return err
	}
	if err := (Command{Args: []string{"go", "build", "-o", meter, "./build/dev/bench"}}).Run(ctx); err != nil {
		return err
	}
	return Command{Args: append([]string{meter, "--program", program}, args...)}.Run(ctx)
}
