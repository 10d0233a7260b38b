package forward_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// A client that sends more than is kept for another try, to a target without a
// pod, is turned away like any other, and nothing of its connection stays.
func TestLargeUploadWithoutAPodEnds(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) { c.Hold = 300 * time.Millisecond })
	echoService(t, b.cluster, 0)
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	conn := b.dial("echo")
	go func() { _, _ = conn.Write(make([]byte, 8<<20)) }()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("somebody answered")
	}
	b.inPhase("echo", portolan.Waiting)
	b.eventually("echo", "without a connection", func(portolan.Status) bool { return b.counters("echo").Live == 0 })
}

// hastyCluster ends a moment before the context that it was given.
type hastyCluster struct{}

func (hastyCluster) Resolve(context.Context, portolan.Target) (portolan.Backends, error) {
	return portolan.Backends{}, context.DeadlineExceeded
}

func (hastyCluster) Dial(context.Context, portolan.Backend) (net.Conn, string, error) {
	return nil, "", context.DeadlineExceeded
}

func (hastyCluster) Retry() {}

func (c hastyCluster) Newest(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	return c.Resolve(ctx, t)
}

func (hastyCluster) Watch(ctx context.Context, _ portolan.Target, _ func()) error {
	<-ctx.Done()
	return ctx.Err()
}

func (hastyCluster) Reconnect() {}

// A deadline that passes below before it passes here says that the cluster did
// not answer, and is no fault of the program.
func TestTimeoutBelowIsUnreachable(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) {
		c.Clusters = func(string) (forward.Cluster, error) { return hastyCluster{}, nil }
		c.Hold = 100 * time.Millisecond
	})
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	if conn, err := net.Dial("tcp", b.address("echo")); err == nil { // else it was reset at once
		_ = conn.Close()
	}
	if s := b.inPhase("echo", portolan.Unreachable); s.Fault.Code != portolan.CodeClusterUnreachable {
		t.Errorf("the fault is %+v", s.Fault)
	}
}
