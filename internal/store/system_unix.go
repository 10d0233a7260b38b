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

// syncDir makes renames in dir survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
