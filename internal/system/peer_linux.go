package system

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"os/user"
	"strconv"

	"golang.org/x/sys/unix"
)

// PeerClosed reports whether the process at the other end of a connection over
// loopback has closed it for good, rather than only for writing, which looks the
// same on our side. Known is false where the system cannot tell.
func PeerClosed(conn net.Conn) (closed, known bool) {
	local, remote, ok := overLoopback(conn)
	if !ok {
		return false, false
	}
	s, err := lookUp(remote, local)
	if errors.Is(err, unix.ENOENT) {
		return true, true
	}
	return s.inode == 0 || s.listens, err == nil
}

// Stranger names the user at the other end of a connection over loopback, as in
// "user alice", where that is neither our own user nor root, from whom nothing
// here is safe anyway. It returns "" for those two and for a connection that
// does not come over loopback. Who has gone before the kernel was asked, or whom
// the kernel does not name, is a stranger too.
//
// Only Linux tells; elsewhere nobody is a stranger.
func Stranger(conn net.Conn) string {
	local, remote, ok := overLoopback(conn)
	if !ok {
		return ""
	}
	s, err := lookUp(remote, local)
	if err != nil || s.listens || s.inode == 0 && s.uid == 0 {
		return "a user whom the system does not name"
	}
	if s.uid == 0 || int(s.uid) == os.Geteuid() {
		return ""
	}
	return "user " + login(s.uid)
}

// ownerOf names the user whose socket listens on an address.
func ownerOf(address netip.AddrPort) string {
	s, err := lookUp(address, netip.AddrPortFrom(unspecifiedLike(address.Addr()), 0))
	if err != nil {
		return "another user"
	}
	return "user " + login(s.uid)
}

func unspecifiedLike(a netip.Addr) netip.Addr {
	if a.Is6() {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// login is a user's name, or the number where it has none here.
func login(uid uint32) string {
	id := strconv.Itoa(int(uid))
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// overLoopback returns both ends of a connection within this machine.
func overLoopback(conn net.Conn) (local, remote netip.AddrPort, ok bool) {
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil || !local.Addr().Unmap().IsLoopback() {
		return local, remote, false
	}
	remote, err = netip.ParseAddrPort(conn.RemoteAddr().String())
	return local, remote, err == nil && remote.Addr().Unmap().IsLoopback()
}

// OthersLoggedIn reports whether a person other than us is logged in to this
// machine: systemd-logind keeps a directory below /run/user for each, named by
// the uid, and people have uids from 1000 on (login.defs). Where nobody keeps such
// directories, as in a container, nobody is.
//
// Only Linux is asked; elsewhere the answer is no.
func OthersLoggedIn() bool { return othersIn("/run/user", os.Geteuid()) }

func othersIn(dir string, own int) bool {
	const firstPerson, nobody = 1000, 65534
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		uid, err := strconv.Atoi(e.Name())
		if err == nil && uid >= firstPerson && uid != nobody && uid != own {
			return true
		}
	}
	return false
}
