package app_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdDisk gives a script a small disk of its own, for root, who alone may mount
// one: disk mount DIR, and then fill, free, readonly or writable DIR.
func cmdDisk(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[1])
	ballast := filepath.Join(dir, "ballast")
	switch args[0] {
	case "mount":
		ts.Check(os.MkdirAll(dir, 0o700))
		ts.Check(syscall.Mount("small", dir, "tmpfs", 0, "size=16m,mode=0700"))
		ts.Defer(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	case "fill":
		f, err := os.Create(ballast)
		ts.Check(err)
		if _, err := io.Copy(f, zeros{}); !errors.Is(err, syscall.ENOSPC) {
			ts.Fatalf("the disk does not fill up: %v", err)
		}
		ts.Check(f.Close())
	case "free":
		ts.Check(os.Remove(ballast))
	case "readonly":
		remount := func() error { return syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, "") }
		err := remount()
		for until := time.Now().Add(patience); errors.Is(err, syscall.EBUSY) && time.Now().Before(until); err = remount() {
			time.Sleep(10 * time.Millisecond) // a process that has left the home ends, and with it its log
		}
		ts.Check(err)
	case "writable":
		ts.Check(syscall.Mount("", dir, "", syscall.MS_REMOUNT, ""))
	default:
		ts.Fatalf("disk cannot %s", args[0])
	}
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// mountable reports whether a small disk can be mounted here.
func mountable() bool {
	dir, err := os.MkdirTemp("", "ptl")
	if err != nil {
		return false
	}
	defer func() { _ = os.Remove(dir) }()
	if syscall.Mount("small", dir, "tmpfs", 0, "size=16k") != nil {
		return false
	}
	return syscall.Unmount(dir, 0) == nil
}
