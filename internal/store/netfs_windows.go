package store

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// isNetworkFS asks for the kind of drive; a UNC path is a network drive too.
func isNetworkFS(dir string) bool {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	return err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE
}
