package store

import "golang.org/x/sys/windows"

// diskFull are the system errors that say "no space".
var diskFull = []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED}

// syncDir does nothing: a directory cannot be flushed on Windows, and NTFS
// journals renames.
func syncDir(string) error { return nil }
