package system

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// The parts of linux/inet_diag.h that are used: a request for one socket by its
// addresses (struct inet_diag_req_v2), and the state and inode of the answer
// (struct inet_diag_msg).
const (
	diagRequestLength = unix.SizeofNlMsghdr + 56
	diagID            = unix.SizeofNlMsghdr + 8
	diagInode         = unix.SizeofNlMsghdr + 68
	diagTimeout       = 100 * time.Millisecond
)

// PeerClosed reports whether the process at the other end of a connection over
// loopback has closed it for good, rather than only for writing, which looks the
// same on our side. Known is false where the system cannot tell.
func PeerClosed(conn net.Conn) (closed, known bool) {
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil || !local.Addr().IsLoopback() {
		return false, false
	}
	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil || !remote.Addr().IsLoopback() {
		return false, false
	}
	answer, err := ask(diagRequest(remote, local))
	if err != nil || len(answer) < unix.SizeofNlMsghdr+4 {
		return false, false
	}
	if binary.NativeEndian.Uint16(answer[4:]) == unix.NLMSG_ERROR {
		errno := -int32(binary.NativeEndian.Uint32(answer[unix.SizeofNlMsghdr:]))
		return true, unix.Errno(errno) == unix.ENOENT // no such socket any more
	}
	if len(answer) < diagInode+4 {
		return false, false
	}
	// A socket that no process holds has no inode.
	return binary.NativeEndian.Uint32(answer[diagInode:]) == 0, true
}

// diagRequest asks for the TCP socket with the given own and far address.
func diagRequest(own, far netip.AddrPort) []byte {
	b := make([]byte, diagRequestLength)
	binary.NativeEndian.PutUint32(b, diagRequestLength)
	binary.NativeEndian.PutUint16(b[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST)
	b[unix.SizeofNlMsghdr] = unix.AF_INET
	if own.Addr().Is6() {
		b[unix.SizeofNlMsghdr] = unix.AF_INET6
	}
	b[unix.SizeofNlMsghdr+1] = unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(b[unix.SizeofNlMsghdr+4:], ^uint32(0)) // in any state
	id := b[diagID:]
	binary.BigEndian.PutUint16(id, own.Port())
	binary.BigEndian.PutUint16(id[2:], far.Port())
	copy(id[4:], own.Addr().AsSlice())
	copy(id[20:], far.Addr().AsSlice())
	binary.NativeEndian.PutUint64(id[40:], ^uint64(0)) // no cookie
	return b
}

// ask sends one request to the kernel and returns its answer.
func ask(request []byte) ([]byte, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	timeout := unix.NsecToTimeval(diagTimeout.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		return nil, err
	}
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	answer := make([]byte, 512)
	n, _, err := unix.Recvfrom(fd, answer, 0)
	return answer[:max(n, 0)], err
}
