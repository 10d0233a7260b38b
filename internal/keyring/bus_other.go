//go:build !unix || darwin

package keyring

// reachable says yes: the keychain is a part of the system.
func reachable() error { return nil }
