//go:build !linux

package keyringtest

import "testing"

const noBed = "SKIPPED: the private keyring is built of Linux programs"

// Start skips the test: there is no private keychain on this system.
func Start(t testing.TB) (env []string) { t.Helper(); t.Skip(noBed); return nil }

// StartBus skips the test.
func StartBus(t testing.TB) (env []string) { t.Helper(); t.Skip(noBed); return nil }

// Lock is never reached, as there is nothing to lock.
func Lock(t testing.TB, _ []string) { t.Helper(); t.Skip(noBed) }
