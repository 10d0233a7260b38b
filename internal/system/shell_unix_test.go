//go:build unix

package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeShell is a program that is called as a login shell is.
func fakeShell(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shell")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+strings.Join(lines, "\n")+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestShellEnvironment holds what is taken from a shell: what its start-up files
// set, whatever they print, and nothing of this process's own.
func TestShellEnvironment(t *testing.T) {
	t.Setenv("KUBECONFIG", "/of/the/starter")
	t.Setenv("AWS_PROFILE", "starter")
	shell := fakeShell(t,
		`[ "$1" = -ilc ] || exit 1`,
		`echo "You have mail"; echo "noise" >&2`,
		`[ "$PORTOLAN_NO_AUTOSTART" = 1 ] && echo "no other agent is started"`,
		`export PATH=/shell/bin:$PATH AWS_PROFILE='two
lines=here' HTTPS_PROXY=http://proxy:3128 EDITOR=vi PORTOLAN_GITHUB_TOKEN=t`,
		`/bin/sh -c "$2"`,
		`echo "Good-bye"; exit 3`)
	got, err := ShellEnvironment(t.Context(), shell)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"PATH":                  "/shell/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
		"AWS_PROFILE":           "two\nlines=here",
		"HTTPS_PROXY":           "http://proxy:3128",
		"PORTOLAN_GITHUB_TOKEN": "t",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestRealShells has the shells that are here tell their environment.
func TestRealShells(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for _, shell := range []string{"/bin/sh", "/bin/bash", "/bin/zsh", "/usr/bin/fish"} {
		if _, err := os.Stat(shell); err != nil {
			t.Logf("%s is not here", shell)
			continue
		}
		if got, err := ShellEnvironment(t.Context(), shell); err != nil || got["PATH"] == "" {
			t.Errorf("%s: %v, %v", shell, got, err)
		}
	}
}

// TestShellThatFails holds that a shell which does not answer is an error, after
// a bounded time, and leaves nothing running.
func TestShellThatFails(t *testing.T) {
	left := filepath.Join(t.TempDir(), "left")
	for name, test := range map[string]struct{ shell, want string }{
		"none":   {filepath.Join(t.TempDir(), "none"), "did not tell"},
		"silent": {fakeShell(t, "exit 0"), "did not tell"},
		"noisy":  {fakeShell(t, "exec yes"), "did not tell"},
		"hangs":  {fakeShell(t, "(sleep 5; touch "+left+") & wait"), "longer than 3s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := ShellEnvironment(t.Context(), test.shell)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it says %v", err)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
			if name != "hangs" {
				return
			}
			time.Sleep(3 * time.Second) // until its child would have come to its end
			if _, err := os.Stat(left); err == nil {
				t.Error("its child lives on")
			}
		})
	}
}
