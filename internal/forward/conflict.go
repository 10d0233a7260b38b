package forward

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

// A Holder is a TCP socket that listens on this machine.
type Holder struct {
	Address netip.AddrPort // unspecified: on all addresses
	Who     string         // as in "nginx (pid 812)"
}

// conflict is a port that could not be had, with all that is known of why.
type conflict struct {
	spec    Spec
	err     error    // of the attempt to listen
	holders []Holder // of whatever address of the port
	rivals  []Holder // our own other forwards that have the port; Who is their name
	free    int      // a port that could be had instead; 0 if none is known
	instead string   // the command that moves the forward to it, or ""
}

// fault says why the port could not be opened, and what to do.
func (c conflict) fault() (portolan.Phase, *portolan.Fault) {
	port := strconv.Itoa(c.spec.Port)
	f := &portolan.Fault{Kind: portolan.Failed}
	var taken *takenError
	switch {
	case errors.As(c.err, &taken):
		f.Code = "port-busy"
		f.Message = "local port " + port + " is taken" + c.by(taken.addresses)
		f.Hint = "stop that, or " + c.another()
	case forbidden(c.err):
		f.Code = "port-privileged"
		f.Message = "this user may not listen on port " + port
		f.Hint = lowPort(runtime.GOOS, port, c.another())
	default:
		f.Code = "address-unavailable"
		f.Message = fmt.Sprintf("cannot listen on %s: %v", net.JoinHostPort(cmp.Or(c.spec.Host, "localhost"), port), c.err)
		f.Hint = "choose an address that this machine has"
		return portolan.StalledForward, f
	}
	return portolan.PortBusy, f
}

// another says how to use another port.
func (c conflict) another() string {
	switch {
	case c.free == 0:
		return "choose another local port"
	case c.instead == "":
		return fmt.Sprintf("use a free one, such as %d", c.free)
	}
	return fmt.Sprintf("listen on %d on this machine: %s", c.free, c.instead)
}

// lowPort is what to do about a port that a system forbids.
func lowPort(system, port, another string) string {
	switch system {
	case "linux": // ip(7): ports below ip_unprivileged_port_start need CAP_NET_BIND_SERVICE
		return another + "; or allow ports from " + port + " on with: sudo sysctl net.ipv4.ip_unprivileged_port_start=" + port
	case "windows": // there are no privileged ports; Hyper-V and others reserve ranges
		return another + "; Windows keeps ranges of ports for itself, listed by: netsh interface ipv4 show excludedportrange protocol=tcp"
	case "darwin":
		return another + "; macOS leaves ports below 1024 of one address to root"
	}
	return another
}

// by names who keeps the addresses from us: our own forwards, else what the
// system tells. It starts with a blank, or is empty.
func (c conflict) by(addresses []netip.AddrPort) string {
	who := blocking(c.rivals, addresses)
	if who == nil {
		who = blocking(c.holders, addresses)
	}
	if who == nil {
		return ""
	}
	var names []string
	on := map[string][]string{}
	for _, h := range who {
		if on[h.Who] == nil {
			names = append(names, h.Who)
		}
		at := h.Address.Addr().String()
		if h.Address.Addr().IsUnspecified() {
			at = "all addresses (" + at + ")"
		}
		on[h.Who] = append(on[h.Who], at)
	}
	for i, name := range names {
		names[i] = "by " + name + " on " + strings.Join(on[name], " and ")
	}
	return " " + strings.Join(names, " and ")
}

// blocking keeps the holders that stand in the way of at least one address.
func blocking(holders []Holder, addresses []netip.AddrPort) []Holder {
	var in []Holder
	for _, h := range holders {
		if slices.ContainsFunc(addresses, func(a netip.AddrPort) bool { return collide(h.Address, a) }) {
			in = append(in, h)
		}
	}
	return in
}

// collide reports whether two sockets cannot both listen. One on all addresses of
// IPv6 has those of IPv4 as well, unless it was told otherwise (ipv6(7),
// IPV6_V6ONLY), which cannot be seen from outside.
func collide(a, b netip.AddrPort) bool {
	if a.Port() != b.Port() {
		return false
	}
	x, y := a.Addr().Unmap(), b.Addr().Unmap()
	covers := func(x, y netip.Addr) bool { return x.IsUnspecified() && (x.Is6() || y.Is4()) }
	return x == y || covers(x, y) || covers(y, x)
}

// addressOf is where a listener listens.
func addressOf(ln net.Listener) netip.AddrPort {
	address := ln.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(address.Addr().Unmap().WithZone(""), address.Port())
}

// explain adds to the statuses of attempts who holds the ports and what to do. It
// looks at the machine once for all of them, which takes too long for Apply to
// wait, and offers no port twice.
func (e *Engine) explain(attempts []*attempt) {
	var ports []int
	for _, a := range attempts {
		ports = append(ports, a.spec.Port)
	}
	var holders []Holder
	if e.cfg.Holders != nil {
		holders = e.cfg.Holders(ports...)
	}
	forwards, offered := e.snapshot(), map[int]bool{}
	for _, f := range forwards {
		offered[f.wantedPort()] = true
	}
	for _, a := range attempts {
		c := conflict{spec: a.spec, err: a.err, holders: holders, free: freeNear(a.spec.Host, a.spec.Port, offered)}
		offered[c.free] = true
		for _, f := range forwards {
			c.rivals = append(c.rivals, f.holds()...)
		}
		if e.cfg.Instead != nil && c.free != 0 {
			c.instead = e.cfg.Instead(a.spec.Name, c.free)
		}
		a.settle(c)
	}
}
