//go:build !linux

package system

import (
	"net"
	"net/netip"
)

// PeerClosed reports whether the process at the other end of a connection over
// loopback has closed it for good, rather than only for writing, which looks the
// same on our side. Known is false where the system cannot tell, as here.
func PeerClosed(net.Conn) (closed, known bool) { return false, false }

// Stranger names the user at the other end of a connection over loopback where
// that is not ours. This system does not tell, and nobody is a stranger.
func Stranger(net.Conn) string { return "" }

// OthersLoggedIn reports whether a person other than us is logged in. Only Linux
// is asked.
func OthersLoggedIn() bool { return false }

func ownerOf(netip.AddrPort) string { return "another user" }
