package forward_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
)

// source is a backend that reads a length and sends that many pseudo-random
// bytes, then their SHA-256.
func source(_ context.Context, _ demo.PodRef, conn net.Conn) {
	var length [8]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return
	}
	random := rand.NewChaCha8([32]byte{})
	sum := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(conn, sum), random, int64(binary.BigEndian.Uint64(length[:]))); err == nil {
		_, _ = conn.Write(sum.Sum(nil))
	}
}

// download asks a source for n bytes and checks their sum.
func download(t *testing.T, conn net.Conn, n int64) {
	t.Helper()
	request(t, conn, n)
	sum := sha256.New()
	if got, err := io.CopyN(sum, conn, n); err != nil {
		t.Errorf("after %d of %d bytes: %v", got, n, err)
		return
	}
	want := make([]byte, sha256.Size)
	if _, err := io.ReadFull(conn, want); err != nil || !bytes.Equal(want, sum.Sum(nil)) {
		t.Errorf("%d bytes came through changed (%v)", n, err)
	}
}

func request(t *testing.T, conn net.Conn, n int64) {
	t.Helper()
	check(t, binary.Write(conn, binary.BigEndian, uint64(n)))
}

// trafficPod has every backend that the tests below need.
func trafficPod(t testing.TB, cluster *demo.Cluster) {
	t.Helper()
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "traffic", Ports: []demo.Port{
		{Number: 1, Backend: demo.Echo}, {Number: 2, Backend: source}, {Number: 3, Backend: demo.Greeter},
		{Number: 4, Backend: slowReply}, {Number: 9},
	}}))
}

// slowReply is a backend that answers one line with three, a while apart, and
// then closes.
func slowReply(_ context.Context, _ demo.PodRef, conn net.Conn) {
	line := make([]byte, 6)
	if _, err := io.ReadFull(conn, line); err != nil {
		return
	}
	for range 3 {
		time.Sleep(700 * time.Millisecond)
		if _, err := conn.Write(line); err != nil {
			return
		}
	}
}

func trafficSpecs() []forward.Spec {
	return []forward.Spec{
		spec("echo", portolan.Pod, "traffic", portolan.Port{Number: 1}),
		spec("source", portolan.Pod, "traffic", portolan.Port{Number: 2}),
		spec("greeter", portolan.Pod, "traffic", portolan.Port{Number: 3}),
		spec("slow", portolan.Pod, "traffic", portolan.Port{Number: 4}),
		spec("closed", portolan.Pod, "traffic", portolan.Port{Number: 9}),
	}
}

func TestBigDownloadsArriveWhole(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	var all sync.WaitGroup
	for range 4 {
		conn := b.dial("source")
		all.Go(func() { download(t, conn, 8<<20) })
	}
	all.Wait()
}

func TestServerMaySpeakFirst(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	const greeting = "220 traffic.shop ready\r\n"
	got := make([]byte, len(greeting))
	_, err := io.ReadFull(b.dial("greeter"), got)
	if err != nil || string(got) != greeting {
		t.Errorf("greeted with %q, %v", got, err)
	}
}

func TestStalledReaderHurtsNobody(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	stalled := b.dial("source")
	request(t, stalled, 64<<20) // more than all buffers on the way
	_, err := io.ReadFull(stalled, make([]byte, 1<<10))
	check(t, err)
	time.Sleep(200 * time.Millisecond) // let the buffers fill
	var others sync.WaitGroup
	for range 20 {
		conn := b.dial("echo")
		others.Go(func() {
			for range 10 {
				if got := echo(t, conn, "still here"); got != "still here" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	others.Wait()
	check(t, stalled.SetDeadline(time.Now().Add(patience)))
	if n, err := io.Copy(io.Discard, io.LimitReader(stalled, 4<<20)); err != nil || n != 4<<20 {
		t.Errorf("the stalled one did not go on: %d bytes, %v", n, err)
	}
}

func TestRefusedPortHurtsOnlyItsConnection(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	live := b.dial("echo")
	echo(t, live, "before")
	for range 3 {
		conn := b.dial("closed")
		_, _ = conn.Write([]byte("anybody?"))
		if n, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("a closed port answered with %d bytes, %v; want a reset", n, err)
		}
	}
	s := b.eventually("closed", "told", func(s portolan.Status) bool { return s.Notice != "" })
	if want := "nothing listens on port 9 in pod traffic"; s.Notice != want {
		t.Errorf("the notice is %q, want %q", s.Notice, want)
	}
	echo(t, live, "after")
	echo(t, b.dial("echo"), "a new one")
}

// TestHalfCloseGetsTheWholeReply holds it also where the system cannot say whether a
// client that has closed its side still reads.
func TestHalfCloseGetsTheWholeReply(t *testing.T) {
	for name, peerClosed := range map[string]func(net.Conn) (closed, known bool){"known": system.PeerClosed, "unknown": nil} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) { c.PeerClosed = peerClosed })
			trafficPod(t, b.cluster)
			b.engine.Apply(trafficSpecs())
			conn := b.dial("slow")
			_, err := io.WriteString(conn, "again\n")
			check(t, err)
			check(t, conn.CloseWrite())
			got, err := io.ReadAll(conn)
			if want := strings.Repeat("again\n", 3); string(got) != want || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
}

// TestAReplyMayBeReadLate holds the same of a client that closes its side and reads
// when it likes, also where the system cannot say whether it still does.
func TestAReplyMayBeReadLate(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) { c.PeerClosed = nil })
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	conn := b.dial("source")
	const size = 32 << 20 // more than the buffers on the way take
	request(t, conn, size)
	check(t, conn.CloseWrite())
	time.Sleep(500 * time.Millisecond)
	got, err := io.Copy(io.Discard, conn)
	if got != size+sha256.Size || err != nil {
		t.Errorf("got %d bytes of %d, %v", got, size+sha256.Size, err)
	}
}

