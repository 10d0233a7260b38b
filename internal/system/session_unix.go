//go:build unix && !darwin

package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/godbus/dbus/v5"
)

// Shows reports whether a panel shows icons, and whether a program shows
// notifications or would be started to. The error says why nothing can be shown.
func Shows(ctx context.Context) (icons, notifications bool, err error) {
	if !HasSessionBus() {
		return false, false, errors.New("this session has no D-Bus (DBUS_SESSION_BUS_ADDRESS is not set)")
	}
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false, false, fmt.Errorf("the session's D-Bus does not answer: %w", err)
	}
	defer func() { _ = bus.Close() }()
	var names, startable []string
	daemon := bus.BusObject()
	err = errors.Join(daemon.CallWithContext(ctx, "org.freedesktop.DBus.ListNames", 0).Store(&names),
		daemon.CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&startable))
	return slices.Contains(names, "org.kde.StatusNotifierWatcher"), slices.Contains(append(names, startable...), notifyName), err
}

// HasSessionBus reports whether the D-Bus library finds a session bus without
// starting one: left to itself it would, and leave it behind. It looks where that
// library does: the environment, then two files of the user's runtime directory.
func HasSessionBus() bool {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return true
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(fmt.Sprintf("/run/user/%d/%s", os.Getuid(), name)); err == nil {
			return true
		}
	}
	return false
}

// Desktop reports whether a person may be at a desktop here: whether there is a
// session bus, over which icons and notifications are shown.
func Desktop() bool { return HasSessionBus() }
