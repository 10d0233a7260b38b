//go:build unix

package store

import (
	"errors"
	"os"
	"syscall"
)

// diskFull are the system errors that say "no space": a full disk, a used-up
// quota, a file size limit.
var diskFull = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}

// lockFile takes an exclusive lock that the kernel drops when the process ends,
// and reports whether it was free.
func lockFile(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// syncDir makes renames in dir survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
