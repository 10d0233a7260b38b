package forward_test

import (
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// occupy listens on a free port of an address and returns the port.
func occupy(t *testing.T, network, host string) int {
	t.Helper()
	ln, err := net.Listen(network, net.JoinHostPort(host, "0"))
	if err != nil {
		t.Skipf("no %s here: %v", host, err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	return ln.Addr().(*net.TCPAddr).Port
}

// explained waits until the status says who holds the port.
func (b *bed) explained(id portolan.ID) *portolan.Fault {
	b.t.Helper()
	return b.eventually(id, "explained", func(s portolan.Status) bool {
		return s.Phase == portolan.PortBusy && strings.Contains(s.Fault.Message, " by ")
	}).Fault
}

// instead is how a bed's hints name another port.
func instead(c *forward.Config) {
	c.Instead = func(name string, port int) string { return fmt.Sprintf("move %s to %d", name, port) }
}

// Whoever keeps one family of localhost from us, or all addresses, is named.
func TestTakenPortNamesItsHolder(t *testing.T) {
	self := fmt.Sprintf("(pid %d)", os.Getpid())
	for _, tt := range []struct{ network, host, on string }{
		{"tcp4", "127.0.0.1", "on 127.0.0.1"},
		{"tcp6", "::1", "on ::1"},
		{"tcp4", "0.0.0.0", "on all addresses (0.0.0.0)"},
		{"tcp6", "::", "on all addresses (::)"},
		{"tcp", "", "on all addresses (::)"},
	} {
		t.Run(tt.network+" "+tt.host, func(t *testing.T) {
			port := occupy(t, tt.network, tt.host)
			b := newBed(t, demo.ClusterConfig{}, instead)
			s := spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})
			s.Port = port
			b.engine.Apply([]forward.Spec{s})
			f := b.explained("echo")
			if !strings.Contains(f.Message, self) || !strings.HasSuffix(f.Message, tt.on) || !strings.Contains(f.Hint, "move echo to ") {
				t.Errorf("%q, %q", f.Message, f.Hint)
			}
		})
	}
}

// A set is looked at together: every conflict is explained, with one look at the
// machine, and no free port is offered twice.
func TestTakenPortsAreExplainedTogether(t *testing.T) {
	const many = 12
	var looks atomic.Int32
	b := newBed(t, demo.ClusterConfig{}, instead, func(c *forward.Config) {
		c.Holders = func(ports ...int) []forward.Holder { looks.Add(1); return holders(ports...) }
	})
	var specs []forward.Spec
	for i := range many {
		s := spec(fmt.Sprint("echo-", i), portolan.Service, "echo", portolan.Port{Number: 70})
		if i%2 == 0 {
			s.Port = occupy(t, "tcp4", "127.0.0.1")
		}
		specs = append(specs, s)
	}
	b.engine.Apply(specs)
	hints := map[string]bool{}
	for i, s := range specs {
		if i%2 == 1 {
			b.inPhase(s.ID, portolan.Listening)
			continue
		}
		f := b.explained(s.ID)
		port := f.Hint[strings.LastIndex(f.Hint, " "):]
		if hints[port] || !strings.Contains(f.Message, "pid") {
			t.Errorf("%q, %q", f.Message, f.Hint)
		}
		hints[port] = true
	}
	if n := looks.Load(); n != 1 {
		t.Errorf("%d looks at the machine", n)
	}
}

func TestTwoForwardsOfOnePortNameEachOther(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{}, instead)
	echoService(t, b.cluster, 1)
	first := spec("first", portolan.Service, "echo", portolan.Port{Number: 70})
	b.engine.Apply([]forward.Spec{first})
	first.Port = int(at(t, b.address("first")))
	second := spec("second", portolan.Service, "echo", portolan.Port{Number: 70})
	second.Port = first.Port
	b.engine.Apply([]forward.Spec{first, second})
	if f := b.explained("second"); !strings.Contains(f.Message, "by first, another forward of yours, on 127.0.0.1") {
		t.Errorf("%q", f.Message)
	}
	b.engine.Apply([]forward.Spec{second})
	b.inPhase("second", portolan.Listening)
}

func at(t *testing.T, address string) uint16 {
	t.Helper()
	tcp, err := net.ResolveTCPAddr("tcp", address)
	check(t, err)
	return tcp.AddrPort().Port()
}

func TestStrangerIsRefused(t *testing.T) {
	var stranger atomic.Bool
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) {
		c.Stranger = func(net.Conn) string {
			if stranger.Load() {
				return "user mallory"
			}
			return ""
		}
	})
	echoService(t, b.cluster, 1)
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	echo(t, b.dial("echo"), "ours")
	stranger.Store(true)
	b.refused("echo")
	b.eventually("echo", "noticed", func(s portolan.Status) bool { return strings.Contains(s.Notice, "user mallory was refused") })
	stranger.Store(false)
	echo(t, b.dial("echo"), "ours again")
	b.inPhase("echo", portolan.Ready)
}
