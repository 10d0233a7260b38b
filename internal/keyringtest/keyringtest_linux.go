package keyringtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds each wait; it is only ever used up by a failing test.
const patience = 20 * time.Second

// Password opens the keyring that Start makes.
const Password = "test-only"

// bus is a session bus that starts no services by itself: neither the user's
// prompter nor a second keyring can come in.
const bus = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
`

// Start runs a bus and an unlocked, empty keyring on it until the test ends. It
// returns what to set in the environment of a child process, as KEY=VALUE. For
// calls in the test's own process set the same with t.Setenv before the first
// call.
func Start(tb testing.TB) (env []string) {
	tb.Helper()
	env = StartBus(tb)
	StartOn(tb, env)
	return env
}

// StartOn runs an unlocked, empty keyring on the bus of env until the test ends.
func StartOn(tb testing.TB, env []string) {
	tb.Helper()
	need(tb, "gnome-keyring-daemon", "gnome-keyring")
	cmd := command(env, "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	cmd.Stdin = strings.NewReader(Password)
	run(tb, cmd)
	await(tb, "the keyring", func() error {
		return send(env, "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.GetNameOwner", "string:org.freedesktop.secrets")
	})
	await(tb, "the login collection", func() error {
		return send(env, "--dest=org.freedesktop.secrets", login, "org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked")
	})
}

// StartBus runs a bus with nothing on it until the test ends.
func StartBus(tb testing.TB) (env []string) {
	tb.Helper()
	need(tb, "dbus-daemon", "dbus")
	need(tb, "dbus-send", "dbus")
	dir, err := os.MkdirTemp("", "bus") // tb.TempDir may be too long for a socket
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket, config := filepath.Join(dir, "bus"), filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, bus, socket), 0o600); err != nil {
		tb.Fatal(err)
	}
	env = []string{
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + socket,
		"HOME=" + dir,
		"XDG_RUNTIME_DIR=" + dir,
		"XDG_DATA_HOME=" + filepath.Join(dir, "data"),
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"XDG_CACHE_HOME=" + filepath.Join(dir, "cache"),
	}
	run(tb, command(env, "dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile"))
	await(tb, "the bus", func() error {
		return send(env, "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.GetId")
	})
	return env
}

const login = "/org/freedesktop/secrets/collection/login"

// Lock locks the keyring of env, as a session that times out does.
func Lock(tb testing.TB, env []string) {
	tb.Helper()
	if err := send(env, "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", "array:objpath:"+login); err != nil {
		tb.Fatal(err)
	}
}

// need skips the test, or in CI fails it, where a program is missing.
func need(tb testing.TB, program, aptPackage string) {
	tb.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	why := fmt.Sprintf("%s is not installed (apt-get install %s)", program, aptPackage)
	if os.Getenv("CI") == "true" {
		tb.Fatal(why)
	}
	tb.Skip("SKIPPED: " + why)
}

// command prepares a program that sees env and nothing of the user's session. It
// dies with the test process, even a killed one.
func command(env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return cmd
}

// run starts cmd and ends it, with its children, after the test.
func run(tb testing.TB, cmd *exec.Cmd) {
	tb.Helper()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if tb.Failed() {
			tb.Logf("%s said:\n%s", cmd.Args[0], out.String())
		}
	})
}

// send makes one D-Bus call.
func send(env []string, args ...string) error {
	cmd := command(env, "dbus-send", append([]string{"--session", "--print-reply", "--reply-timeout=5000"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// await polls other programs, which cannot tell us when they are ready.
func await(tb testing.TB, what string, ready func() error) {
	tb.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := ready()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%s does not come up: %v", what, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
