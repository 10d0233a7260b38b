package system

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A log takes 4 MiB a file and keeps logParts older ones: days of an agent at
// level info, minutes of one at debug that serves many connections.
const (
	logSize  = 4 << 20
	logParts = 3
)

// LogFile is the log of the agent in a home: one JSON object a line, as
// log/slog writes it. Its older parts are beside it, as portolan.log.1
// (the newest) to portolan.log.3.
func LogFile(home string) string { return filepath.Join(home, "logs", "portolan.log") }

// Log is an open log file that begins a new file when it is full. Each Write goes
// into one file as a whole. It is our own because what we need is one rename: the
// libraries for it add goroutines, compression and names made of times, by which
// a reader cannot know what comes next.
type Log struct {
	path  string
	limit int64

	mu     sync.Mutex // guards the rest
	closed bool
	file   *os.File // nil while it cannot be opened
	size   int64
}

var errLogClosed = fmt.Errorf("the log: %w", fs.ErrClosed)

// OpenLog opens the log of a home for appending, and creates it (mode 0600, in a
// directory of mode 0700) where there is none.
func OpenLog(home string) (*Log, error) {
	l := &Log{path: LogFile(home), limit: logSize}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return nil, err
	}
	return l, l.open()
}

// Write implements [io.Writer]. It may be called by several goroutines at once.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, errLogClosed
	}
	if l.file == nil {
		if err := l.open(); err != nil {
			return 0, err
		}
	}
	if l.size > 0 && l.size+int64(len(line)) > l.limit {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	return n, err
}

// rotate makes the full file the newest of the older parts. Where that cannot be
// done, as on Windows while somebody reads it, the full file is used on. The
// caller holds mu.
func (l *Log) rotate() error {
	_ = l.file.Close()
	l.file = nil
	if os.Rename(l.path, l.part(0)) == nil {
		for n := logParts - 1; n >= 0; n-- {
			_ = os.Rename(l.part(n), l.part(n+1)) // there may be none yet
		}
	}
	return l.open()
}

// part is an older part's name, the newest being 1. During a rotation it is 0.
func (l *Log) part(n int) string { return fmt.Sprintf("%s.%d", l.path, n) }

func (l *Log) open() error {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	l.file, l.size = file, info.Size()
	return nil
}

// Close closes the file; later writes fail.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.file == nil {
		return nil
	}
	file := l.file
	l.file = nil
	return file.Close()
}
