package system

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	lookEvery = time.Second
	// shortSleep and longGap tell a sleep from a busy machine: the first by what the
	// system says that it slept, the second by time that nobody accounts for.
	shortSleep = 2 * time.Second
	longGap    = 15 * time.Second
)

// Upsets calls tell with the reason whenever connections may be dead although
// nobody has closed them, until ctx ends: when the machine has woken from sleep, or
// this process has gone on after a stop, and when the machine's addresses or the way
// to the outside have become others. It is noticed within a second, of which the
// sleep itself does not count. A clock that somebody sets forward looks like sleep,
// so that what is told must do no harm where all is well.
func Upsets(ctx context.Context, tell func(why string)) {
	watch{slept: slept, clock: wallClock, network: network}.run(ctx, tell)
}

// watch looks at what tells of an upset.
type watch struct {
	slept   func() time.Duration // since the machine was started, as far as the system says
	clock   func() time.Time     // which goes on in sleep
	network func() string        // anything that is another when the network is
}

func (w watch) run(ctx context.Context, tell func(why string)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	ran, clock, slept, network := time.Now(), w.clock(), w.slept(), w.network()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		ranNow, clockNow, sleptNow, networkNow := time.Now(), w.clock(), w.slept(), w.network()
		gap := max(ranNow.Sub(ran), clockNow.Sub(clock))
		switch {
		case sleptNow-slept >= shortSleep:
			tell("the machine has slept for " + (sleptNow - slept).Round(time.Second).String())
		case gap >= longGap:
			tell("nothing ran for " + gap.Round(time.Second).String())
		case networkNow != network:
			tell("the network is another")
		}
		ran, clock, slept, network = ranNow, clockNow, sleptNow, networkNow
	}
}

// wallClock is the time of the day, without the reading that stops in sleep.
func wallClock() time.Time { return time.Now().Round(0) }

// network names the addresses of the machine, and those with which it would speak to
// the outside. Link-local ones come and go without a network.
func network() string {
	var names []string
	addresses, _ := net.InterfaceAddrs() // without them the rest must do
	for _, a := range addresses {
		prefix, err := netip.ParsePrefix(a.String())
		if err == nil && !prefix.Addr().IsLoopback() && !prefix.Addr().IsLinkLocalUnicast() {
			names = append(names, prefix.String())
		}
	}
	slices.Sort(names)
	// No packet leaves for these addresses, which are for documents (RFC 5737, RFC
	// 3849): a UDP socket is only told its own.
	for _, outside := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		if conn, err := net.Dial("udp", outside); err == nil { //nolint:noctx // asks nobody
			names = append(names, conn.LocalAddr().(*net.UDPAddr).IP.String())
			_ = conn.Close()
		}
	}
	return strings.Join(names, " ")
}
