package forward_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/moby/spdystream"

	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// oddCluster accepts a data stream only after the client has had the time to see
// the reply to the error stream, as an intermediary may that implements the
// streams by itself.
type oddCluster struct{ dials atomic.Int64 }

func (*oddCluster) Resolve(_ context.Context, t portolan.Target) (portolan.Backends, error) {
	return portolan.Backends{Pods: []portolan.Backend{{Namespace: "shop", Pod: "odd", UID: "1", Port: t.Port.Number}}}, nil
}

func (*oddCluster) Retry() {}

func (c *oddCluster) Newest(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	return c.Resolve(ctx, t)
}

func (*oddCluster) Watch(ctx context.Context, _ portolan.Target, _ func()) error {
	<-ctx.Done()
	return ctx.Err()
}

func (*oddCluster) Reconnect() {}

func (c *oddCluster) Dial(context.Context, portolan.Backend) (net.Conn, string, error) {
	c.dials.Add(1)
	near, far := net.Pipe()
	conn, err := spdystream.NewConnection(far, true)
	if err != nil {
		return nil, "", err
	}
	var (
		mu      sync.Mutex
		errs    *spdystream.Stream
		replied time.Time
	)
	go conn.Serve(func(s *spdystream.Stream) {
		arrived := time.Now()
		mu.Lock()
		defer mu.Unlock()
		if s.Headers().Get("streamType") == "error" {
			time.Sleep(50 * time.Millisecond)
			errs, replied = s, time.Now()
			_ = s.SendReply(http.Header{}, false)
			return
		}
		if errs == nil || s.Identifier() != errs.Identifier()+2 || arrived.Before(replied) {
			_ = s.Refuse()
			return
		}
		_ = s.SendReply(http.Header{}, false)
		go func() { _, _ = io.Copy(s, s) }()
	})
	return near, portolan.SPDY, nil
}

func TestServerThatRejectsPipeliningIsAskedInTurn(t *testing.T) {
	cluster := &oddCluster{}
	engine := forward.New(forward.Config{
		Clusters: func(string) (forward.Cluster, error) { return cluster, nil },
		Log:      slog.New(slog.DiscardHandler),
	})
	run(t, engine.Run)
	b := &bed{t: t, engine: engine}
	engine.Apply([]forward.Spec{spec("odd", portolan.Pod, "odd", portolan.Port{Number: 1})})
	for range 3 {
		if got := echo(t, b.dial("odd"), "in turn"); got != "in turn" {
			t.Errorf("got %q", got)
		}
	}
	b.eventually("odd", "said to be slow", func(s portolan.Status) bool { return strings.Contains(s.Notice, "one after the other") })
}
