package mux

import (
	"bufio"
	"errors"
	"io"
)

// readAhead is how much is read at once while frames are small: a reply, a line of
// a conversation. The data of longer frames do not pass through this buffer.
const readAhead = 2 << 10

// textLimit is how much of an error stream is kept. Servers write less than 1 KiB.
const textLimit = 4 << 10

// errFrame is a frame that is too short for what it says it is.
var errFrame = errors.New("not a SPDY frame")

// heard is the connection as the reader sees it, who notes when it waits.
type heard struct{ s *session }

func (h heard) Read(p []byte) (int, error) {
	h.s.pulse.waiting.Store(h.s.pulse.age())
	n, err := h.s.conn.Read(p)
	h.s.pulse.waiting.Store(0)
	if n > 0 {
		h.s.pulse.hear()
	}
	return n, err
}

// serve reads until the connection ends.
func (s *session) serve() {
	in := bufio.NewReaderSize(heard{s}, readAhead)
	for s.readFrame(in) == nil {
	}
	_ = s.conn.Close()
	s.lose()
	s.answers.Wait()
	close(s.done)
}

// lose ends the live pair with the connection.
func (s *session) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	s.watch.Stop()
	if s.live != nil {
		s.live.errs.close()
		s.live.data.close()
	}
}

func (s *session) readFrame(in *bufio.Reader) error {
	head, err := in.Peek(headLength)
	if err != nil {
		return err
	}
	if n := want(head); n > headLength {
		if head, err = in.Peek(n); err != nil {
			return err
		}
	}
	f := parse(head)
	left := f.length - (len(head) - headLength)
	_, _ = in.Discard(len(head)) // they are there
	if f.control {
		return s.readControl(in, f, left)
	}
	return s.readData(in, f)
}

// readControl takes a control frame, of which left bytes are still to come. What
// else there is in the protocol, such as SETTINGS and WINDOW_UPDATE, does not
// concern this client.
func (s *session) readControl(in *bufio.Reader, f frame, left int) error {
	switch f.kind {
	case typeReply, typeReset:
		if f.length < 4 {
			return errFrame
		}
		s.note(f)
	case typePing:
		if f.length == 4 && f.stream%2 == 0 { // the server's are even
			s.answer(f.stream)
		}
	case typeGoAway:
		s.mu.Lock()
		s.goingAway = true
		s.mu.Unlock()
	}
	_, err := in.Discard(left)
	return err
}

// readData takes a DATA frame.
func (s *session) readData(in *bufio.Reader, f frame) error {
	s.mu.Lock()
	p := s.live
	s.stray = s.stray || f.length > 0 && (p == nil || p.stream(f.stream) == nil)
	s.mu.Unlock()
	var err error
	switch {
	case p != nil && f.stream == p.data.id:
		err = s.pass(in, f.length, p.deliver)
	case p != nil && f.stream == p.errs.id:
		err = s.pass(in, f.length, p.remark)
	default:
		_, err = in.Discard(f.length)
	}
	if err == nil && f.flags&flagFin != 0 {
		s.note(f)
	}
	return err
}

// pass hands the payload of a frame on: whole, or in chunks if it is longer than a
// buffer. A buffer is held only until then.
func (s *session) pass(in *bufio.Reader, length int, to func([]byte)) error {
	if length <= in.Size() {
		payload, err := in.Peek(length)
		if err != nil {
			return err
		}
		if length > 0 {
			to(payload)
		}
		_, err = in.Discard(length)
		return err
	}
	buffer := s.buffer()
	defer s.buffers.Put(buffer)
	for length > 0 {
		n := min(length, chunk)
		if _, err := io.ReadFull(in, buffer[:n]); err != nil {
			return err
		}
		to(buffer[:n])
		length -= n
	}
	return nil
}

// note takes what a frame says about a stream of the live pair.
func (s *session) note(f frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.live
	if p == nil {
		return
	}
	stream := p.stream(f.stream)
	if stream == nil {
		return
	}
	switch {
	case f.control && f.kind == typeReset:
		stream.reset = true
		stream.close()
		if !stream.replied {
			p.data.close() // without its neighbour it never ends
		}
		return
	case f.control:
		stream.reply()
	}
	if f.flags&flagFin != 0 {
		stream.fin = true
		stream.close()
	}
}
