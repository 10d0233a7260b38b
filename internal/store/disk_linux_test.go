package store

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
)

// TestFullDisk fills small disks of several sizes, so that each of the writes of
// an update gets to be the one that fails.
func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root can mount a small disk; TestFileSizeLimit runs for everybody")
	}
	for kib := 120; kib <= 160; kib += 4 {
		t.Run(fmt.Sprint(kib, " KiB"), func(t *testing.T) {
			home := t.TempDir()
			if err := syscall.Mount("small", home, "tmpfs", 0, fmt.Sprintf("size=%dk,mode=0700", kib)); err != nil {
				t.Skip("SKIPPED: mounting a small disk is not permitted here: ", err)
			}
			defer syscall.Unmount(home, 0)
			fill(t, home)
		})
	}
}

// asNobody runs fn with the file rights of user 65534 where the test is root.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	if os.Getuid() == 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
			t.Fatal(errno)
		}
		defer syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0)
	}
	fn()
}
