//go:build linux || darwin

package api

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestAdmitted(t *testing.T) {
	for _, tt := range []struct {
		uid, own int
		want     bool
	}{{1000, 1000, true}, {0, 1000, true}, {0, 0, true}, {1001, 1000, false}, {1000, 0, false}} {
		if admitted(tt.uid, tt.own) != tt.want {
			t.Errorf("user %d of a socket of %d: want %v", tt.uid, tt.own, tt.want)
		}
	}
}

func TestPeerIsThisUser(t *testing.T) {
	here, there := pair(t)
	for _, conn := range []*net.UnixConn{here, there} {
		if uid, err := peer(conn); err != nil || uid != os.Geteuid() {
			t.Errorf("user %d, %v", uid, err)
		}
	}
	_ = here.Close()
	if err := stranger(here); err == nil {
		t.Error("an unknown peer is let in")
	}
}

// pair is a connection over a socket, from both ends.
func pair(t *testing.T) (here, there *net.UnixConn) {
	t.Helper()
	l, err := Listen(filepath.Join(shortDir(t), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialled, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = dialled.Close(), accepted.Close() })
	return dialled.(*net.UnixConn), accepted.(*net.UnixConn)
}

func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
