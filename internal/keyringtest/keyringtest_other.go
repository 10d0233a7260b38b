//go:build !linux

package keyringtest

import "testing"

const noBed = "SKIPPED: the private keyring is built of Linux programs"

// Start skips the test: there is no private keychain on this system.
func Start(tb testing.TB) (env []string) { tb.Helper(); tb.Skip(noBed); return nil }

// StartOn skips the test.
func StartOn(tb testing.TB, _ []string) { tb.Helper(); tb.Skip(noBed) }

// StartBus skips the test.
func StartBus(tb testing.TB) (env []string) { tb.Helper(); tb.Skip(noBed); return nil }

// Lock is never reached, as there is nothing to lock.
func Lock(tb testing.TB, _ []string) { tb.Helper(); tb.Skip(noBed) }
