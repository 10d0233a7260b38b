package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// diskFull are the system errors that say "no space".
var diskFull = []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED}

// lockFile takes an exclusive lock that the system drops when the process ends,
// and reports whether it was free. The locked byte lies far behind the contents,
// because a lock on Windows also forbids others to read.
func lockFile(f *os.File) (bool, error) {
	at := &windows.Overlapped{OffsetHigh: 1 << 30}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// syncDir does nothing: a directory cannot be flushed on Windows, and NTFS
// journals renames.
func syncDir(string) error { return nil }
