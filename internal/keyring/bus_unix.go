//go:build unix && !darwin

package keyring

import (
	ss "github.com/zalando/go-keyring/secret_service"

	"github.com/portolan-app/portolan/internal/system"
)

// reachable returns errNoBus where the D-Bus library, left to itself, would
// start a bus of its own and leave it behind.
func reachable() error {
	if system.HasSessionBus() {
		return nil
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
