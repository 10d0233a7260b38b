package mux

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/moby/spdystream"
)

// verdictWait is how long the error stream may lag behind the end of the data
// stream. Servers end both in one breath, but spdystream delivers them by
// different workers.
const verdictWait = time.Second

// replyPoll is how often an unanswered stream looks whether its connection still
// lives; spdystream does not tell it.
const replyPoll = 250 * time.Millisecond

// buffered is the size of the read buffer in front of the frame parser.
const buffered = 32 << 10

// stock is a [Session] on spdystream.
type stock struct {
	conn   *spdystream.Connection
	wire   *wire
	facts  *facts
	opts   Options
	served chan struct{} // closed when nothing is read any more
	probe  chan struct{}
	once   sync.Once
	pairs  int
	live   atomic.Pointer[stockPair] // the last opened
}

// Stock returns a session on an upgraded connection, which it owns from then on,
// with spdystream as the codec. Its goroutines end after Close.
func Stock(conn net.Conn, opts Options) (Session, error) {
	s := &stock{facts: &facts{}, opts: opts, served: make(chan struct{}), probe: make(chan struct{}, 1)}
	s.wire = newWire(conn, s.facts.saw)
	c, err := spdystream.NewConnection(readBuffer{s.wire, bufio.NewReaderSize(s.wire, buffered)}, false)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	s.conn = c
	go func() {
		s.conn.Serve(spdystream.NoOpStreamHandler)
		_ = s.wire.Close()
		close(s.served)
	}()
	go s.keep()
	return s, nil
}

// readBuffer saves a system call for each of the small reads of a frame head.
type readBuffer struct {
	*wire
	r *bufio.Reader
}

func (b readBuffer) Read(p []byte) (int, error) { return b.r.Read(p) }

func (s *stock) Done() <-chan struct{} { return s.served }

func (s *stock) Reusable() bool {
	select {
	case <-s.served:
		return false
	default:
		return !s.wire.closing.Load() && s.facts.reusable()
	}
}

func (s *stock) Close() {
	s.once.Do(func() {
		s.wire.hurry()
		time.AfterFunc(closeTimeout, func() { _ = s.wire.Close() }) // should a write have missed the deadline
		_ = s.conn.Close()                                          // GOAWAY, best effort
		_ = s.wire.Close()
		if p := s.live.Load(); p != nil {
			p.resetStreams() // frees a worker that holds data nobody reads, or Serve never ends
		}
	})
}

