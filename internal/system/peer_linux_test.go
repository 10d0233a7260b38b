package system

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// another is the uid of a user that is neither us nor root.
const another = 65534

// TestMain lets the test program be that user's client: it says a word to the
// address in PEER_TEST_DIAL and stays until it is answered.
func TestMain(m *testing.M) {
	address := os.Getenv("PEER_TEST_DIAL")
	if address == "" {
		os.Exit(m.Run())
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		os.Exit(1)
	}
	_, _ = conn.Write([]byte("x"))
	if os.Getenv("PEER_TEST_LEAVE") == "" {
		_, _ = conn.Read(make([]byte, 1))
	}
	os.Exit(0)
}

func TestStrangerIsNotUs(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		ln, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("no %s here: %v", address, err)
			continue
		}
		defer ln.Close()
		client, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		server, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		if who := Stranger(server); who != "" {
			t.Errorf("%s: we are a stranger: %s", address, who)
		}
	}
}

func TestStrangerIsAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: only root can start a process of another user")
	}
	for _, tt := range []struct{ listen, leave string }{
		{"127.0.0.1:0", ""}, {"[::1]:0", ""}, {"127.0.0.1:0", "1"},
	} {
		ln, err := net.Listen("tcp", tt.listen)
		if err != nil {
			t.Logf("no %s here: %v", tt.listen, err)
			continue
		}
		client := exec.Command("/proc/self/exe")
		client.Env = []string{"GORACE=atexit_sleep_ms=0", "PEER_TEST_DIAL=" + ln.Addr().String(), "PEER_TEST_LEAVE=" + tt.leave}
		client.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: another, Gid: another}}
		if err := client.Start(); err != nil {
			t.Fatal(err)
		}
		_ = ln.(*net.TCPListener).SetDeadline(time.Now().Add(20 * time.Second))
		server, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if tt.leave != "" {
			_ = client.Wait() // its socket belongs to nobody now
		}
		if who := Stranger(server); !strings.Contains(who, "user ") && !strings.Contains(who, "a user") {
			t.Errorf("%s, gone: %q: the stranger is %q", tt.listen, tt.leave, who)
		}
		_ = server.Close()
		_ = ln.Close()
		_ = client.Wait()
	}
}

func TestOthersIn(t *testing.T) {
	for _, tt := range []struct {
		users []string
		want  bool
	}{
		{nil, false},
		{[]string{"1000"}, false},                   // we
		{[]string{"0", "120", "65534", "x"}, false}, // root, the login screen, nobody
		{[]string{"1000", "1001"}, true},
	} {
		dir := t.TempDir()
		for _, name := range tt.users {
			if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if got := othersIn(dir, 1000); got != tt.want {
			t.Errorf("%v: %v", tt.users, got)
		}
	}
	if othersIn(filepath.Join(t.TempDir(), "none"), 1000) {
		t.Error("somebody is logged in where nothing is")
	}
}
