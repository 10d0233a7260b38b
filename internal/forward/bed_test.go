package forward_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
)

// patience is how long a test waits for what should happen soon.
const patience = 20 * time.Second

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bed is an engine in front of a demo cluster.
type bed struct {
	t       testing.TB
	cluster *demo.Cluster
	engine  *forward.Engine

	kubeconfig string // its path

	mu     sync.Mutex
	picked map[portolan.ID]int
	phases map[portolan.ID][]portolan.Phase
}

func (b *bed) status(id portolan.ID, s portolan.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if seen := b.phases[id]; len(seen) == 0 || seen[len(seen)-1] != s.Phase {
		b.phases[id] = append(seen, s.Phase)
	}
}

func (b *bed) pick(id portolan.ID, port int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.picked[id] = port
}

// newBed starts both and ends them with the test; adjust may change the engine's
// configuration.
func newBed(t testing.TB, config demo.ClusterConfig, adjust ...func(*forward.Config)) *bed {
	t.Helper()
	b := &bed{t: t, cluster: startCluster(t, config), picked: map[portolan.ID]int{}, phases: map[portolan.ID][]portolan.Phase{}}
	b.kubeconfig = filepath.Join(t.TempDir(), "config")
	check(t, os.WriteFile(b.kubeconfig, b.cluster.Kubeconfig("demo"), 0o600))
	log := slog.New(slog.DiscardHandler)
	clusters := kube.NewClusters([]string{b.kubeconfig}, log)
	cfg := forward.Config{
		Clusters: func(name string) (forward.Cluster, error) {
			c, err := clusters.Cluster(name)
			if err != nil {
				return nil, err
			}
			return c, nil
		},
		Status: b.status, Picked: b.pick, Log: log,
		Holders: holders, PeerClosed: system.PeerClosed,
	}
	for _, f := range adjust {
		f(&cfg)
	}
	b.engine = forward.New(cfg)
	run(t, b.engine.Run)
	return b
}

func startCluster(t testing.TB, config demo.ClusterConfig) *demo.Cluster {
	t.Helper()
	cluster := demo.NewCluster(config)
	ready := make(chan struct{})
	run(t, func(ctx context.Context) error { return cluster.Run(ctx, func() { close(ready) }) })
	select {
	case <-ready:
	case <-time.After(patience):
		t.Fatal("the cluster did not start")
	}
	return cluster
}

// run runs f until the test ends.
func run(t testing.TB, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("Run did not return")
		}
	})
}

// holders is the system's own.
func holders(ports ...int) (in []forward.Holder) {
	for _, h := range system.Holders(ports...) {
		in = append(in, forward.Holder(h))
	}
	return in
}

// spec is a wanted forward on a free port.
func spec(id string, kind portolan.WorkloadType, name string, port portolan.Port) forward.Spec {
	return forward.Spec{
		ID: portolan.ID(id), Name: id, Wanted: true,
		Target: portolan.Target{Context: "demo", Namespace: "shop", Kind: kind, Name: name, Port: port},
	}
}

// address is where a forward listens.
func (b *bed) address(id portolan.ID) string {
	b.t.Helper()
	return b.eventually(id, "listening", func(s portolan.Status) bool { return len(s.Addresses) > 0 }).Addresses[0]
}

// eventually waits for a status.
func (b *bed) eventually(id portolan.ID, what string, good func(portolan.Status) bool) portolan.Status {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		s := b.engine.Status(id)
		if good(s) {
			return s
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s is not %s: %+v, fault %v", id, what, s, s.Fault)
		}
	}
}

// counters is what a forward has carried.
func (b *bed) counters(id portolan.ID) portolan.Counters {
	return b.engine.Counters([]portolan.ID{id})[0]
}

// inPhase waits for a phase.
func (b *bed) inPhase(id portolan.ID, phase portolan.Phase) portolan.Status {
	b.t.Helper()
	return b.eventually(id, string(phase), func(s portolan.Status) bool { return s.Phase == phase })
}

// dial connects to a forward.
func (b *bed) dial(id portolan.ID) *net.TCPConn {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.address(id))
	check(b.t, err)
	check(b.t, conn.SetDeadline(time.Now().Add(patience)))
	b.t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// echo sends text and returns as many bytes of the answer.
func echo(t testing.TB, conn net.Conn, text string) string {
	t.Helper()
	go func() { _, _ = io.WriteString(conn, text) }()
	answer := make([]byte, len(text))
	_, err := io.ReadFull(conn, answer)
	check(t, err)
	return string(answer)
}

// load has four clients connect to a port again and again, until the returned
// function is called or the test ends: each uses its connection once. A pod may go in
// the middle of that, which breaks this one alone; the port must never be closed.
func load(t testing.TB, address string, use func(net.Conn)) (unload func()) {
	t.Helper()
	over := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Errorf("the listener is gone: %v", err)
					return
				}
				_ = conn.SetDeadline(time.Now().Add(patience))
				use(conn)
				_ = conn.Close()
			}
		})
	}
	unload = sync.OnceFunc(func() { close(over); clients.Wait() })
	t.Cleanup(unload)
	return unload
}
