//go:build unix

package api

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// private makes a directory enterable by this user only, and refuses one that
// another user owns: whoever may write there could put a socket of their own in
// place of ours.
func private(dir string) error {
	mode, err := own(dir)
	if err == nil && mode&0o077 != 0 {
		err = os.Chmod(dir, 0o700) //nolint:gosec // a directory needs its x bit
	}
	return err
}

// trusted refuses a socket that another user may have put in the place of ours.
// What cannot be found or reached is no risk: connecting walks the same path.
func trusted(path string) error {
	if _, err := os.Lstat(path); err != nil {
		return nil
	}
	mode, err := own(filepath.Dir(path))
	if err == nil && mode&0o022 != 0 {
		err = fmt.Errorf("others may write to %s", filepath.Dir(path))
	}
	return err
}

// own returns the permissions of a directory that belongs to this user.
func own(dir string) (fs.FileMode, error) {
	info, err := os.Lstat(dir)
	if err != nil {
		return 0, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Getuid() {
		return 0, fmt.Errorf("%s belongs to user %d", dir, stat.Uid)
	}
	if !info.IsDir() {
		return 0, fmt.Errorf("%s is no directory", dir)
	}
	return info.Mode().Perm(), nil
}
