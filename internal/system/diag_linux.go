package system

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// The parts of linux/inet_diag.h that are used: a request for one socket by its
// addresses (struct inet_diag_req_v2), and the state, owner and inode of the
// answer (struct inet_diag_msg).
const (
	diagRequestLength = unix.SizeofNlMsghdr + 56
	diagID            = unix.SizeofNlMsghdr + 8
	diagState         = unix.SizeofNlMsghdr + 1
	diagUID           = unix.SizeofNlMsghdr + 64
	diagInode         = unix.SizeofNlMsghdr + 68
	diagTimeout       = 100 * time.Millisecond
)

// socket is what the kernel says of a TCP socket. One that no process holds any
// more has no inode, and its uid may be 0 whoever had it.
type socket struct {
	listens    bool
	uid, inode uint32
}

const stateListen = 10 // TCP_LISTEN of linux/tcp_states.h

// errNoAnswer: the kernel does not tell.
var errNoAnswer = errors.New("the kernel says nothing of this socket")

// lookUp finds the TCP socket with the given own and far address, of whatever
// process, else one that listens on its own address. The error is unix.ENOENT
// where there is neither.
func lookUp(own, far netip.AddrPort) (socket, error) {
	answer, err := ask(diagRequest(own, far))
	if err != nil {
		return socket{}, err
	}
	if len(answer) >= unix.SizeofNlMsghdr+4 && binary.NativeEndian.Uint16(answer[4:]) == unix.NLMSG_ERROR {
		return socket{}, unix.Errno(-int32(binary.NativeEndian.Uint32(answer[unix.SizeofNlMsghdr:])))
	}
	if len(answer) < diagInode+4 {
		return socket{}, errNoAnswer
	}
	return socket{
		listens: answer[diagState] == stateListen,
		uid:     binary.NativeEndian.Uint32(answer[diagUID:]),
		inode:   binary.NativeEndian.Uint32(answer[diagInode:]),
	}, nil
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
