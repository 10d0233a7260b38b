package engine_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// emptyCluster has no pod, and tells when it is to look at the network anew.
type emptyCluster struct {
	forward.Cluster // whose other methods nobody calls

	reconnected chan struct{}
}

func (emptyCluster) Resolve(context.Context, portolan.Target) (portolan.Backends, error) {
	return portolan.Backends{}, &portolan.Fault{Kind: portolan.Later, Code: portolan.CodeNoReadyPod, Message: "there is none"}
}

func (emptyCluster) Dial(context.Context, portolan.Backend) (net.Conn, string, error) {
	return nil, "", &portolan.Fault{Kind: portolan.Later, Code: portolan.CodePodGone, Message: "there is none"}
}

func (emptyCluster) Watch(ctx context.Context, _ portolan.Target, _ func()) error {
	<-ctx.Done()
	return ctx.Err()
}

func (emptyCluster) Retry() {}

func (c emptyCluster) Reconnect() { c.reconnected <- struct{}{} }

func TestAnUpsetReachesTheClustersInUse(t *testing.T) {
	s, err := store.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cluster := emptyCluster{reconnected: make(chan struct{}, 1)}
	tell := make(chan func(string), 1)
	e := keepRunning(t, engine.New(engine.Config{
		Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Clusters: func(string) (forward.Cluster, error) { return cluster, nil },
		Upsets: func(ctx context.Context, f func(string)) {
			tell <- f
			<-ctx.Done()
		},
	}), s)
	_, err = e.Add(t.Context(), "dev", api.Fields{"alias": value("a"), "service": value("a"),
		"namespace": value("shop"), "context": value("none"), "remote_port": value(80)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Start(t.Context(), api.Selection{Names: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	(<-tell)("the machine has slept")
	select {
	case <-cluster.reconnected:
	case <-time.After(patience):
		t.Error("the cluster in use does not learn of it")
	}
}
