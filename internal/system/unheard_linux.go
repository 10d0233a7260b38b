package system

import (
	"net"

	"golang.org/x/sys/unix"
)

// Unheard reports whether data were sent on a TCP connection, alone or within TLS and
// the like, and sent again, and the machine at the other end has acknowledged nothing
// since. One that merely takes no more acknowledges that (tcp(7), TCP_INFO).
func Unheard(conn net.Conn) bool {
	for {
		within, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = within.NetConn()
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false
	}
	unheard := false
	err = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		unheard = err == nil && info.Unacked > 0 && info.Retransmits > 0
	})
	return err == nil && unheard
}