func (s *stock) Open(ctx context.Context, port int, first []byte) (Pair, error) {
	if s.wire.pulse.idle(idleProbe) {
		select {
		case s.probe <- struct{}{}:
		default:
		}
	}
	s.pairs++
	p := &stockPair{s: s, ended: make(chan struct{})}
	id := uint32(s.conn.PeekNextStreamId())
	s.facts.expect(id, id+2)
	stop := context.AfterFunc(ctx, s.Close)
	defer stop()
	var err error
	if s.opts.Wait {
		err = p.openWaiting(port, first)
	} else {
		err = p.openAtOnce(port, first)
	}
	if err != nil {
		p.Reset()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	s.live.Store(p)
	if s.wire.closing.Load() { // Close did not see it
		p.resetStreams()
	}
	return p, nil
}

// openAtOnce sends everything in one write and waits for nothing.
func (p *stockPair) openAtOnce(port int, first []byte) error {
	p.s.wire.corked.Store(true)
	defer p.s.wire.corked.Store(false)
	for _, create := range []func(int) error{p.createErrors, p.createData} {
		if err := create(port); err != nil {
			return ErrLost
		}
	}
	for _, stream := range []*spdystream.Stream{p.errs, p.data} {
		go func() { _ = p.awaitReply(stream) }() // Read learns of a refusal too
	}
	last := p.errs.Close
	if len(first) > 0 {
		if err := last(); err != nil {
			return ErrLost
		}
		last = func() error { _, err := p.data.Write(first); return err }
	}
	p.s.wire.corked.Store(false) // the last frame takes the others along
	return lost(last())
}

// openWaiting takes kubectl's order: each stream after the reply to the one
// before.
func (p *stockPair) openWaiting(port int, first []byte) error {
	if err := p.createErrors(port); err != nil {
		return ErrLost
	}
	if err := p.awaitReply(p.errs); err != nil {
		return err
	}
	if err := p.errs.Close(); err != nil {
		return ErrLost
	}
	if err := p.createData(port); err != nil {
		return ErrLost
	}
	if err := p.awaitReply(p.data); err != nil {
		return err
	}
	if len(first) == 0 {
		return nil
	}
	_, err := p.data.Write(first)
	return lost(err)
}

func lost(err error) error {
	if err != nil {
		return ErrLost
	}
	return nil
}

// keep probes the connection until it is dead.
func (s *stock) keep() {
	tick := time.NewTicker(quiet / 4)
	defer tick.Stop()
	for lost := false; ; {
		select {
		case <-s.served:
			return
		case <-s.probe:
		case <-tick.C:
			lost = s.wire.pulse.lost(s.opts.unheard(s.wire.Conn))
			if !lost && !s.wire.pulse.suspicious(quiet) {
				continue
			}
		}
		if lost || !s.ping() {
			s.Close()
			s.opts.silent()
			return
		}
	}
}

func (s *stock) Check(d time.Duration) {
	asked := s.wire.pulse.age()
	time.AfterFunc(d, func() {
		p := s.live.Load()
		idle := (p == nil || p.over.Load()) && s.wire.pulse.heard.Load() < asked
		if idle || s.wire.pulse.unanswered(asked) || s.opts.unheard(s.wire.Conn) {
			s.Close()
		}
	})
	go func() { _, _ = s.conn.Ping() }() // returns when the connection ends, at the latest
}

// ping reports whether the server answers, or may be too busy to.
func (s *stock) ping() bool {
	pong := make(chan struct{})
	go func() {
		_, _ = s.conn.Ping() // returns when the connection ends, at the latest
		close(pong)
	}()
	timer := time.NewTimer(pongTimeout)
	defer timer.Stop()
	select {
	case <-pong:
		return true
	case <-s.served:
		return true
	case <-timer.C:
		return !s.wire.pulse.suspicious(pongTimeout)
	}
}

// stockPair is a [Pair] on two streams of spdystream.
type stockPair struct {
	s          *stock
	errs, data *spdystream.Stream
	over       atomic.Bool   // Reset was called
	ended      chan struct{} // closed when the error stream has ended
	text       string        // what it said; valid after ended
}

func (p *stockPair) headers(kind string, port int) http.Header {
	h := http.Header{}
	h.Set("streamType", kind)
	h.Set("port", strconv.Itoa(port))
	h.Set("requestID", strconv.Itoa(p.s.pairs))
	return h
}

func (p *stockPair) createErrors(port int) (err error) {
	if p.errs, err = p.s.conn.CreateStream(p.headers("error", port), nil, false); err == nil {
		go p.listen()
	}
	return err
}

func (p *stockPair) createData(port int) (err error) {
	p.data, err = p.s.conn.CreateStream(p.headers("data", port), nil, false)
	return err
}

// listen reads the error stream to its end. Servers write less than 1 KiB.
func (p *stockPair) listen() {
	text, _ := io.ReadAll(io.LimitReader(p.errs, 4<<10))
	p.text = string(text)
	close(p.ended)
	_, _ = io.Copy(io.Discard, p.errs) // a full stream would block spdystream's worker
}

// awaitReply waits until the server accepted or refused the stream. Somebody
// must: spdystream's worker blocks on handing over a refusal.
func (p *stockPair) awaitReply(stream *spdystream.Stream) error {
	for {
		err := stream.WaitTimeout(replyPoll)
		if err == nil {
			return nil
		}
		if !errors.Is(err, spdystream.ErrTimeout) {
			return ErrRejected
		}
		select {
		case <-p.s.served:
			return ErrLost
		default:
		}
	}
}

func (p *stockPair) WriteTo(w io.Writer) (n int64, err error) {
	buf := make([]byte, chunk)
	for {
		k, err := p.read(buf)
		if k > 0 {
			written, err := w.Write(buf[:k])
			n += int64(written)
			if err != nil {
				return n, err
			}
		}
		if err != nil || k == 0 {
			return n, err
		}
	}
}

// read returns 0 bytes at an end in order.
func (p *stockPair) read(b []byte) (int, error) {
	p.s.wire.pulse.waiting.Store(p.s.wire.pulse.age())
	n, err := p.data.Read(b)
	p.s.wire.pulse.waiting.Store(0)
	switch {
	case err == nil:
		return n, nil
	case p.over.Load():
		return 0, nil
	}
	timer := time.NewTimer(verdictWait)
	defer timer.Stop()
	select {
	case <-p.ended:
		if p.text != "" {
			return 0, &RemoteError{Text: p.text}
		}
	case <-timer.C:
	}
	return 0, p.s.facts.verdict()
}

func (p *stockPair) Write(b []byte) (int, error) { return p.data.Write(b) }

func (p *stockPair) CloseWrite() error { return p.data.Close() }

func (p *stockPair) Reset() {
	p.over.Store(true)
	p.s.facts.forget()
	p.resetStreams()
}

func (p *stockPair) resetStreams() {
	for _, stream := range []*spdystream.Stream{p.data, p.errs} {
		if stream != nil {
			_ = stream.Reset() // fails only on a dead connection
		}
	}
}
