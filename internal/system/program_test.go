package system

import (
	"os"
	"path/filepath"
	"testing"
)

// TestProgram holds by which path the program is started again.
func TestProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	link, other := filepath.Join(dir, "portolan"), filepath.Join(dir, "other")
	if err := os.Symlink(self, link); err != nil {
		t.Skipf("SKIPPED: no links here: %v", err)
	}
	if err := os.WriteFile(other, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		called string
		env    map[string]string
		want   string
	}{
		"itself":             {self, nil, self},
		"a link to it":       {link, nil, link},
		"a name that is not": {other, nil, self},
		"nothing":            {"", nil, self},
		"its AppImage":       {self, map[string]string{"APPIMAGE": "/a.AppImage", "APPDIR": filepath.Dir(self)}, "/a.AppImage"},
		"another's AppImage": {self, map[string]string{"APPIMAGE": "/terminal.AppImage", "APPDIR": "/tmp/.mount"}, self},
	} {
		got, err := Program(test.called, func(key string) string { return test.env[key] })
		if err != nil || got != test.want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, test.want)
		}
	}
}
