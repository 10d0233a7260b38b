package app_test

import (
	"os/exec"
	"syscall"
)

// asNobody makes a command run as a user that is neither us nor root.
func asNobody(cmd *exec.Cmd) {
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}
