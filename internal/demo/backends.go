package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// HTTP is a backend that serves each connection with what handler makes for the
// pod.
func HTTP(handler func(pod PodRef) http.Handler) Backend {
	return func(ctx context.Context, pod PodRef, conn net.Conn) {
		once := &onceListener{conn: conn, done: make(chan struct{})}
		server := &http.Server{
			Handler:     handler(pod),
			BaseContext: func(net.Listener) context.Context { return ctx },
			ConnState: func(_ net.Conn, state http.ConnState) {
				if state == http.StateClosed || state == http.StateHijacked {
					_ = once.Close()
				}
			},
		}
		_ = server.Serve(once) // ends with the listener, and says nothing else
	}
}

// onceListener accepts one connection, and then blocks until that is closed.
type onceListener struct {
	conn net.Conn
	done chan struct{}

	taken bool
	once  sync.Once
}

// Accept is called by one goroutine.
func (l *onceListener) Accept() (net.Conn, error) {
	if !l.taken {
		l.taken = true
		return l.conn, nil
	}
	<-l.done
	return nil, net.ErrClosed
}

func (l *onceListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *onceListener) Addr() net.Addr { return l.conn.LocalAddr() }

// Echo is a backend that sends back what it gets.
func Echo(_ context.Context, _ PodRef, conn net.Conn) {
	_, _ = io.Copy(conn, conn) // ends when the client goes
}

// Greeter is a backend whose protocol has the server speak first, as MySQL,
// SSH and SMTP do: it sends one line with the pod's name, then echoes.
func Greeter(ctx context.Context, pod PodRef, conn net.Conn) {
	if _, err := fmt.Fprintf(conn, "220 %s.%s ready\r\n", pod.Name, pod.Namespace); err == nil {
		Echo(ctx, pod, conn)
	}
}

// biggest is the longest answer of /big.
const biggest = 1 << 40

// serveBig answers GET /big?bytes=N with N bytes, at most a tebibyte.
func serveBig(w http.ResponseWriter, r *http.Request) {
	left, err := strconv.ParseInt(r.URL.Query().Get("bytes"), 10, 64)
	if err != nil || left < 0 || left > biggest {
		http.Error(w, "bytes must be a number from 0 to 1099511627776", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(left, 10))
	for chunk := make([]byte, 64<<10); left > 0; {
		n, err := w.Write(chunk[:min(left, int64(len(chunk)))])
		if err != nil {
			return
		}
		left -= int64(n)
	}
}

// serveHealth answers GET /healthz.
func serveHealth(pod PodRef) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"status": "ok", "pod": pod.Name, "namespace": pod.Namespace})
	}
}
