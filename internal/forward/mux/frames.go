package mux

import (
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Frame types and flags of SPDY/3.1 (the SPDY protocol draft 3.1, sections 2.2
// and 2.6).
const (
	headLength  = 8
	version     = 3
	typeSyn     = 1
	typeReply   = 2
	typeReset   = 3
	typePing    = 6
	typeGoAway  = 7
	flagFin     = 1
	controlBit  = 1 << 31
	lengthMask  = 1<<24 - 1
	streamMask  = 1<<31 - 1
	controlHead = headLength + 4 // with the stream id that most control frames start with
)

// scanner follows the frame boundaries in a stream of SPDY bytes.
type scanner struct {
	head []byte // of the frame that is passing, as far as seen
	left int    // bytes of its payload still to come, once the head is complete
	on   func(frame)
}

// frame is the head of one SPDY frame.
type frame struct {
	control bool
	kind    uint16 // of a control frame
	stream  uint32 // 0 for a control frame without one
	flags   byte
	length  int
}

// between reports whether the stream stands at a frame boundary.
func (s *scanner) between() bool { return len(s.head) == 0 }

func (s *scanner) feed(p []byte) {
	for len(p) > 0 {
		if missing := want(s.head) - len(s.head); missing > 0 {
			n := min(missing, len(p))
			s.head, p = append(s.head, p[:n]...), p[n:]
			if len(s.head) < want(s.head) {
				continue
			}
			f := parse(s.head)
			s.left = f.length - (len(s.head) - headLength)
			s.on(f)
		}
		n := min(s.left, len(p))
		s.left, p = s.left-n, p[n:]
		if s.left == 0 && len(s.head) == want(s.head) {
			s.head = s.head[:0]
		}
	}
}

// want is how long a frame's head is, judged by the bytes of it that are there.
func want(head []byte) int {
	if len(head) < headLength {
		return headLength
	}
	length := binary.BigEndian.Uint32(head[4:]) & lengthMask
	if head[0]&0x80 != 0 && length >= 4 {
		return controlHead
	}
	return headLength
}

// parse reads a head of want bytes.
func parse(head []byte) frame {
	first, second := binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[4:])
	f := frame{flags: byte(second >> 24), length: int(second & lengthMask)}
	if first&controlBit == 0 {
		f.stream = first
		return f
	}
	f.control, f.kind = true, uint16(first&0xffff)
	if len(head) == controlHead {
		f.stream = binary.BigEndian.Uint32(head[headLength:]) & streamMask
	}
	return f
}

// facts is what has been seen on the wire of the pair in hand. spdystream
// reports the end of a stream, its reset and the loss of the connection all as
// io.EOF; these tell them apart.
type facts struct {
	mu         sync.Mutex
	errs, data streamFacts
	goingAway  bool
	stray      bool // data arrived for a pair that has ended
}

// streamFacts is what has been seen of one stream; id 0 is none.
type streamFacts struct {
	id                  uint32
	replied, fin, reset bool
}

// expect starts a new pair with the given stream ids.
func (f *facts) expect(errs, data uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs, f.data, f.stray = streamFacts{id: errs}, streamFacts{id: data}, false
}

// forget ends the pair in hand.
func (f *facts) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs, f.data = streamFacts{}, streamFacts{}
}

func (f *facts) saw(fr frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fr.control && fr.kind == typeGoAway {
		f.goingAway = true
		return
	}
	for _, s := range []*streamFacts{&f.errs, &f.data} {
		if s.id == 0 || s.id != fr.stream {
			continue
		}
		s.fin = s.fin || fr.flags&flagFin != 0 && (!fr.control || fr.kind == typeReply)
		s.replied = s.replied || fr.control && fr.kind == typeReply
		s.reset = s.reset || fr.control && fr.kind == typeReset
		return
	}
	f.stray = f.stray || !fr.control && fr.length > 0
}

func (f *facts) verdict() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return verdict(f.errs, f.data)
}

// verdict says how a pair without a text on its error stream ended, after all its
// bytes were read.
func verdict(errs, data streamFacts) error {
	switch {
	case data.fin:
		return nil
	case errs.reset && !errs.replied, data.reset && !data.replied:
		return ErrRejected
	case data.reset:
		return ErrReset
	}
	return ErrLost
}

func (f *facts) reusable() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.goingAway && !f.stray
}

// Write deadlines. Data may wait long for a pod that reads slowly or stands in a
// debugger; anything else is small and waits only for a dead connection.
const (
	controlTimeout = 15 * time.Second
	dataTimeout    = 5 * time.Minute
	closeTimeout   = 200 * time.Millisecond
)

// wire is the upgraded connection as spdystream sees it. spdystream writes each
// field of a frame by itself; wire sends whole frames, and while corked, all of
// them together.
type wire struct {
	net.Conn
	in, out scanner
	buf     []byte // frames not yet sent; written under spdystream's own lock
	data    bool   // buf holds a data frame
	corked  atomic.Bool

	closing   atomic.Bool
	closeOnce sync.Once
	pulse     pulse
}

func newWire(conn net.Conn, saw func(frame)) *wire {
	w := &wire{Conn: conn}
	w.in.on = saw
	w.out.on = func(f frame) { w.data = w.data || !f.control && f.length > 0 }
	w.pulse.begin()
	return w
}

// Read is for spdystream's one reader.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.pulse.hear()
		w.in.feed(p[:n])
	}
	return n, err
}

// Write gathers until a frame is complete.
func (w *wire) Write(p []byte) (int, error) {
	w.out.feed(p)
	w.buf = append(w.buf, p...)
	if w.corked.Load() || !w.out.between() || len(w.buf) == 0 {
		return len(p), nil
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *wire) flush() error {
	timeout := controlTimeout
	if w.data {
		timeout = dataTimeout
		w.pulse.sent.Add(int64(len(w.buf)))
	}
	if !w.closing.Load() {
		_ = w.Conn.SetWriteDeadline(time.Now().Add(timeout)) // a conn that refuses deadlines fails the write
	}
	w.pulse.writing.Store(true)
	_, err := w.Conn.Write(w.buf)
	w.pulse.writing.Store(false)
	w.buf, w.data = w.buf[:0], false
	return err
}

// hurry makes a write that is under way, and all later ones, end soon.
func (w *wire) hurry() {
	w.closing.Store(true)
	_ = w.Conn.SetWriteDeadline(time.Now().Add(closeTimeout))
}

// Close closes the connection, once. It reports no error: spdystream would wait
// a second for somebody to take it.
func (w *wire) Close() error {
	w.closeOnce.Do(func() { _ = w.Conn.Close() })
	return nil
}
