package app

import (
	"os"
	"runtime"

	"github.com/portolan-app/portolan/internal/keyring"
)

// keychain is the keychain of this session, which is asked by a child process where
// the library below shares a D-Bus connection; see package keyring.
func keychain() *keyring.Keyring {
	switch runtime.GOOS {
	case "darwin", "windows":
		return keyring.New(0)
	case "linux":
		return keyring.NewIsolated(0, "/proc/self/exe") // this very program, also when an upgrade has replaced its file
	}
	program, err := os.Executable()
	if err != nil {
		return keyring.New(0)
	}
	return keyring.NewIsolated(0, program)
}

// keychainCall is the whole of a process that asks the keychain for another; see
// [keyring.ServeChild].
func keychainCall() int {
	if err := keyring.ServeChild(os.Stdin, os.Stdout); err != nil {
		return 1 // the parent sees that there is no reply, and nobody else listens
	}
	return 0
}
