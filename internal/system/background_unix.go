//go:build unix

package system

import "syscall"

// apart makes a child the leader of a session without a terminal: what ends its
// starter's terminal, session or process group does not reach it.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
