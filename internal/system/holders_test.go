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

func TestHoldersNamesThisProcess(t *testing.T) {
	self := fmt.Sprintf("(pid %d)", os.Getpid())
	for _, tt := range []struct{ network, listen, want string }{
		{"tcp4", "127.0.0.1:0", "127.0.0.1"},
		{"tcp4", "0.0.0.0:0", "0.0.0.0"},
		{"tcp6", "[::1]:0", "::1"},
		{"tcp6", "[::]:0", "::"},
	} {
		ln, err := net.Listen(tt.network, tt.listen)
		if err != nil {
			t.Logf("no %s here: %v", tt.listen, err)
			continue
		}
		port := ln.Addr().(*net.TCPAddr).Port
		got := Holders(1, port)
		if len(got) != 1 || !strings.HasSuffix(got[0].Who, self) || got[0].Address.Addr().String() != tt.want || int(got[0].Address.Port()) != port {
			t.Errorf("%s: got %v, want %s at %s", tt.listen, got, self, tt.want)
		}
		_ = ln.Close()
		if got := Holders(port); got != nil {
			t.Errorf("%s: the holders of a free port are %v", tt.listen, got)
		}
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
