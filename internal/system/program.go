package system

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Program is the path by which this program is started again: the AppImage that
// it runs from (docs.appimage.org, "Environment variables"), else the name by
// which it was called, such as a package manager's link that outlives an update,
// else the file itself.
func Program(called string, env func(string) string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("this program's own file: %w", err)
	}
	// Both variables are inherited by whatever an AppImage starts; only what lies
	// in its directory is it.
	if image, dir := env("APPIMAGE"), env("APPDIR"); image != "" && dir != "" && within(dir, self) {
		return image, nil
	}
	if link := find(called); link != "" && sameFile(link, self) {
		return link, nil
	}
	return self, nil
}

// within reports whether a file lies below a directory.
func within(dir, file string) bool {
	relative, err := filepath.Rel(dir, file)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// find is the absolute path behind a program's name as it was called, or "".
func find(called string) string {
	found, err := exec.LookPath(called)
	if err != nil {
		return ""
	}
	found, err = filepath.Abs(found)
	if err != nil {
		return ""
	}
	return found
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
