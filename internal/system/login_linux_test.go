package system

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstall holds that the start at login is switched on and off without a
// trace, twice.
func TestInstall(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("XDG_RUNTIME_DIR", "") // the user's own manager is left alone
	l := Login{Program: "/usr/bin/portolan"}
	for range 2 {
		if l.Installed() {
			t.Error("it is on before it was switched on")
		}
		for range 2 {
			where, err := l.Install(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(where); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", where, info, err)
			}
		}
		if !l.Installed() {
			t.Error("it is not on")
		}
		for range 2 {
			if _, err := l.Uninstall(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	err := filepath.WalkDir(config, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is left behind", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestUnitIsValid has systemd itself read the unit.
func TestUnitIsValid(t *testing.T) {
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("SKIPPED: systemd-analyze is not installed (apt-get install systemd)")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, `por tolan 100% $HOME`)
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(dir, "portolan.service")
	if _, err := writeLogin(unit, Login{Program: program, Home: `/home/ann/a "b" 100% $HOME \`}.unit()); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), verify, "verify", "--user", "--man=no", unit)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
	out, err := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "portolan") {
			t.Errorf("systemd says: %s", line)
		}
	}
	t.Logf("systemd-analyze ends with %v:\n%s", err, out)
}

// TestStartUnderSystemd holds that a program is handed to the person's systemd
// where one runs, and started as a session of its own where systemd refuses, or
// where it is given a variable that others must not read.
func TestStartUnderSystemd(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	if err := os.MkdirAll(filepath.Join(dir, "systemd", "private"), 0o700); err != nil {
		t.Fatal(err)
	}
	manager := func(line string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "systemd-run"), []byte("#!/bin/sh\n"+line+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	b := Background{Program: "/bin/true", Args: []string{"agent", "--home", "/a b"}, Unit: "portolan-1f2e"}

	manager(`printf '%s\n' "$@" > ` + filepath.Join(dir, "said"))
	if child, err := b.Start(context.Background()); err != nil || child != nil {
		t.Errorf("it is our own child: %v, %v", child, err)
	}
	said, err := os.ReadFile(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(said), "--user\n") ||
		!strings.HasSuffix(string(said), "\n--unit=portolan-1f2e\n--description=Portolan, port-forwards of a team\n"+
			"--property=Restart=on-failure\n--property=RestartSec=2\n--property=TimeoutStopSec=30\n"+
			"--property=StartLimitIntervalSec=60\n--property=StartLimitBurst=5\n--\n/bin/true\nagent\n--home\n/a b\n") {
		t.Errorf("systemd-run was told:\n%s", said)
	}

	for _, other := range []string{"exit 1", "touch " + filepath.Join(dir, "secret")} {
		manager(other)
		child, err := b.Start(context.Background())
		if err != nil || child == nil {
			t.Fatalf("it was not started: %v", err)
		}
		if _, err := child.Wait(); err != nil {
			t.Error(err)
		}
		b.Env = []string{"PORTOLAN_TEST=secret"}
	}
	if _, err := os.Lstat(filepath.Join(dir, "secret")); err == nil {
		t.Error("systemd was handed a program with a secret in its environment")
	}
}
