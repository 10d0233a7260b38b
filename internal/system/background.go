package system

import (
	"context"
	"os"
	"os/exec"
)

// Background is a program that is to outlive whoever starts it.
type Background struct {
	// Program is an absolute path, and Args follow it.
	Program string
	Args    []string
	// Unit names it to a service manager, such as "portolan-1f2e3d": two of one
	// name do not run at once.
	Unit string
	// Env is added to what the program inherits. With it the program is never
	// handed to a service manager, where others could read it.
	Env []string
}

// command starts the program away from files, directory and, by attributes of
// the system, terminal and session of this process.
func (b Background) command(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), b.Program, b.Args...) //nolint:gosec // our own program
	cmd.Env = append(os.Environ(), b.Env...)
	cmd.Dir = string(os.PathSeparator)
	cmd.SysProcAttr = apart()
	return cmd
}

// detach starts the program as a session of its own.
func (b Background) detach(ctx context.Context) (*os.Process, error) {
	cmd := b.command(ctx)
	err := cmd.Start()
	return cmd.Process, err
}
