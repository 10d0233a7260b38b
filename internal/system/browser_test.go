package system

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestWebAddress is about security: what leaves this function reaches a program
// that starts others by scheme.
func TestWebAddress(t *testing.T) {
	for _, good := range []string{
		"http://127.0.0.1:8080/", "https://localhost:3000/orders?x=1&y=%20#top", "http://[::1]:9000",
		"http://127.0.0.1:1/%3Cscript%3E",
	} {
		if got, err := WebAddress(good); err != nil || got != good {
			t.Errorf("WebAddress(%q) = %q, %v", good, got, err)
		}
	}
	for _, bad := range []string{
		"", "shop", "/etc/passwd", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "smb://host/share",
		"ms-msdt:/id", "vscode://file/x", "HTTP//127.0.0.1", "http:", "http://", "http:///etc/passwd", "http:127.0.0.1",
		"--help", "-new-window http://x", "http://user:pass@127.0.0.1/", "http://user@127.0.0.1/",
		"http://127.0.0.1/\nfile:///etc/passwd", "http://127.0.0.1/ --option", "http://127.0.0.1/\x00",
		"http://127.0.0.1/\u202egpj.exe", " http://127.0.0.1/", "http://127.0.0.1:port/", "http://127.0.0.1/\u00a0x",
	} {
		if got, err := WebAddress(bad); err == nil {
			t.Errorf("WebAddress(%q) = %q, want it refused", bad, got)
		}
	}
}

func FuzzWebAddress(f *testing.F) {
	f.Add("http://127.0.0.1:8080/x")
	f.Add("https://[::1]/?a=b#c")
	f.Fuzz(func(t *testing.T, text string) {
		safe, err := WebAddress(text)
		if err != nil {
			return
		}
		if !strings.HasPrefix(safe, "http://") && !strings.HasPrefix(safe, "https://") {
			t.Errorf("%q became %q", text, safe)
		}
		if again, err := WebAddress(safe); err != nil || again != safe {
			t.Errorf("%q became %q, which is not opened: %v", text, safe, err)
		}
	})
}

// TestBrowser runs an opener that writes down what it is given.
func TestBrowser(t *testing.T) {
	dir := desktopProgram(t, "xdg-open", `printf '%s\n' "$#" "$@" > "${0%/*}/said"`)
	env := func(name string) string { return map[string]string{"DISPLAY": ":9"}[name] }
	open := Browser(env)
	if open == nil {
		t.Fatal("there is no browser")
	}
	if err := open(t.Context(), "file:///etc/passwd"); err == nil {
		t.Error("a file was opened")
	}
	if _, err := os.Stat(filepath.Join(dir, "said")); err == nil {
		t.Error("the opener was run for a file")
	}
	if err := open(t.Context(), "http://127.0.0.1:8080/$(id)?a='b'"); err != nil {
		t.Fatal(err)
	}
	if said, _ := os.ReadFile(filepath.Join(dir, "said")); string(said) != "1\nhttp://127.0.0.1:8080/$(id)?a='b'\n" {
		t.Errorf("the opener was given %q", said)
	}
	if Browser(func(string) string { return "" }) != nil {
		t.Error("there is a browser without a display")
	}
}

// TestClipboard runs a program that stands for the clipboard.
func TestClipboard(t *testing.T) {
	dir := desktopProgram(t, "wl-copy", `cat > "${0%/*}/said"`)
	display := map[string]string{"WAYLAND_DISPLAY": "wayland-9"}
	put := Clipboard(func(name string) string { return display[name] })
	if put == nil {
		t.Fatal("there is no clipboard")
	}
	if err := put(t.Context(), "127.0.0.1:8080"); err != nil {
		t.Fatal(err)
	}
	if said, _ := os.ReadFile(filepath.Join(dir, "said")); string(said) != "127.0.0.1:8080" {
		t.Errorf("the clipboard holds %q", said)
	}
	if Clipboard(func(string) string { return "" }) != nil {
		t.Error("there is a clipboard without a display")
	}
}

// desktopProgram makes a shell script the only program there is besides cat.
func desktopProgram(t *testing.T, name, script string) (dir string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the programs of this desktop would show themselves")
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nPATH=/bin:/usr/bin\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return dir
}
