package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// npmFolders hold a package.json each: the front end, and the GitHub emulator
// that tests of the GitHub client run against.
var npmFolders = []string{"frontend", "internal/githubtest/emulate"}

// A need is a program that some verb runs, or a file that matches an absolute
// pattern, and the Debian package that has it.
type need struct {
	program string
	pkg     string
	why     string
}

var needs = []need{
	{"git", "git", "tests commit to real repositories"},
	{"gcc", "gcc libc6-dev", "the race detector is linked with it"},
	{"dbus-daemon", "dbus", "keychain tests run on a bus of their own"},
	{"gnome-keyring-daemon", "gnome-keyring", "keychain tests use a real keyring"},
	{"secret-tool", "libsecret-tools", "keychain tests look from outside"},
	{"chromium", "chromium", "the pages are attacked in a real browser"},
	{"pkg-config", "pkg-config", "the window's build finds GTK with it"},
	{"/usr/lib/*/pkgconfig/webkit2gtk-4.1.pc", "build-essential libgtk-3-dev libwebkit2gtk-4.1-dev", "the window is linked with WebKitGTK"},
	{"Xvfb", "xvfb", "tests of the window have a display of their own"},
	{"openbox", "openbox", "tests of the window have a window manager"},
	{"wmctrl", "wmctrl", "tests of the window close it as a person does"},
	{"xdotool", "xdotool", "tests of the window use it by mouse and keys"},
	{"/usr/lib/python3/dist-packages/gi", "python3-gi gir1.2-atspi-2.0 at-spi2-core", "tests of the window read its page"},
}

// missing lists the needs that this machine does not meet. Those of the keychain's
// and the window's tests are Linux's alone.
func missing() (list []need) {
	for _, n := range needs {
		linuxOnly := n.program != "git" && n.program != "gcc"
		if linuxOnly && runtime.GOOS != "linux" {
			continue
		}
		if n.program == "gcc" && compiler() {
			continue
		}
		if !n.met() {
			list = append(list, n)
		}
	}
	return list
}

func (n need) met() bool {
	if strings.HasPrefix(n.program, "/") {
		files, err := filepath.Glob(n.program)
		return err == nil && len(files) > 0
	}
	_, err := exec.LookPath(n.program)
	return err == nil
}

// compiler reports whether there is some C compiler, under any usual name.
func compiler() bool {
	for _, name := range []string{os.Getenv("CC"), "gcc", "cc", "clang"} {
		if _, err := exec.LookPath(name); name != "" && err == nil {
			return true
		}
	}
	return false
}

// setup installs what is missing, and does nothing where nothing is.
func setup(ctx context.Context, _ []string) error {
	return runAll(ctx, setupStages())
}

func setupStages() []Stage {
	return []Stage{{"node", node}, {"system packages", systemPackages}, {"npm packages", npmPackages}}
}

// node checks for the one thing that setup does not install.
func node(ctx context.Context) error {
	const wanted = "Node 20.19 or newer with npm is needed: https://nodejs.org/en/download"
	out, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return errors.New(wanted)
	}
	version := strings.TrimSpace(string(out))
	parts := strings.Split(strings.TrimPrefix(version, "v"), ".")
	if len(parts) < 2 {
		return fmt.Errorf("node says it is %q; %s", version, wanted)
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	if major < 20 || major == 20 && minor < 19 {
		return fmt.Errorf("this is Node %s; %s", version, wanted)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return errors.New(wanted)
	}
	return nil
}

// systemPackages installs what [missing] lists on a Debian where we may, and
// elsewhere says what to install.
func systemPackages(ctx context.Context) error {
	list := missing()
	if len(list) == 0 {
		return nil
	}
	var packages, lines []string
	for _, n := range list {
		packages = append(packages, strings.Fields(n.pkg)...)
		lines = append(lines, fmt.Sprintf("  %s (%s)", n.program, n.why))
	}
	said := "missing:\n" + strings.Join(lines, "\n")
	prefix, ok := asRoot(ctx)
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New(said + "\ninstall them with the system's package manager")
	} else if !ok {
		return fmt.Errorf("%s\nrun: sudo apt-get update && sudo apt-get install --no-install-recommends %s", said, strings.Join(packages, " "))
	}
	fmt.Println(said)
	quiet := []string{"DEBIAN_FRONTEND=noninteractive"}
	apt := func(args ...string) error {
		return Command{Env: quiet, Args: append(prefix, append([]string{"apt-get", "-qq"}, args...)...)}.Run(ctx)
	}
	if err := apt("update"); err != nil {
		return err
	}
	return apt(append([]string{"install", "-y", "--no-install-recommends"}, packages...)...)
}

// asRoot returns what to put before a command that needs root, and false where
// that would ask for a password or is not to be had.
func asRoot(ctx context.Context) (prefix []string, ok bool) {
	if os.Geteuid() == 0 {
		return nil, true
	}
	return []string{"sudo", "-n"}, exec.CommandContext(ctx, "sudo", "-n", "true").Run() == nil
}

// npmPackages runs `npm ci` where the lockfile has changed since it last ran.
// Without scripts: no package of ours needs one, and a stranger's should not run.
func npmPackages(ctx context.Context) error {
	for _, folder := range npmFolders {
		if _, err := os.Stat(filepath.Join(folder, "package-lock.json")); err != nil {
			continue
		}
		if fresh(folder) {
			continue
		}
		fmt.Println("npm ci in", folder)
		npm := Command{Dir: folder, Args: []string{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"}}
		if err := npm.Run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fresh reports whether a folder's node_modules are its lockfile's: npm writes
// node_modules/.package-lock.json at the end of each install.
func fresh(folder string) bool {
	lock, err := os.Stat(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		return false
	}
	installed, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json"))
	return err == nil && !installed.ModTime().Before(lock.ModTime())
}
