//go:build unix && !linux

package store

import (
	"os"
	"testing"
)

func asNobody(t *testing.T, fn func()) {
	t.Helper()
	if os.Getuid() == 0 {
		t.Skip("SKIPPED: root may write everywhere; run the tests as an ordinary user")
	}
	fn()
}
