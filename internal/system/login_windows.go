package system

import (
	"context"
	"errors"

	"golang.org/x/sys/windows/registry"
)

// The Run key starts programs when this person logs in (Microsoft, "Run and
// RunOnce Registry Keys").
const (
	runPath  = `Software\Microsoft\Windows\CurrentVersion\Run`
	runValue = "Portolan"
	runShown = `HKEY_CURRENT_USER\` + runPath + `\` + runValue
)

// Install makes the agent start at each login from the next one on.
func (l Login) Install(context.Context) (string, error) {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runPath, registry.SET_VALUE)
	if err != nil {
		return runShown, err
	}
	return runShown, errors.Join(key.SetStringValue(runValue, l.runKey()), key.Close())
}

// Uninstall makes the agent start at no login any more. One that runs is left
// alone.
func (l Login) Uninstall(context.Context) (string, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, runPath, registry.SET_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return runShown, nil
	}
	if err != nil {
		return runShown, err
	}
	err = key.DeleteValue(runValue)
	if errors.Is(err, registry.ErrNotExist) {
		err = nil
	}
	return runShown, errors.Join(err, key.Close())
}

// Installed reports whether the agent starts at login.
func (l Login) Installed() bool {
	key, err := registry.OpenKey(registry.CURRENT_USER, runPath, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer func() { _ = key.Close() }()
	_, _, err = key.GetStringValue(runValue)
	return err == nil
}
