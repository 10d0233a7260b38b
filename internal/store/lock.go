package store

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
)

// homeLock keeps a second process off the home directory. The kernel's lock on
// the file "lock" decides; what is written inside says who holds it.
type homeLock struct {
	file      *os.File
	abandoned bool // the holder before did not release it
}

// holder is the content of the lock file.
type holder struct {
	Host string `json:"host"`
	PID  int    `json:"pid"`
}

// lockHome locks home or returns a Fault with the code "home-in-use" that names
// the holder. What a process that died has left inside is taken over.
//
// On a network file system whose locks do not reach across machines the kernel
// may give the lock twice. So a holder on another host that did not leave
// properly is refused there too, until a person says that it is gone.
func lockHome(home string, log *slog.Logger) (*homeLock, error) {
	path := filepath.Join(home, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, ioFault("opening", path, err)
	}
	free, err := system.LockFile(f)
	if err != nil {
		_ = f.Close()
		return nil, ioFault("locking", path, err)
	}
	was := readHolder(f)
	self := holder{PID: os.Getpid()}
	self.Host, _ = os.Hostname()
	if !free {
		_ = f.Close()
		return nil, inUse(home, was, "stop it first, or choose another directory with PORTOLAN_HOME")
	}
	if isNetworkFS(home) {
		log.Warn("the home directory is on a network file system; use it from one machine at a time", "home", home)
		if was.Host != "" && was.Host != self.Host {
			_ = f.Close()
			return nil, inUse(home, was, fmt.Sprintf("stop it there; if it is gone for sure, delete %s", path))
		}
	}
	l := &homeLock{file: f, abandoned: was.PID != 0}
	if err := l.write(self); err != nil { // a full disk; the lock itself holds
		log.Warn("the lock file cannot name this process", "file", path, "error", err)
	}
	return l, nil
}

func inUse(home string, by holder, hint string) *portolan.Fault {
	who := "another process"
	if by.PID != 0 {
		who = fmt.Sprintf("process %d on host %q", by.PID, by.Host)
	}
	return &portolan.Fault{
		Kind:    portolan.Failed,
		Code:    "home-in-use",
		Message: fmt.Sprintf("the home directory %s is in use by %s", home, who),
		Hint:    hint,
	}
}

// Holder is the id of the process that holds a home directory on this machine or
// another, as the lock file says, or 0. One that did not leave properly is still
// named after its end.
func Holder(home string) int {
	f, err := os.Open(filepath.Join(home, "lock"))
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	return readHolder(f).PID
}

// Free reports whether no process holds a home directory, as the kernel says: a
// holder whose disk was full is not named in the lock file.
func Free(home string) bool {
	f, err := os.OpenFile(filepath.Join(home, "lock"), os.O_RDWR, 0)
	if err != nil {
		return true // nobody can have locked it
	}
	defer func() { _ = f.Close() }() // and with it the lock
	free, err := system.LockFile(f)
	return free || err != nil
}

// readHolder returns the zero holder for a file that names none.
func readHolder(f *os.File) (h holder) {
	data, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil || json.Unmarshal(data, &h) != nil {
		return holder{}
	}
	return h
}

func (l *homeLock) write(h holder) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(data, '\n'), 0)
	return err
}

// release forgets the holder and drops the lock. The file stays: removing it
// would let two later processes lock two different files of that name.
func (l *homeLock) release() error {
	err := l.file.Truncate(0)
	if e := l.file.Close(); err == nil {
		err = e
	}
	return err
}
