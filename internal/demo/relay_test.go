package demo_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
)

func listenLoopback(t *testing.T) *net.TCPListener {
	t.Helper()
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(t, err)
	t.Cleanup(func() { ln.Close() })
	return ln
}

// TestRelayCarriesAllAndEnds sends more than a window each way, ended by a
// half-close, which a relay must pass on.
func TestRelayCarriesAllAndEnds(t *testing.T) {
	const delay = 20 * time.Millisecond
	target, front := listenLoopback(t), listenLoopback(t)
	go func() {
		conn, err := target.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		all, err := io.ReadAll(conn)
		if err == nil {
			_, _ = conn.Write(all) // a failure shows at the client
		}
	}()
	relay := &demo.Relay{Target: target.Addr().String(), Delay: delay}
	runUntilEnd(t, func(ctx context.Context, ready func()) error { ready(); return relay.Run(ctx, front) })

	start := time.Now()
	client, err := net.DialTCP("tcp4", nil, front.Addr().(*net.TCPAddr))
	check(t, err)
	defer client.Close()
	check(t, client.SetDeadline(time.Now().Add(patience)))
	sent := bytes.Repeat([]byte("0123456789abcdef"), 6<<20/16)
	_, err = client.Write(sent)
	check(t, err)
	check(t, client.CloseWrite())
	got, err := io.ReadAll(client)
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d of %d bytes came back (%v)", len(got), len(sent), err)
	}
	if took := time.Since(start); took < 4*delay {
		t.Errorf("a handshake, there and back took %v", took)
	}
}

// TestRelayEndsWithOpenConnections leaves connections open, idle and refused,
// and relies on runUntilEnd to see Run return.
func TestRelayEndsWithOpenConnections(t *testing.T) {
	target, front := listenLoopback(t), listenLoopback(t)
	relay := &demo.Relay{Target: target.Addr().String(), Delay: time.Millisecond}
	runUntilEnd(t, func(ctx context.Context, ready func()) error { ready(); return relay.Run(ctx, front) })
	idle, err := net.Dial("tcp4", front.Addr().String())
	check(t, err)
	t.Cleanup(func() { idle.Close() })
	accepted, err := target.Accept()
	check(t, err)
	t.Cleanup(func() { accepted.Close() })

	check(t, target.Close())
	refused, err := net.Dial("tcp4", front.Addr().String())
	check(t, err)
	defer refused.Close()
	check(t, refused.SetDeadline(time.Now().Add(patience)))
	if n, err := refused.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a connection to nobody was answered")
	}
}
