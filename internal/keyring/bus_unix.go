//go:build unix && !darwin

package keyring

import (
	"fmt"
	"os"

	ss "github.com/zalando/go-keyring/secret_service"
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

// tellsLocked says that [locked] knows.
const tellsLocked = true

// locked reports whether the collection that the library uses is locked, so that
// its next call would open a prompt. It asks nobody. What keeps it from an answer
// keeps the library from one, which says it better.
func locked() bool {
	s, err := ss.NewSecretService()
	if err != nil {
		return false
	}
	v, err := s.GetLoginCollection().GetProperty("org.freedesktop.Secret.Collection.Locked")
	if err != nil {
		return false
	}
	is, ok := v.Value().(bool)
	return ok && is
}
