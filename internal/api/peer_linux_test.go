package api

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestAnotherUserIsHungUpOn opens the socket to everybody, as no engine does, and
// lets another user of this machine call; then the same the other way round.
func TestAnotherUserIsHungUpOn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can call as another user")
	}
	const other, root = 65534, 0
	path := filepath.Join(shortDir(t), "s")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := errors.Join(os.Chmod(filepath.Dir(path), 0o755), os.Chmod(path, 0o666)); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := door{l, slog.New(slog.DiscardHandler)}.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "come in")
			_ = conn.Close()
		}
	}()
	for user, want := range map[int]string{other: "", root: "come in"} {
		conn, err := as(user, func() (net.Conn, error) { return net.Dial("unix", path) })
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(conn)
		_ = conn.Close()
		if string(got) != want {
			t.Errorf("user %d hears %q, want %q", user, got, want)
		}
	}

	theirs, err := as(other, func() (net.Listener, error) { return net.Listen("unix", "@"+filepath.Base(filepath.Dir(path))) })
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	conn, err := net.Dial("unix", theirs.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := stranger(conn.(*net.UnixConn)); err == nil {
		t.Error("a stranger who listens is spoken to")
	}
}

// as calls f on a thread of its own with the effective user id of another user.
func as[T any](user int, f func() (T, error)) (result T, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		const same = ^uintptr(0)
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, same, uintptr(user), same); errno != 0 {
			err = errno
			return
		}
		result, err = f()
	}()
	<-done
	return result, err
}
