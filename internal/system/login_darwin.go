package system

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Install makes the agent start at each login from the next one on.
func (l Login) Install(context.Context) (string, error) {
	path, err := launchAgentPath()
	if err != nil {
		return "", err
	}
	return writeLogin(path, l.launchAgent())
}

// Uninstall makes the agent start at no login any more. One that runs is left
// alone.
func (l Login) Uninstall(context.Context) (string, error) {
	path, err := launchAgentPath()
	if err != nil {
		return "", err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	return path, nil
}

// Installed reports whether the agent starts at login.
func (l Login) Installed() bool {
	path, err := launchAgentPath()
	if err != nil {
		return false
	}
	_, err = os.Lstat(path)
	return err == nil
}

func launchAgentPath() (string, error) {
	user, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(user, "Library", "LaunchAgents", launchAgentLabel+".plist"), nil
}
