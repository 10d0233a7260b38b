package mux

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/moby/spdystream"
)

// server is the far end of a session: spdystream, as in a kubelet. It pairs
// streams and hands each pair to handle.
type server struct {
	handle func(errs, data *spdystream.Stream)
	refuse func(kind string) bool // a stream of that kind

	mu      sync.Mutex
	waiting map[string]*spdystream.Stream // the first of a pair, by requestID
	order   []string                      // kinds of the streams, as they came
}

// engines are all that there is.
var engines = map[string]func(net.Conn, Options) (Session, error){
	"stock": Stock,
	"codec": func(conn net.Conn, opts Options) (Session, error) { return new(Codec).Session(conn, opts), nil },
}

// engine makes sessions.
type engine func(net.Conn, Options) (Session, error)

// onEach runs a test on each engine.
func onEach(t *testing.T, test func(t *testing.T, e engine)) {
	for name, e := range engines {
		t.Run(name, func(t *testing.T) { test(t, e) })
	}
}

// start serves one end of a pipe and returns a session on the other, and a count
// of the session's writes.
func (s *server) start(t *testing.T, e engine, opts Options) (Session, *countedConn) {
	t.Helper()
	near, far := net.Pipe()
	s.waiting = map[string]*spdystream.Stream{}
	conn, err := spdystream.NewConnection(far, true)
	check(t, err)
	go conn.Serve(s.accept)
	counted := &countedConn{Conn: near}
	session, err := e(counted, opts)
	check(t, err)
	t.Cleanup(func() {
		session.Close()
		_ = far.Close()
		<-session.Done()
	})
	return session, counted
}

func (s *server) accept(stream *spdystream.Stream) {
	kind, id := stream.Headers().Get("streamType"), stream.Headers().Get("requestID")
	s.mu.Lock()
	s.order = append(s.order, kind)
	s.mu.Unlock()
	if s.refuse != nil && s.refuse(kind) {
		_ = stream.Refuse()
		return
	}
	_ = stream.SendReply(http.Header{}, false)
	s.mu.Lock()
	other := s.waiting[id] // streams are handled by several workers, in any order
	s.waiting[id] = stream
	s.mu.Unlock()
	switch {
	case other == nil:
	case kind == "data":
		go s.handle(other, stream)
	default:
		go s.handle(stream, other)
	}
}

// countedConn counts the writes that reach the connection.
type countedConn struct {
	net.Conn
	writes atomic.Int64
}

func (c *countedConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// echoes sends back what it gets, and ends when the client does.
func echoes(errs, data *spdystream.Stream) {
	_, _ = io.Copy(data, data)
	_ = errs.Close()
	_ = data.Close()
}

// opened is a pair that can be read from.
type opened struct {
	Pair
	io.Reader
}

// WriteTo hides the one of the pair, which is in use.
func (opened) WriteTo() {}

func open(t *testing.T, s Session, first string) opened {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	p, err := s.Open(ctx, 80, []byte(first))
	check(t, err)
	out, in := io.Pipe()
	go func() {
		_, err := p.WriteTo(in)
		_ = in.CloseWithError(err) // nil is io.EOF
	}()
	t.Cleanup(func() { _ = out.Close() })
	return opened{p, out}
}

func wantRead(t *testing.T, p io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(p, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

func TestPairsOneAfterTheOther(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		for _, wait := range []bool{false, true} {
			t.Run(fmt.Sprintf("wait=%v", wait), func(t *testing.T) {
				session, _ := (&server{handle: echoes}).start(t, e, Options{Wait: wait})
				for i := range 20 {
					p := open(t, session, "first")
					wantRead(t, p, "first")
					_, err := p.Write([]byte("second"))
					check(t, err)
					wantRead(t, p, "second")
					if i%2 == 0 {
						check(t, p.CloseWrite())
						if _, err := p.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
							t.Errorf("the end is %v", err)
						}
					}
					p.Reset()
					if _, err := p.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
						t.Errorf("after Reset: %v", err)
					}
					if !session.Reusable() {
						t.Fatalf("not reusable after pair %d", i)
					}
				}
			})
		}
	})
}

func TestAPairOpensInOneWrite(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		for _, first := range []string{"", "GET / HTTP/1.1"} {
			session, conn := (&server{handle: echoes}).start(t, e, Options{})
			open(t, session, first)
			if n := conn.writes.Load(); n != 1 {
				t.Errorf("opening with %q took %d writes", first, n)
			}
		}
	})
}

func TestEndsAreToldApart(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		ends := map[string]struct {
			server *server
			want   func(error) bool
		}{
			"in order": {
				&server{handle: func(errs, data *spdystream.Stream) { _ = errs.Close(); _ = data.Close() }},
				func(err error) bool { return errors.Is(err, io.EOF) },
			},
			"with a text": {
				&server{handle: func(errs, data *spdystream.Stream) {
					_ = data.Close() // the runtime's end comes before the kubelet's text
					_, _ = io.WriteString(errs, "connection refused")
					_ = data.Reset()
					_ = errs.Reset()
				}},
				func(err error) bool {
					var remote *RemoteError
					return errors.As(err, &remote) && remote.Text == "connection refused"
				},
			},
			"reset": {
				&server{handle: func(_, data *spdystream.Stream) { _ = data.Reset() }},
				func(err error) bool { return errors.Is(err, ErrReset) },
			},
			"rejected": {
				&server{refuse: func(kind string) bool { return kind == "data" }},
				func(err error) bool { return errors.Is(err, ErrRejected) },
			},
		}
		for name, end := range ends {
			t.Run(name, func(t *testing.T) {
				session, _ := end.server.start(t, e, Options{})
				p := open(t, session, "x")
				if _, err := p.Read(make([]byte, 1)); !end.want(err) {
					t.Errorf("ended with %v", err)
				}
			})
		}
	})
}

