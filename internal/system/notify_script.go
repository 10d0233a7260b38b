//go:build windows || darwin

package system

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
)

// desktop shows notifications by a script of the system's own interpreter. What
// they say travels beside the script, never in it.
type desktop struct{ log *slog.Logger }

func (d *desktop) show(ctx context.Context, note Notification) error {
	name, args, env := script(note)
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // constant, but for arguments that the script takes as text
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = apart()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

func (d *desktop) close() {}
