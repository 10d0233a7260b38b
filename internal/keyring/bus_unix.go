//go:build unix && !darwin

package keyring

import (
	"fmt"
	"os"
)

// reachable returns errNoBus where the D-Bus library, left to itself, would
// start a bus of its own and leave it behind. It looks where that library does:
// the environment, then two files of the user's runtime directory.
func reachable() error {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return nil
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(fmt.Sprintf("/run/user/%d/%s", os.Getuid(), name)); err == nil {
			return nil
		}
	}
	return errNoBus
}
