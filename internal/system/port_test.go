package system

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestPortOwnerIsThisProcess(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	if got, want := PortOwner(port), fmt.Sprintf("(pid %d)", os.Getpid()); !strings.HasSuffix(got, want) {
		t.Errorf("the owner is %q, want %q", got, want)
	}
	_ = ln.Close()
	if got := PortOwner(port); got != "" {
		t.Errorf("the owner of a free port is %q", got)
	}
}

func TestPeerClosed(t *testing.T) {
	if runtime.GOOS != "linux" {
		if _, known := PeerClosed(nil); known {
			t.Error("known where the system cannot tell")
		}
		return
	}
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		ln, err := net.Listen("tcp", address)
		if err != nil {
			t.Skipf("no %s here: %v", address, err)
		}
		defer ln.Close()
		client, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		if closed, known := PeerClosed(server); closed || !known {
			t.Errorf("%s open: closed %v, known %v", address, closed, known)
		}
		_ = client.(*net.TCPConn).CloseWrite()
		_, _ = io.ReadAll(server)
		if closed, known := PeerClosed(server); closed || !known {
			t.Errorf("%s half closed: closed %v, known %v", address, closed, known)
		}
		_ = client.Close()
		closed, known := false, false
		for end := time.Now().Add(5 * time.Second); !closed && time.Now().Before(end); time.Sleep(time.Millisecond) {
			closed, known = PeerClosed(server)
		}
		if !closed || !known {
			t.Errorf("%s closed: closed %v, known %v", address, closed, known)
		}
	}
}
