package mux

import (
	"net"
	"sync/atomic"
	"time"
)

// Liveness. A ping is sent when a pair waits for the pod and nothing was read
// for quiet; without an answer within pongTimeout the connection is dead. With a
// second to look for each that makes 15 s. Up to
// backlog bytes of ours may wait on the server's side for a pod that does not
// read, behind which the server does not see a ping.
const (
	quiet       = 8 * time.Second
	idleProbe   = 5 * time.Second // older spares are probed while a pair opens
	pongTimeout = 5 * time.Second
	backlog     = 256 << 10
	// unheardFor is how long the system may try to get data through.
	unheardFor = 12 * time.Second
)

// pulse keeps the times that tell a dead connection from a quiet one.
type pulse struct {
	born    time.Time
	heard   atomic.Int64 // age at which something was read last
	sent    atomic.Int64 // data bytes written since then
	waiting atomic.Int64 // age since which somebody waits for the pod; 0 = nobody does
	writing atomic.Bool
	unheard atomic.Int64 // age since which nothing gets through, as far as was looked; 0 = it does
}

// lost reports whether nothing has got through for a time that no network takes. It
// is asked now and then.
func (p *pulse) lost(unheard bool) bool {
	if !unheard {
		p.unheard.Store(0)
		return false
	}
	p.unheard.CompareAndSwap(0, p.age())
	return p.age()-p.unheard.Load() > int64(unheardFor)
}

func (p *pulse) begin() {
	p.born = time.Now()
	p.heard.Store(p.age())
}

// age is how long the connection is there, in nanoseconds and never 0. All that is
// measured here counts from its beginning, because the machine's clock may be set
// meanwhile: by that, a dead connection would be waited for, for hours.
func (p *pulse) age() int64 { return int64(time.Since(p.born)) + 1 }

// hear notes that something was read.
func (p *pulse) hear() {
	p.heard.Store(p.age())
	p.sent.Store(0)
}

// idle reports whether nothing was read for the last d.
func (p *pulse) idle(d time.Duration) bool { return p.age()-p.heard.Load() > int64(d) }

// suspicious reports whether the silence of the last d speaks for a dead
// connection: the pod was waited for all that time, and neither side is merely
// held back by a slow reader.
func (p *pulse) suspicious(d time.Duration) bool {
	since := p.waiting.Load()
	return since != 0 && p.age()-since > int64(d) && p.idle(d) &&
		!p.writing.Load() && p.sent.Load() < backlog
}

// unanswered reports whether nothing was read since the connection had that age,
// when a ping left, although all that time the reader waited and nothing of ours
// was held back.
func (p *pulse) unanswered(age int64) bool {
	since := p.waiting.Load()
	return since != 0 && since <= age && p.heard.Load() < age && !p.writing.Load() && p.sent.Load() < backlog
}

func (o Options) unheard(conn net.Conn) bool { return o.Unheard != nil && o.Unheard(conn) }

func (o Options) silent() {
	if o.Silent != nil {
		o.Silent()
	}
}
