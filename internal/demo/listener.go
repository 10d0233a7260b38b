package demo

import (
	"context"
	"net"
	"sync"
)

// connections is a set of open connections that can be closed together. An
// http.Server forgets a connection once it is hijacked, as every upgraded one
// is, so somebody else has to remember it.
type connections struct {
	mu     sync.Mutex
	open   map[net.Conn]bool
	closed bool
}

// track returns conn wrapped so that closing it also forgets it. A connection
// that comes after closeConnections is closed at once.
func (s *connections) track(conn net.Conn) net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		conn.Close()
	}
	if s.open == nil {
		s.open = map[net.Conn]bool{}
	}
	s.open[conn] = true
	return &trackedConn{Conn: conn, set: s}
}

// closeConnections closes what is open, and whatever comes later.
func (s *connections) closeConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for conn := range s.open {
		conn.Close()
	}
}

type trackedConn struct {
	net.Conn
	set *connections
}

func (c *trackedConn) Close() error {
	c.set.mu.Lock()
	delete(c.set.open, c.Conn)
	c.set.mu.Unlock()
	return c.Conn.Close()
}

// trackingListener remembers the connections that it accepted.
type trackingListener struct {
	net.Listener
	connections
}

func (l *trackingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.track(conn), nil
}

// pipeListener accepts connections made by its own dial, inside the process.
// The kubelet listens on one: it trusts the API server blindly, so no port of
// the machine may lead to it.
type pipeListener struct {
	connections
	incoming chan net.Conn
	done     chan struct{}
	once     sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{incoming: make(chan net.Conn), done: make(chan struct{})}
}

// dial has the signature of http.Transport.DialContext; network and address do
// not matter.
func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.incoming <- far:
		return near, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.incoming:
		return l.track(conn), nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
