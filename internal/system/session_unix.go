//go:build unix && !darwin

package system

import (
	"fmt"
	"os"
)

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
