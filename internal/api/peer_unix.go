//go:build linux || darwin

package api

import (
	"errors"
	"fmt"
	"net"
	"os"
)

// stranger says why the process at the other end is not to be spoken to: it runs
// as another user, or cannot be asked. The socket's modes keep strangers out
// already; this holds where they were loosened, or do not count.
func stranger(conn *net.UnixConn) error {
	uid, err := peer(conn)
	if err != nil {
		return fmt.Errorf("who is at the other end cannot be told: %w", err)
	}
	if !admitted(uid, os.Geteuid()) {
		return fmt.Errorf("user %d is at the other end", uid)
	}
	return nil
}

// admitted reports whether a user may speak to a process of own. Root may: it can
// become any user and read any memory, so that a refusal would protect nothing.
func admitted(uid, own int) bool { return uid == own || uid == 0 }

// onSocket calls f with the descriptor of a connection.
func onSocket(conn *net.UnixConn, f func(fd int) error) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = f(int(fd)) })
	return errors.Join(err, failed)
}
