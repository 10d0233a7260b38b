package system

import (
	"context"
	"fmt"
	"time"

	"github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"
)

// PortOwner names the process that listens on a TCP port of this machine, on
// whatever address, as in "nginx (pid 812)". It returns "a process of another
// user" where the system hides which, and "" where nobody listens. It takes two
// seconds at most.
func PortOwner(port int) string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	sockets, err := net.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return ""
	}
	hidden := false
	for _, s := range sockets {
		if s.Status != "LISTEN" || int(s.Laddr.Port) != port {
			continue
		}
		if s.Pid == 0 {
			hidden = true
			continue
		}
		if p, err := process.NewProcessWithContext(ctx, s.Pid); err == nil {
			if name, err := p.NameWithContext(ctx); err == nil && name != "" {
				return fmt.Sprintf("%s (pid %d)", name, s.Pid)
			}
		}
		return fmt.Sprintf("pid %d", s.Pid)
	}
	if hidden {
		return "a process of another user"
	}
	return ""
}
