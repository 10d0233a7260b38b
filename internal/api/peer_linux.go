package api

import (
	"net"

	"golang.org/x/sys/unix"
)

// peer is the user of the process at the other end, as it was when the socket
// was opened there (SO_PEERCRED, unix(7)).
func peer(conn *net.UnixConn) (uid int, err error) {
	err = onSocket(conn, func(fd int) error {
		cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err == nil {
			uid = int(cred.Uid)
		}
		return err
	})
	return uid, err
}
