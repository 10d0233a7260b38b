//go:build !linux

package app_test

import "github.com/rogpeppe/go-internal/testscript"

// cmdDisk is never called: no disk can be mounted here.
func cmdDisk(*testscript.TestScript, bool, []string) {}

// mountable is for Linux, where root mounts a disk in memory with one call.
func mountable() bool { return false }
