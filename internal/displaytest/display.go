// Package displaytest gives tests and benches a display of their own: an X server
// without a screen, a session bus and a window manager. Nothing of it touches the
// session that they run in, and nothing is left behind.
package displaytest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Display is one that nobody looks at.
type Display struct {
	// Env is what a program needs to open a window there, as KEY=VALUE.
	Env []string

	frames  string // the directory of the X server's frame buffer
	started []*exec.Cmd
}

// Window is where one shows, in pixels.
type Window struct{ X, Y, Width, Height int }

// Open starts a display. What programs on it keep goes into dir.
func Open(ctx context.Context, dir string) (*Display, error) {
	d := &Display{frames: dir, Env: []string{
		"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_CACHE_HOME=" + dir,
		"LIBGL_ALWAYS_SOFTWARE=1", "GDK_BACKEND=x11", "WAYLAND_DISPLAY=",
	}}
	display, err := d.start(ctx, true, "Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-fbdir", dir)
	if err == nil {
		d.Env = append(d.Env, "DISPLAY=:"+display)
		var bus string
		bus, err = d.start(ctx, true, "dbus-daemon", "--session", "--nofork", "--print-address=1")
		d.Env = append(d.Env, "DBUS_SESSION_BUS_ADDRESS="+bus)
	}
	if err == nil {
		_, err = d.start(ctx, false, "openbox")
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// start starts a program of the display and, where it speaks, returns its first
// line.
func (d *Display) start(ctx context.Context, speaks bool, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // a program of the display
	cmd.Env = append(os.Environ(), d.Env...)
	if !speaks {
		return "", d.run(cmd)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = d.run(cmd)
	}
	if err != nil {
		return "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s does not come up: %w", program, err)
	}
	return strings.TrimSpace(line), nil
}

func (d *Display) run(cmd *exec.Cmd) error {
	err := cmd.Start()
	if err == nil {
		d.started = append(d.started, cmd)
	}
	return err
}

// Close ends what Open has started.
func (d *Display) Close() {
	for _, cmd := range slices.Backward(d.started) {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // how it ends is its own matter
	}
}

// Windows lists the windows of that title.
func (d *Display) Windows(ctx context.Context, title string) (list []Window) {
	out, err := d.manage(ctx, "-lG")
	if err != nil {
		return nil // before the window manager is up
	}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 8 || strings.Join(fields[7:], " ") != title {
			continue
		}
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(fields[2+i])
		}
		list = append(list, Window{n[0], n[1], n[2], n[3]})
	}
	return list
}

// CloseWindow presses the close button of the window of that title.
func (d *Display) CloseWindow(ctx context.Context, title string) error {
	_, err := d.manage(ctx, "-c", title)
	return err
}

// MoveWindow gives the window of that title another place.
func (d *Display) MoveWindow(ctx context.Context, title string, to Window) error {
	_, err := d.manage(ctx, "-r", title, "-e", fmt.Sprintf("0,%d,%d,%d,%d", to.X, to.Y, to.Width, to.Height))
	return err
}

// manage asks the window manager.
func (d *Display) manage(ctx context.Context, args ...string) (string, error) {
	return d.ask(ctx, "wmctrl", args...)
}

// ask runs a program of the display to its end.
func (d *Display) ask(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // the callers are those of this package
	cmd.Env = append(os.Environ(), d.Env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return string(out), nil
}
