//go:build unix

package system

import (
	"errors"
	"os"
	"syscall"
)

// LockFile takes an exclusive lock that the kernel drops when the file is closed or
// the process ends, and reports whether it was free.
func LockFile(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
