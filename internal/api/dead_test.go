package api_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/api"
)

// pipes is a listener whose connections hold nothing: a write waits for its
// reader.
type pipes struct {
	calls chan net.Conn
	ended chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.calls:
		return conn, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.ended); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

// A caller that has stopped reading holds its answer for a while, and not for
// good.
func TestDeadReaderIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := pipes{make(chan net.Conn), make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() {
			served <- api.Serve(ctx, l, &echo{called: func(string, ...any) {}}, slog.New(slog.DiscardHandler))
		}()
		caller, engine := net.Pipe()
		over := make(chan struct{})
		l.calls <- closing{engine, over}
		began := time.Now()
		if _, err := fmt.Fprintf(caller, "POST /view HTTP/1.1\r\nHost: portolan\r\nPortolan-API: %d\r\nContent-Length: 2\r\n\r\n{}", api.Level); err != nil {
			t.Fatal(err)
		}
		<-over
		if held := time.Since(began); held != api.ReadLimit {
			t.Errorf("the answer was held for %v, want %v", held, api.ReadLimit)
		}
		_, _ = io.Copy(io.Discard, caller)
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// closing tells when a connection is closed.
type closing struct {
	net.Conn
	over chan struct{}
}

func (c closing) Close() error {
	select {
	case <-c.over:
	default:
		close(c.over)
	}
	return c.Conn.Close()
}
