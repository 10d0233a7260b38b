//go:build !linux && !darwin

package api

import "net"

// stranger trusts the directory: this system does not tell who is at the other
// end of a socket.
func stranger(*net.UnixConn) error { return nil }