func TestSequentialConnectionsShareFewUpgrades(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	const n = 50
	for range n {
		conn := b.dial("echo")
		echo(t, conn, "x")
		check(t, conn.Close())
	}
	counts := b.cluster.Counts()
	if counts.Pairs != n || counts.WebSocket+counts.SPDY > n/2 {
		t.Errorf("%d connections took %+v", n, counts)
	}
}

func TestNothingLeaks(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	burst := func() {
		var batch sync.WaitGroup
		for range 10 {
			conn := b.dial("echo")
			batch.Go(func() {
				defer conn.Close()
				echo(t, conn, "x")
			})
		}
		batch.Wait()
		b.eventually("echo", "at rest", func(portolan.Status) bool { return b.counters("echo").Live == 0 })
	}
	burst()
	before := runtime.NumGoroutine()
	for range 50 {
		burst()
	}
	const slack = 200 // a spare or two more, with its goroutines on both sides
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before+slack; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

// TestAFirstByteCostsOneRoundTrip allows for a busy machine, and not for the two
// more round trips that waiting for the server's replies would take.
func TestAFirstByteCostsOneRoundTrip(t *testing.T) {
	const oneWay = 50 * time.Millisecond
	b := newBed(t, demo.ClusterConfig{Delay: oneWay})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	echo(t, b.dial("echo"), "cold")
	best := time.Hour
	for range 5 {
		time.Sleep(3 * oneWay) // a spare gets warm
		conn := b.dial("echo")
		start := time.Now()
		echo(t, conn, "x")
		best = min(best, time.Since(start))
		check(t, conn.Close())
	}
	if best < 2*oneWay || best >= 4*oneWay {
		t.Errorf("the first byte took %v at a round trip of %v", best, 2*oneWay)
	}
	if ms := b.counters("echo").FirstByteMS; ms < (2 * oneWay).Milliseconds() {
		t.Errorf("the counters say that it took %d ms", ms)
	}
}

// TestCounters counts what goes through a forward, and begins anew when it is
// started again.
func TestCounters(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	first := b.dial("echo")
	echo(t, first, "twelve bytes")
	echo(t, b.dial("echo"), "four")
	now := b.counters("echo")
	if now.FirstByteMS < 1 || now.FirstByteMS > time.Minute.Milliseconds() {
		t.Errorf("the first byte took %d ms", now.FirstByteMS)
	}
	now.FirstByteMS = 0
	if want := (portolan.Counters{ID: "echo", Live: 2, Total: 2, Sent: 16, Received: 16}); now != want {
		t.Errorf("got %+v, want %+v", now, want)
	}
	check(t, first.Close())
	b.eventually("echo", "one less", func(portolan.Status) bool { return b.counters("echo").Live == 1 })
	got := b.engine.Counters([]portolan.ID{"nowhere", "source"})
	if want := []portolan.Counters{{ID: "nowhere"}, {ID: "source"}}; !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	b.engine.Apply(nil)
	b.engine.Apply(trafficSpecs())
	if got := b.counters("echo"); got.Total != 0 || got.Sent != 0 {
		t.Errorf("started again: %+v", got)
	}
}

// TestTrafficIsNoNews keeps what is counted out of the status: a face would draw
// at every byte.
func TestTrafficIsNoNews(t *testing.T) {
	var reports atomic.Int64
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) {
		report := c.Status
		c.Status = func(id portolan.ID, s portolan.Status) { reports.Add(1); report(id, s) }
	})
	trafficPod(t, b.cluster)
	b.engine.Apply(trafficSpecs())
	echo(t, b.dial("echo"), "ready")
	before := reports.Load()
	for range 20 {
		conn := b.dial("echo")
		echo(t, conn, "more")
		check(t, conn.Close())
	}
	b.eventually("echo", "at rest", func(portolan.Status) bool { return b.counters("echo").Live == 1 })
	if news := reports.Load() - before; news != 0 {
		t.Errorf("%d reports of 20 connections", news)
	}
}
