package system

import (
	"context"
	"os"
	"os/exec"
	"time"
)

// Start starts the program and returns when it runs: as a unit of the person's
// own systemd where there is one, so that it does not end with the session of its
// starter (logind.conf(5), KillUserProcesses=), else, or where Env holds something,
// as a session of its own. The
// process is nil where it is systemd's child and not ours.
func (b Background) Start(ctx context.Context) (*os.Process, error) {
	if len(b.Env) == 0 && userManager() && b.startUnit(ctx) == nil {
		return nil, nil
	}
	return b.detach(ctx)
}

// startUnit hands the program to systemd, which starts it again after a crash.
func (b Background) startUnit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, "systemd-run", b.unitArgs()...).Run() //nolint:gosec // our own program
}

func (b Background) unitArgs() []string {
	args := []string{"--user", "--quiet", "--collect", "--unit=" + b.Unit,
		"--description=Portolan, port-forwards of a team",
		"--property=Restart=on-failure", "--property=RestartSec=2", "--property=TimeoutStopSec=30",
		"--property=StartLimitIntervalSec=60", "--property=StartLimitBurst=5",
		"--", b.Program}
	return append(args, b.Args...)
}
