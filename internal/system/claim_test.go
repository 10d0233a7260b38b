package system

import (
	"errors"
	"path/filepath"
	"testing"
)

// TestClaim holds that a file has one holder at a time. Two open files exclude each
// other in one process as they do in two.
func TestClaim(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := Claim(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Claim(path); !errors.Is(err, ErrClaimed) {
		t.Errorf("a second holder gets %v", err)
	}
	release()
	again, err := Claim(path)
	if err != nil {
		t.Fatal(err)
	}
	again()
	if _, err := Claim(filepath.Join(path, "none")); err == nil || errors.Is(err, ErrClaimed) {
		t.Errorf("where no file can be: %v", err)
	}
}
