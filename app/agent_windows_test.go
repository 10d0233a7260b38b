package app_test

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// killGroup kills the process that leads a group: Windows has no such groups, and
// the scripts that need one do not run there.
func killGroup(leader int) { kill(leader) }

// endable starts a command in a console group of its own, so that it alone can be
// asked to end.
func endable(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

// askToEnd asks an endable process to end. Windows has no SIGTERM; Go takes
// Ctrl-Break for an interrupt (package os/signal).
func askToEnd(p *os.Process) error {
	return windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.Pid))
}
