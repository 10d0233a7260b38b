//go:build unix

package app_test

import "syscall"

// killGroup kills every process of a group.
func killGroup(leader int) { _ = syscall.Kill(-leader, syscall.SIGKILL) }
