package system

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"
)

// A Holder is a TCP socket that listens on this machine.
type Holder struct {
	Address netip.AddrPort // unspecified: on all addresses of the machine
	Who     string         // "nginx (pid 812)"; "a process of alice" where the system hides which
}

// Holders returns what listens on any of the ports, on whatever address, with one
// look at the whole machine. It takes two seconds at most, and returns nothing
// where the system does not tell.
func Holders(ports ...int) []Holder {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	sockets, err := net.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return nil
	}
	var holders []Holder
	for _, s := range sockets {
		if s.Status != "LISTEN" || !slices.Contains(ports, int(s.Laddr.Port)) {
			continue
		}
		h := Holder{Address: addressOf(s)}
		if s.Pid == 0 {
			h.Who = "a process of " + ownerOf(h.Address)
		} else {
			h.Who = program(ctx, s.Pid)
		}
		if !slices.Contains(holders, h) {
			holders = append(holders, h)
		}
	}
	return holders
}

// addressOf is where a socket listens. Some systems write all addresses as "*".
func addressOf(s net.ConnectionStat) netip.AddrPort {
	ip, err := netip.ParseAddr(s.Laddr.IP)
	switch {
	case err == nil:
	case s.Family == syscall.AF_INET6:
		ip = netip.IPv6Unspecified()
	default:
		ip = netip.IPv4Unspecified()
	}
	return netip.AddrPortFrom(ip, uint16(s.Laddr.Port))
}

// program names a process.
func program(ctx context.Context, pid int32) string {
	if p, err := process.NewProcessWithContext(ctx, pid); err == nil {
		if name, err := p.NameWithContext(ctx); err == nil && name != "" {
			return fmt.Sprintf("%s (pid %d)", name, pid)
		}
	}
	return fmt.Sprintf("pid %d", pid)
}
