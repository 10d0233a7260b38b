package system

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// TestLog holds that a log keeps whole lines, newest in the file of the fixed
// name, in a few files of a bounded size.
func TestLog(t *testing.T) {
	home := t.TempDir()
	l, err := OpenLog(home)
	if err != nil {
		t.Fatal(err)
	}
	l.limit = 100
	for i := range 200 {
		if _, err := fmt.Fprintf(l, "line %03d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a closed log takes lines: %v", err)
	}
	var all []byte
	for _, name := range []string{".3", ".2", ".1", ""} {
		data, err := os.ReadFile(LogFile(home) + name)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 100 {
			t.Errorf("%q has %d bytes", name, len(data))
		}
		all = append(all, data...)
	}
	lines := strings.Split(strings.TrimSpace(string(all)), "\n")
	for i, line := range lines {
		if want := fmt.Sprintf("line %03d", 200-len(lines)+i); line != want {
			t.Fatalf("line %d is %q, not %q", i, line, want)
		}
	}
	if files, err := filepath.Glob(LogFile(home) + "*"); err != nil || len(files) != 1+logParts {
		t.Errorf("there are the files %v, %v", files, err)
	}
}

// TestLogIsPrivate holds the modes, and that a log goes on where it ended.
func TestLogIsPrivate(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	for range 2 {
		l, err := OpenLog(home)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Write([]byte("a line\n")); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := os.ReadFile(LogFile(home)); err != nil || bytes.Count(data, []byte("\n")) != 2 {
		t.Errorf("the log holds %q, %v", data, err)
	}
	if runtime.GOOS == "windows" {
		return // modes say nothing there
	}
	for path, want := range map[string]fs.FileMode{LogFile(home): 0o600, filepath.Dir(LogFile(home)): 0o700, home: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v, not %v (%v)", path, info.Mode().Perm(), want, err)
		}
	}
}

// TestLogOfMany holds that lines written side by side stay whole.
func TestLogOfMany(t *testing.T) {
	home := t.TempDir()
	l, err := OpenLog(home)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				if _, err := l.Write([]byte("whole\n")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(LogFile(home)); err != nil || string(data) != strings.Repeat("whole\n", 800) {
		t.Errorf("lines are mixed up (%v)", err)
	}
}
