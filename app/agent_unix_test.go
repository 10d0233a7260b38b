//go:build unix

package app_test

import (
	"os"
	"os/exec"
	"syscall"
)

// killGroup kills every process of a group.
func killGroup(leader int) { _ = syscall.Kill(-leader, syscall.SIGKILL) }

// endable does nothing: every process can be asked to end.
func endable(*exec.Cmd) {}

// askToEnd asks a process to end.
func askToEnd(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
