package system

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Install makes the agent start at each login from the next one on.
func (l Login) Install(ctx context.Context) (string, error) {
	config, err := configHome()
	if err != nil {
		return "", err
	}
	if !bootedBySystemd() {
		return writeLogin(desktopPath(config), l.desktopEntry())
	}
	if strings.ContainsAny(l.Program, "\"\\\n") {
		return l.Program, errors.New("systemd starts no program with a quote or a backslash in its path")
	}
	path, err := writeLogin(unitPath(config), l.unit())
	if err != nil {
		return path, err
	}
	// What "systemctl --user enable" does, but without a manager to talk to.
	link := wantsPath(config)
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		return link, err
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return link, err
	}
	if err := os.Symlink(path, link); err != nil {
		return link, err
	}
	reloadUnits(ctx)
	return path, nil
}

// Uninstall makes the agent start at no login any more. One that runs is left
// alone.
func (l Login) Uninstall(ctx context.Context) (string, error) {
	config, err := configHome()
	if err != nil {
		return "", err
	}
	for _, path := range []string{wantsPath(config), unitPath(config), desktopPath(config)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return path, err
		}
	}
	reloadUnits(ctx)
	return unitPath(config), nil
}

// Installed reports whether the agent starts at login.
func (l Login) Installed() bool {
	config, err := configHome()
	if err != nil {
		return false
	}
	for _, path := range []string{wantsPath(config), desktopPath(config)} {
		if _, err := os.Lstat(path); err == nil {
			return true
		}
	}
	return false
}

func unitPath(config string) string {
	return filepath.Join(config, "systemd", "user", "portolan.service")
}

func wantsPath(config string) string {
	return filepath.Join(config, "systemd", "user", "default.target.wants", "portolan.service")
}

func desktopPath(config string) string {
	return filepath.Join(config, "autostart", "portolan.desktop")
}

// configHome is $XDG_CONFIG_HOME, else ~/.config.
func configHome() (string, error) { return os.UserConfigDir() }

// bootedBySystemd is sd_booted(3).
func bootedBySystemd() bool {
	_, err := os.Lstat("/run/systemd/system")
	return err == nil
}

// userManager reports whether a systemd of this person's runs, which takes units.
func userManager() bool {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "systemd", "private"))
	return err == nil
}

// reloadUnits lets a running manager see what is on disk. The next login does so
// in any case.
func reloadUnits(ctx context.Context) {
	if !userManager() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	_ = exec.CommandContext(ctx, "systemctl", "--user", "daemon-reload").Run()
}
