package main

import (
	"net"
	"slices"
	"testing"
)

// A port of an outgoing connection is out of the range that the bench takes its
// own from.
func TestFreePorts(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	given := ephemeral()
	if port := listener.Addr().(*net.TCPAddr).Port; port < given.low || port > given.high {
		t.Errorf("the system gave %d, not of %+v", port, given)
	}
	ports, err := freePorts(t.Context(), 20)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ports)
	if len(slices.Compact(ports)) != 20 || slices.ContainsFunc(ports, func(p int) bool { return p >= given.low && p <= given.high }) {
		t.Errorf("%v, of which some are in %+v", ports, given)
	}
}
