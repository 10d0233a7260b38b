package mux

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// chunk is how many bytes of data one frame of ours carries at most, and how many
// of a longer frame are passed on at once.
const chunk = 64 << 10

// room is the size of a shared buffer: a chunk with its frame's head, and before it
// the frames that open a pair.
const room = chunk + 1<<10

// lookEvery is how often a session with a live pair looks after its peer.
const lookEvery = time.Second

// Codec is the engine that writes and reads frames by itself. Its sessions share
// their buffers. The zero value is ready to use.
type Codec struct{ buffers sync.Pool }

// Session returns a session on an upgraded connection, which it owns from then on.
// Its goroutines end after Close.
func (c *Codec) Session(conn net.Conn, opts Options) Session {
	s := &session{
		conn: conn, opts: opts, buffers: &c.buffers, next: 1,
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	s.pulse.begin()
	s.watch = time.AfterFunc(time.Hour, s.look)
	s.watch.Stop()
	go s.serve()
	return s
}

// session is a [Session] with frames of our own. One goroutine reads; it writes the
// data of the live pair where they belong by itself, and nothing else is read
// meanwhile.
type session struct {
	conn    net.Conn
	opts    Options
	buffers *sync.Pool
	pulse   pulse
	quit    chan struct{} // closed by Close
	done    chan struct{} // closed when nothing is read any more
	once    sync.Once

	answering atomic.Bool    // a ping of the server is being answered
	answers   sync.WaitGroup // of those who do

	sending sync.Mutex // one write at a time

	mu        sync.Mutex
	live      *pair
	next      uint32 // id of the next stream
	gone      bool   // the reader has ended
	goingAway bool
	stray     bool        // data arrived for a pair that has ended
	pinged    int64       // age at which a ping left that nothing was read after; 0 = none
	watch     *time.Timer // runs look while there is a live pair or a ping
}

func (s *session) Done() <-chan struct{} { return s.done }

func (s *session) Reusable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.gone && !s.goingAway && !s.stray && !closed(s.quit) && s.next < streamMask-4
}

func (s *session) Close() {
	s.once.Do(func() {
		close(s.quit)
		_ = s.conn.SetWriteDeadline(time.Now().Add(closeTimeout))   // for the one who writes
		time.AfterFunc(closeTimeout, func() { _ = s.conn.Close() }) // should that have come between
		_ = s.send(appendGoAway(nil), 0)
		_ = s.conn.Close()
	})
}

// send writes frames. Without a timeout the deadline is that of Close. After an
// error the connection is dead.
func (s *session) send(frames []byte, timeout time.Duration) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if timeout != 0 && !closed(s.quit) {
		_ = s.conn.SetWriteDeadline(time.Now().Add(timeout)) // a conn that refuses deadlines fails the write
	}
	s.pulse.writing.Store(true)
	_, err := s.conn.Write(frames)
	s.pulse.writing.Store(false)
	if err != nil {
		_ = s.conn.Close()
		return ErrLost
	}
	return nil
}

// buffer lends a buffer of room bytes, to be given back with s.buffers.Put.
func (s *session) buffer() *[room]byte {
	if b, ok := s.buffers.Get().(*[room]byte); ok {
		return b
	}
	return new([room]byte)
}

func (s *session) Open(ctx context.Context, port int, first []byte) (Pair, error) {
	p, frames := s.begin(port)
	if p == nil {
		return nil, ErrLost
	}
	stop := context.AfterFunc(ctx, s.Close)
	defer stop()
	open := p.openAtOnce
	if s.opts.Wait {
		open = p.openWaiting
	}
	if err := open(frames, first); err != nil {
		p.Reset()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return p, nil
}

// begin makes the next pair the live one. With a session that was idle for long,
// a ping goes ahead of it.
func (s *session) begin(port int) (p *pair, frames []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil, nil
	}
	p = newPair(s, s.next, port)
	s.next += 4
	s.live = p
	if s.pulse.idle(idleProbe) {
		frames = s.pingLocked()
	}
	s.watch.Reset(lookEvery)
	return p, frames
}

// pingLocked is a ping to be sent. The caller holds mu.
func (s *session) pingLocked() []byte {
	s.pinged = s.pulse.age()
	return appendPing(nil, 1) // the client's are odd
}

// look finds out whether the peer is dead, as long as somebody cares. Whatever is
// read counts as the answer to a ping.
func (s *session) look() {
	lost := s.pulse.lost(s.opts.unheard(s.conn))
	s.mu.Lock()
	if s.pulse.heard.Load() >= s.pinged {
		s.pinged = 0
	}
	dead := lost || s.pinged != 0 && s.pulse.age()-s.pinged > int64(pongTimeout) && s.pulse.suspicious(pongTimeout)
	var ping []byte
	if s.live != nil && s.pinged == 0 && s.pulse.suspicious(quiet) {
		ping = s.pingLocked()
	}
	if !s.gone && !dead && (s.live != nil || s.pinged != 0) {
		s.watch.Reset(lookEvery)
	}
	s.mu.Unlock()
	switch {
	case dead:
		s.Close()
		s.opts.silent()
	case ping != nil:
		_ = s.send(ping, controlTimeout)
	}
}

func (s *session) Check(d time.Duration) {
	asked := s.pulse.age()
	time.AfterFunc(d, func() {
		if s.pulse.unanswered(asked) || s.opts.unheard(s.conn) {
			s.Close()
		}
	})
	go func() { _ = s.send(appendPing(nil, 1), controlTimeout) }() // a write under way may hold it up
}

// answer returns the ping of a server, unless another is still being returned:
// the reader must not wait for a write.
func (s *session) answer(id uint32) {
	if !s.answering.CompareAndSwap(false, true) {
		return
	}
	s.answers.Go(func() {
		_ = s.send(appendPing(nil, id), controlTimeout)
		s.answering.Store(false)
	})
}

// closed reports whether a channel that nothing is sent on is closed.
func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
