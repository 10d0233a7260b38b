//go:build !desktop && !bindings

package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"time"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
)

// windowed says that this program has a window.
const windowed = false

// noLibrary is what the dynamic loader says of a library that is not installed
// (glibc, elf/dl-load.c; musl says it in its own words), with its exit code.
var noLibrary = regexp.MustCompile(`(?:error while loading shared libraries: |Error loading shared library )([^:\s]+)`)

const loaderFailed = 127

// window runs the program beside this one that has a window, and returns when that
// ends; nil where there is none, or nowhere to open it.
func (p *program) window() func(context.Context, cli.WindowOptions) (int, error) {
	self, err := system.Program(os.Args[0], p.env)
	if err != nil || !p.display() {
		return nil
	}
	desktop := beside(self, "portolan-desktop")
	if desktop == "" {
		return nil
	}
	return func(ctx context.Context, _ cli.WindowOptions) (int, error) {
		var said bytes.Buffer
		cmd := exec.CommandContext(ctx, desktop, os.Args[1:]...) //nolint:gosec // the program that is installed with this one
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, io.MultiWriter(os.Stderr, &said)
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 5 * time.Second
		return launched(cmd.Run(), desktop, said.Bytes())
	}
}

// launched is the outcome of a window's program: its exit code, or why it could
// not run at all.
func launched(err error, program string, said []byte) (int, error) {
	exit := (*exec.ExitError)(nil)
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &exit):
		return 0, &portolan.Fault{Kind: portolan.Failed, Code: "window-unusable",
			Message: "the window cannot be opened: " + program + ": " + err.Error(),
			Hint:    "install Portolan again; the commands work without it: portolan --help"}
	}
	if library := noLibrary.FindSubmatch(said); library != nil && exit.ExitCode() == loaderFailed {
		return 0, &portolan.Fault{Kind: portolan.Failed, Code: "webview-missing",
			Message: "the window cannot be opened: " + string(library[1]) + " is not installed",
			Hint:    "install WebKitGTK 4.1: sudo apt install libwebkit2gtk-4.1-0 (Debian, Ubuntu), sudo dnf install webkit2gtk4.1 (Fedora); the commands work without it: portolan --help"}
	}
	return max(exit.ExitCode(), 1), nil
}
