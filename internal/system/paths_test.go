package system_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/portolan-app/portolan/internal/system"
)

func TestHome(t *testing.T) {
	none := func(string) string { return "" }
	t.Run("given wins and is absolute", func(t *testing.T) {
		got, err := system.Home("some/where", func(string) string { return "/elsewhere" })
		if err != nil || !filepath.IsAbs(got) || filepath.Base(got) != "where" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("below the user's own directory", func(t *testing.T) {
		home := t.TempDir()
		t.Setenv("HOME", home)
		t.Setenv("USERPROFILE", home)
		got, err := system.Home("", none)
		if rel, relErr := filepath.Rel(home, got); err != nil || relErr != nil || rel == ".." {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("XDG_DATA_HOME", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("the XDG specification is read on Linux only")
		}
		env := map[string]string{"XDG_DATA_HOME": "/data"}
		if got, err := system.Home("", func(k string) string { return env[k] }); err != nil || got != "/data/portolan" {
			t.Errorf("got %q, %v", got, err)
		}
		env["XDG_DATA_HOME"] = "relative" // the specification: a relative path is ignored
		t.Setenv("HOME", "/h")
		if got, err := system.Home("", func(k string) string { return env[k] }); err != nil || got != "/h/.local/share/portolan" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}
