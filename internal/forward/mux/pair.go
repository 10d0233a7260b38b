package mux

import (
	"io"
	"strconv"
	"sync"
	"time"
)

// stream is what the server has said of a stream of a pair. The session's mu
// guards it.
type stream struct {
	streamFacts
	answered chan struct{} // closed when it was accepted or has ended
	ended    chan struct{} // closed when nothing more comes
}

func newStream(id uint32) stream {
	return stream{streamFacts: streamFacts{id: id}, answered: make(chan struct{}), ended: make(chan struct{})}
}

func (s *stream) reply() {
	s.replied = true
	if !closed(s.answered) {
		close(s.answered)
	}
}

func (s *stream) close() {
	if !closed(s.answered) {
		close(s.answered)
	}
	if !closed(s.ended) {
		close(s.ended)
	}
}

// pair is a [Pair] of a [session].
type pair struct {
	s          *session
	port       int
	errs, data stream
	text       []byte // of the error stream; guarded by the session's mu

	over     chan struct{} // closed by Reset
	attached chan struct{} // closed when there is a sink
	broken   chan struct{} // closed when the sink has failed

	sink struct { // held while the reader writes
		sync.Mutex
		w   io.Writer // nil: throw away
		n   int64
		err error
	}
}

func newPair(s *session, id uint32, port int) *pair {
	return &pair{
		s: s, port: port, errs: newStream(id), data: newStream(id + 2),
		over: make(chan struct{}), attached: make(chan struct{}), broken: make(chan struct{}),
	}
}

// stream is the pair's stream with that id, or nil.
func (p *pair) stream(id uint32) *stream {
	switch id {
	case p.errs.id:
		return &p.errs
	case p.data.id:
		return &p.data
	}
	return nil
}

// appendSyn appends the frame that opens a stream of the pair. Ids begin with 1, so
// the first one of a connection is known by it.
func (p *pair) appendSyn(b []byte, stream uint32, kind string) []byte {
	return appendSyn(b, stream, stream == 1, header{"streamtype", kind},
		header{"port", strconv.Itoa(p.port)}, header{"requestid", strconv.Itoa(int(p.errs.id))})
}

// openAtOnce sends everything in one write, after frames, and waits for nothing.
func (p *pair) openAtOnce(frames, first []byte) error {
	buffer := p.s.buffer()
	defer p.s.buffers.Put(buffer)
	b := append(buffer[:0], frames...)
	b = p.appendSyn(b, p.errs.id, "error")
	b = p.appendSyn(b, p.data.id, "data")
	b = appendData(b, p.errs.id, flagFin, nil)
	n := min(len(first), chunk)
	if n > 0 {
		b = appendData(b, p.data.id, 0, first[:n])
		p.s.pulse.sent.Add(int64(n))
	}
	if err := p.s.send(b, controlTimeout); err != nil {
		return err
	}
	_, err := p.Write(first[n:])
	return err
}

// openWaiting takes kubectl's order: each stream after the reply to the one
// before.
func (p *pair) openWaiting(frames, first []byte) error {
	if err := p.s.send(p.appendSyn(frames, p.errs.id, "error"), controlTimeout); err != nil {
		return err
	}
	if err := p.awaitReply(&p.errs); err != nil {
		return err
	}
	b := appendData(nil, p.errs.id, flagFin, nil)
	if err := p.s.send(p.appendSyn(b, p.data.id, "data"), controlTimeout); err != nil {
		return err
	}
	if err := p.awaitReply(&p.data); err != nil {
		return err
	}
	_, err := p.Write(first)
	return err
}

// awaitReply returns nil when the server has accepted the stream.
func (p *pair) awaitReply(stream *stream) error {
	<-stream.answered
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	switch {
	case stream.replied:
		return nil
	case stream.reset:
		return ErrRejected
	}
	return ErrLost
}

// deliver passes data of the pod on. It is for the reader, who waits here.
func (p *pair) deliver(b []byte) {
	select {
	case <-p.attached:
	case <-p.over:
	case <-p.s.quit:
	}
	p.sink.Lock()
	defer p.sink.Unlock()
	if p.sink.w == nil {
		return
	}
	n, err := p.sink.w.Write(b)
	p.sink.n += int64(n)
	if err != nil {
		p.sink.w, p.sink.err = nil, err
		close(p.broken)
	}
}

// remark keeps what the server writes to the error stream.
func (p *pair) remark(b []byte) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.text = append(p.text, b[:min(len(b), textLimit-len(p.text))]...)
}

func (p *pair) WriteTo(w io.Writer) (int64, error) {
	p.sink.Lock()
	p.sink.w = w
	p.sink.Unlock()
	close(p.attached)
	select {
	case <-p.data.ended:
	case <-p.over:
	case <-p.broken:
	}
	p.sink.Lock()
	defer p.sink.Unlock()
	p.sink.w = nil
	if p.sink.err != nil {
		return p.sink.n, p.sink.err
	}
	return p.sink.n, p.verdict()
}

// verdict says how the pair has ended. The error stream may lag behind the data.
func (p *pair) verdict() error {
	timer := time.NewTimer(verdictWait)
	defer timer.Stop()
	select {
	case <-p.errs.ended:
	case <-p.over:
	case <-timer.C:
	}
	if closed(p.over) {
		return nil
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if len(p.text) > 0 {
		return &RemoteError{Text: string(p.text)}
	}
	return verdict(p.errs.streamFacts, p.data.streamFacts)
}

func (p *pair) Write(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	buffer := p.s.buffer()
	defer p.s.buffers.Put(buffer)
	for n < len(b) {
		if closed(p.over) {
			return n, ErrReset
		}
		piece := b[n:min(n+chunk, len(b))]
		p.s.pulse.sent.Add(int64(len(piece)))
		if err := p.s.send(appendData(buffer[:0], p.data.id, 0, piece), dataTimeout); err != nil {
			return n, err
		}
		n += len(piece)
	}
	return n, nil
}

func (p *pair) CloseWrite() error {
	return p.s.send(appendData(nil, p.data.id, flagFin, nil), controlTimeout)
}

func (p *pair) Reset() {
	p.s.mu.Lock()
	first, gone := !closed(p.over), p.s.gone
	if first {
		close(p.over)
	}
	if p.s.live == p {
		p.s.live = nil
	}
	p.s.mu.Unlock()
	if first && !gone {
		_ = p.s.send(appendReset(appendReset(nil, p.data.id), p.errs.id), controlTimeout)
	}
}
