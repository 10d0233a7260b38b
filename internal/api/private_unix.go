//go:build unix

package api

import (
	"fmt"
	"os"
	"syscall"
)

// private refuses a directory that another user owns or may enter: whoever may
// write there could put a socket of their own in place of ours.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to user %d", dir, stat.Uid)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no directory", dir)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return os.Chmod(dir, 0o700) //nolint:gosec // a directory needs its x bit
	}
	return nil
}
