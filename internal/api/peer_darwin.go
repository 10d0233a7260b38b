package api

import (
	"net"

	"golang.org/x/sys/unix"
)

// peer is the user of the process at the other end, as it was when the socket
// was opened there (LOCAL_PEERCRED, unix(4)).
func peer(conn *net.UnixConn) (uid int, err error) {
	err = onSocket(conn, func(fd int) error {
		cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
		if err == nil {
			uid = int(cred.Uid)
		}
		return err
	})
	return uid, err
}
