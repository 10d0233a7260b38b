package system

import (
	"context"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// apart gives a child a console that nobody sees. Without any console
// (DETACHED_PROCESS) each program that it starts, such as a credential plugin,
// would open a window of its own.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW | windows.CREATE_NEW_PROCESS_GROUP}
}

// Start starts the program with a console of its own that nobody sees, and out of
// the job of its starter where that job lets it: a terminal or an SSH server may
// end everything in its job.
func (b Background) Start(ctx context.Context) (*os.Process, error) {
	cmd := b.command(ctx)
	cmd.SysProcAttr.CreationFlags |= windows.CREATE_BREAKAWAY_FROM_JOB
	if cmd.Start() == nil {
		return cmd.Process, nil
	}
	return b.detach(ctx)
}
