package system

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// clipboards are the programs that put their standard input into the clipboard,
// by system, with the variable of the display that each one needs. They are the
// system's own, or those that people install for this; a library would need cgo
// and X11's headers on Linux, or runs the same programs.
var clipboards = map[string][]struct {
	variable string
	command  []string
}{
	"linux": {
		{"WAYLAND_DISPLAY", []string{"wl-copy"}},
		{"DISPLAY", []string{"xclip", "-selection", "clipboard"}},
		{"DISPLAY", []string{"xsel", "--clipboard", "--input"}},
	},
	"darwin":  {{"", []string{"pbcopy"}}},
	"windows": {{"", []string{"clip"}}},
}

// clipboardLimit bounds one copy.
const clipboardLimit = 5 * time.Second

// Clipboard returns what copies text of ASCII characters, such as an address, to
// the person's clipboard; nil where this system has no means. env is the
// environment of the person's session.
func Clipboard(env func(string) string) func(context.Context, string) error {
	for _, c := range clipboards[familyOf(runtime.GOOS)] {
		if c.variable != "" && env(c.variable) == "" {
			continue
		}
		if program, err := exec.LookPath(c.command[0]); err == nil {
			return func(ctx context.Context, text string) error {
				return feed(ctx, text, program, c.command[1:]...)
			}
		}
	}
	return nil
}

// familyOf is the system whose desktop programs another one shares.
func familyOf(goos string) string {
	if strings.HasSuffix(goos, "bsd") {
		return "linux"
	}
	return goos
}

// feed runs a program with a text on its standard input. It has no other files:
// one that stays to serve the clipboard would keep them open.
func feed(ctx context.Context, text, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, clipboardLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // of the table above
	cmd.Stdin = strings.NewReader(text)
	cmd.SysProcAttr = apart()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}
