package forward_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// echoService is a deployment of echo pods behind a service whose port leads to
// a named container port.
func echoService(t testing.TB, cluster *demo.Cluster, replicas int) {
	t.Helper()
	check(t, cluster.AddWorkload(demo.Workload{
		Namespace: "shop", Name: "echo", Replicas: replicas, Labels: map[string]string{"app": "echo"},
		Ports: []demo.Port{{Name: "tcp-echo", Number: 7000, Backend: demo.Echo}},
	}))
	check(t, cluster.AddService("shop", "echo", map[string]string{"app": "echo"},
		corev1.ServicePort{Name: "echo", Port: 70, TargetPort: intstr.FromString("tcp-echo")}))
}

func TestEchoOverBothLegs(t *testing.T) {
	for _, way := range []struct {
		leg, webSockets string // and kubectl's variable for it
		stock           bool
	}{
		{portolan.SPDY, "", false}, {portolan.WebSocket, "true", false},
		{portolan.SPDY, "", true}, {portolan.WebSocket, "true", true},
	} {
		leg := way.leg
		t.Run(fmt.Sprintf("%s, stock=%v", leg, way.stock), func(t *testing.T) {
			t.Setenv("KUBECTL_PORT_FORWARD_WEBSOCKETS", way.webSockets)
			b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) { c.Stock = way.stock })
			echoService(t, b.cluster, 1)
			pod := b.cluster.Names("pods", "shop")[0]
			specs := []forward.Spec{
				spec("by-name", portolan.Service, "echo", portolan.Port{Name: "echo"}),
				spec("by-number", portolan.Service, "echo", portolan.Port{Number: 70}),
				spec("deployment", portolan.Deployment, "echo", portolan.Port{Number: 7000}),
				spec("pod", portolan.Pod, pod, portolan.Port{Name: "tcp-echo"}),
			}
			b.engine.Apply(specs)
			long := strings.Repeat("portolan ", 100_000)
			for _, s := range specs {
				for _, text := range []string{"x", "hello", long} {
					if got := echo(t, b.dial(s.ID), text); got != text {
						t.Errorf("%s: %d bytes came back as %d others", s.ID, len(text), len(got))
					}
				}
				if status := b.engine.Status(s.ID); status.Phase != portolan.Ready || status.Leg != leg || status.Pod != "shop/"+pod {
					t.Errorf("%s: status is %+v", s.ID, status)
				}
			}
		})
	}
}

// silentCluster answers no look-up before its context ends.
type silentCluster struct{ asked chan<- struct{} }

func (c silentCluster) Resolve(ctx context.Context, _ portolan.Target) (portolan.Backends, error) {
	c.asked <- struct{}{}
	<-ctx.Done()
	return portolan.Backends{}, ctx.Err()
}

func (silentCluster) Dial(ctx context.Context, _ portolan.Backend) (net.Conn, string, error) {
	<-ctx.Done()
	return nil, "", ctx.Err()
}

func (silentCluster) Retry() {}

func (c silentCluster) Newest(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	return c.Resolve(ctx, t)
}

func (silentCluster) Watch(ctx context.Context, _ portolan.Target, _ func()) error {
	<-ctx.Done()
	return ctx.Err()
}

func (silentCluster) Reconnect() {}

// A look-up that the engine began by itself must not hold up its end.
func TestRunEndsDuringALookUp(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	e := forward.New(forward.Config{
		Clusters: func(string) (forward.Cluster, error) { return silentCluster{asked}, nil },
		Log:      slog.New(slog.DiscardHandler),
	})
	e.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	for e.Status("echo").Phase != portolan.Listening {
		time.Sleep(time.Millisecond)
	}
	wait := func() {
		t.Helper()
		select {
		case <-asked:
		case <-time.After(patience):
			t.Fatal("nobody looks the target up")
		}
	}
	conn, err := net.Dial("tcp", e.Status("echo").Addresses[0]) // use, so that the engine looks by itself from now on
	check(t, err)
	wait()
	check(t, conn.(*net.TCPConn).SetLinger(0)) // an abort, which ends this look-up
	check(t, conn.Close())
	wait() // by itself
	began := time.Now()
	stop()
	check(t, <-ended)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Run took %v to end", took)
	}
}