// A data stream whose neighbour was refused would never end by itself.
func TestARefusedErrorStreamEndsThePair(t *testing.T) {
	refuse := func(kind string) bool { return kind == "error" }
	session, _ := (&server{refuse: refuse}).start(t, engines["codec"], Options{})
	p := open(t, session, "")
	if _, err := p.Read(make([]byte, 1)); !errors.Is(err, ErrRejected) {
		t.Errorf("ended with %v", err)
	}
}

// While nothing takes what the pod sends, the pod is held back, and its silence is
// no sign of death.
func TestASlowClientHoldsThePodBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		s := &server{handle: func(_, data *spdystream.Stream) {
			for {
				n, err := data.Write(make([]byte, chunk))
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		}}
		session, _ := s.start(t, engines["codec"], Options{})
		p, err := session.Open(t.Context(), 80, nil)
		check(t, err)
		out, in := io.Pipe()
		var copied sync.WaitGroup
		copied.Go(func() { _, _ = p.WriteTo(in) })
		time.Sleep(time.Hour)
		if n := sent.Load(); n > 4*chunk {
			t.Errorf("%d bytes are on their way to nobody", n)
		}
		_, err = io.CopyN(io.Discard, out, 100*chunk)
		check(t, err)
		check(t, out.Close()) // the client is gone: the pair ends with its error
		copied.Wait()
		session.Close()
		<-session.Done()
		time.Sleep(time.Second)
	})
}

func TestLostConnection(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		session, conn := (&server{handle: func(_, data *spdystream.Stream) {
			_, _ = io.WriteString(data, "part")
		}}).start(t, e, Options{})
		p := open(t, session, "")
		wantRead(t, p, "part")
		check(t, conn.Close())
		if _, err := p.Read(make([]byte, 1)); !errors.Is(err, ErrLost) {
			t.Errorf("ended with %v", err)
		}
		<-session.Done()
		if session.Reusable() {
			t.Error("a dead session can be reused")
		}
	})
}

func TestWaitingTakesTheStreamsInOrder(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		s := &server{handle: echoes, refuse: func(kind string) bool { return kind == "error" }}
		session, _ := s.start(t, e, Options{Wait: true})
		if _, err := session.Open(t.Context(), 80, nil); !errors.Is(err, ErrRejected) {
			t.Errorf("opened with %v", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.order) != 1 {
			t.Errorf("the server saw %v; the second must wait for the first", s.order)
		}
	})
}

// TestCloseNeverBlocks runs on the real clock: a bubble's stands still while a
// goroutine waits for a mutex, and here the writer in the pipe holds one.
func TestCloseNeverBlocks(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		near, far := net.Pipe() // nobody reads from far
		defer far.Close()
		session, err := e(near, Options{})
		check(t, err)
		opened := make(chan error)
		go func() {
			_, err := session.Open(t.Context(), 80, []byte("into the void"))
			opened <- err
		}()
		time.Sleep(20 * time.Millisecond) // the write is under way, most likely
		start := time.Now()
		session.Close()
		if took := time.Since(start); took > controlTimeout/2 {
			t.Errorf("Close took %v", took)
		}
		if err := <-opened; err == nil {
			t.Error("opened on a connection that does not move")
		}
		<-session.Done()
	})
}

func TestDeadPeerIsNoticed(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			defer far.Close()
			go func() { _, _ = io.Copy(io.Discard, far) }() // takes everything, answers nothing
			session, err := e(near, Options{})
			check(t, err)
			p := open(t, session, "anybody?")
			start := time.Now()
			if _, err := p.Read(make([]byte, 1)); !errors.Is(err, ErrLost) {
				t.Errorf("ended with %v", err)
			}
			if took := time.Since(start); took > 15*time.Second {
				t.Errorf("noticed after %v", took)
			}
			<-session.Done()
			time.Sleep(time.Second) // the bubble's goroutines end
		})
	})
}

func TestQuietPeerIsLeftAlone(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		synctest.Test(t, func(t *testing.T) {
			session, _ := (&server{handle: func(_, data *spdystream.Stream) {
				go func() { _, _ = io.Copy(io.Discard, data) }()
				time.Sleep(10 * time.Minute) // thinks
				_, _ = io.WriteString(data, "42")
			}}).start(t, e, Options{})
			p := open(t, session, "question")
			wantRead(t, p, "42")
			session.Close()
			<-session.Done()
			time.Sleep(time.Second)
		})
	})
}

func TestCheckEndsOnlyADeadConnection(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		for _, use := range []string{"idle", "live"} {
			t.Run(use, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { testCheck(t, e, use == "live") })
			})
		}
	})
}

func testCheck(t *testing.T, e engine, live bool) {
	near, far := net.Pipe()
	defer far.Close()
	go func() { _, _ = io.Copy(io.Discard, far) }()
	dead, err := e(near, Options{})
	check(t, err)
	well, _ := (&server{handle: echoes}).start(t, e, Options{})
	if live {
		open(t, dead, "anybody?")
		wantRead(t, open(t, well, "hello"), "hello")
	}
	time.Sleep(time.Second)
	start := time.Now()
	dead.Check(2 * time.Second)
	well.Check(2 * time.Second)
	<-dead.Done()
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("noticed after %v", took)
	}
	time.Sleep(5 * time.Second)
	select {
	case <-well.Done():
		t.Error("a connection that answers was ended")
	default:
	}
	well.Close()
	<-well.Done()
	time.Sleep(time.Second)
}
