package e2e_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// request sends a source how much is wanted.
func request(t *testing.T, conn net.Conn, bytes uint64) {
	t.Helper()
	_, err := conn.Write(binary.BigEndian.AppendUint64(nil, bytes))
	check(t, err)
}

// TestRefusedPort holds that a connection to a port where nobody listens is reset,
// that the status says so, and that nobody else notices.
func TestRefusedPort(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploy(t, portolan.Deployment, "part", 1)
	p := serve(t, b, b.kubeconfig())
	p.start("open", "service=part", "remote-port=echo")
	p.start("closed", "service=part", "remote-port=closed")
	live := p.dial("open")
	echo(t, live, "before")
	for range 5 {
		p.refused("closed")
	}
	want := "nothing listens on port 7009 in pod " + onlyPod(t, b, "part").name
	p.until("closed", "told", func(s portolan.Status) bool { return s.Notice == want })
	if status := p.run("status"); !strings.Contains(status, want) {
		t.Errorf("`portolan status` does not say %q:\n%s", want, status)
	}
	echo(t, live, "after")
	echo(t, p.dial("open"), "a new one")
}

// TestHalfClose holds that a client which closes its side first gets the whole
// reply, also one that it reads late: container runtimes end a connection a second
// after either side has.
func TestHalfClose(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploy(t, portolan.Deployment, "reply", 1)
	p := serve(t, b, b.kubeconfig())
	p.start("reply", "service=reply", "remote-port=source")
	const size = 32 << 20 // more than the buffers on the way take
	conn := p.dial("reply")
	request(t, conn, size)
	check(t, conn.CloseWrite())
	time.Sleep(2 * time.Second)
	if n, err := io.Copy(io.Discard, conn); n != size || err != nil {
		t.Errorf("got %d of %d bytes, %v", n, size, err)
	}
}

// TestStalledReader holds that a client which does not read stops nobody: neither
// those who are connected, nor those who come, to this pod or through this cluster.
func TestStalledReader(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploy(t, portolan.Deployment, "busy", 1)
	p := serve(t, b, b.kubeconfig())
	p.start("source", "service=busy", "remote-port=source")
	p.start("echo", "service=busy", "remote-port=echo")
	const size = 64 << 20
	stalled := p.dial("source")
	request(t, stalled, size)
	time.Sleep(time.Second) // let the buffers fill
	var others sync.WaitGroup
	for range 20 {
		conn := p.dial("echo")
		others.Go(func() {
			for range 10 {
				echo(t, conn, "still here")
			}
		})
	}
	others.Go(func() {
		conn := p.dial("source")
		request(t, conn, size)
		if n, err := io.Copy(io.Discard, conn); n != size || err != nil {
			t.Errorf("another download got %d of %d bytes, %v", n, size, err)
		}
	})
	others.Wait()
	if n, err := io.Copy(io.Discard, stalled); n != size || err != nil {
		t.Errorf("the one that stalled got %d of %d bytes, %v", n, size, err)
	}
}
