// Package system is what the operating system lends: where files belong, which
// process holds a port, a log file, a start at login, a process that outlives its
// starter, and the environment of a login shell.
package system

import (
	"os"
	"path/filepath"
	"runtime"
)

// Home is the directory of every file that Portolan keeps, as an absolute path:
// given, if it is not empty, else the place that this system has for an
// application's own data:
//
//   - Linux: $XDG_DATA_HOME/portolan, else ~/.local/share/portolan
//     (XDG Base Directory Specification)
//   - macOS: ~/Library/Application Support/portolan
//   - Windows: %LOCALAPPDATA%\portolan
func Home(given string, env func(string) string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	if dir := env("XDG_DATA_HOME"); runtime.GOOS == "linux" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "portolan"), nil
	}
	if dir := env("LOCALAPPDATA"); runtime.GOOS == "windows" && dir != "" {
		return filepath.Join(dir, "portolan"), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(user, "Library", "Application Support", "portolan"), nil
	}
	return filepath.Join(user, ".local", "share", "portolan"), nil
}
