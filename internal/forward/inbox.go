package forward

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// aheadLimit is how much of a client's data is kept for another try. Where nothing
// need be kept any more, a client that sends much gets more room, so that it and the
// pod wait for each other less often. An inbox begins with little and grows as it is
// filled: most clients send a line.
const (
	aheadFirst = 2 << 10
	aheadLimit = 64 << 10
	flowLimit  = 256 << 10
)

// inbox holds what a local client has sent. Everything is kept until the pod
// answers or the inbox is full, so that it can be sent again to another pod
// while the first is proven not to have got it.
//
// One goroutine fills it and one at a time drains it.
type inbox struct {
	mu      sync.Mutex
	changed sync.Cond
	data    []byte
	sent    int
	certain bool // the pod has got data[:sent]: it need not be kept
	ended   bool // nothing more comes
	err     error
	halted  bool // the one who drains shall return
	writing bool // the one who drains is in a write
	handing bool // the client is being handed what the pod has sent, and may take its time
	wasted  bool // whatever else comes is thrown away

	counter *atomic.Int64 // counts all that comes

	lastUp, lastDown time.Time
}

func newInbox(counter *atomic.Int64) *inbox {
	b := &inbox{data: make([]byte, 0, aheadFirst), counter: counter}
	b.changed.L = &b.mu
	return b
}

// fill reads the client until it ends. It alone moves data, so that the space
// that it reads into stays where it is; what is being drained stays as it was.
func (b *inbox) fill(client io.Reader) {
	for {
		n, err := client.Read(b.room())
		b.counter.Add(int64(n))
		b.mu.Lock()
		b.data = b.data[:len(b.data)+n]
		if err != nil {
			b.ended = true
			if err != io.EOF {
				b.err = err
			}
		}
		b.changed.Broadcast()
		b.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// room waits for space to read into.
func (b *inbox) room() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit := aheadLimit
	if b.certain {
		limit = flowLimit
	}
	if len(b.data) == cap(b.data) && cap(b.data) < limit {
		b.data = append(make([]byte, 0, min(8*cap(b.data), limit)), b.data...)
	}
	for len(b.data) == cap(b.data) && b.sent < len(b.data) && !b.wasted {
		b.changed.Wait()
	}
	if b.wasted {
		b.sent = len(b.data)
	}
	if b.sent == len(b.data) && (b.certain || len(b.data) == cap(b.data)) {
		b.certain = true // what did not fit in here cannot be sent again
		b.data, b.sent = b.data[:0], 0
	}
	return b.data[len(b.data):cap(b.data)]
}

// first takes a copy of what is there for the opening of a pair.
func (b *inbox) first() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.halted = false
	p := bytes.Clone(b.data[b.sent:])
	b.sent = len(b.data)
	b.changed.Broadcast()
	if len(p) > 0 {
		b.lastUp = time.Now()
	}
	return p
}

// drain sends what comes until the client ends, or halt. It reports whether the
// client has ended in order.
func (b *inbox) drain(pod io.Writer) (ended bool) {
	for {
		b.mu.Lock()
		for b.sent == len(b.data) && !b.ended && !b.halted {
			b.changed.Wait()
		}
		p := b.data[b.sent:]
		if b.halted || b.err != nil || len(p) == 0 {
			defer b.mu.Unlock()
			return !b.halted && b.err == nil
		}
		began := time.Now()
		b.writing, b.lastUp = true, began
		b.mu.Unlock()
		_, err := pod.Write(p)
		b.mu.Lock()
		b.writing = false
		if b.lastDown.Before(began) { // a fast pod answers before the write returns
			b.lastUp = time.Now()
		}
		b.sent += len(p)
		b.changed.Broadcast()
		b.mu.Unlock()
		if err != nil {
			return false // whoever reads from the pod learns why
		}
	}
}

// halt makes drain return.
func (b *inbox) halt() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.halted = true
	b.changed.Broadcast()
}

// answered notes that the pod has sent something, which the client is handed until
// handed.
func (b *inbox) answered() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.certain, b.handing = true, true
	b.lastDown = time.Now()
}

// handed notes that the client has taken what the pod sent.
func (b *inbox) handed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handing = false
	b.lastDown = time.Now()
}

// outstanding reports whether the pod has not answered since the client last
// sent.
func (b *inbox) outstanding() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.writing || b.lastUp.After(b.lastDown)
}

// silence is how long nothing has gone either way. A client that is slow to take what
// there is for it is not silent.
func (b *inbox) silence() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.handing {
		return 0
	}
	last := b.lastUp
	if b.lastDown.After(last) {
		last = b.lastDown
	}
	return time.Since(last)
}

// rewind makes everything be sent again, and reports whether that is possible.
func (b *inbox) rewind() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.certain {
		return false
	}
	b.sent = 0
	b.lastUp, b.lastDown = time.Time{}, time.Time{}
	return true
}

// untouched reports whether nothing was sent to a pod.
func (b *inbox) untouched() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent == 0 && !b.certain
}

// waste throws away what is there and what still comes, so that fill waits for
// room no longer. Nobody may drain any more.
func (b *inbox) waste() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wasted = true
	b.changed.Broadcast()
}

// discard is waste, and returns when the client has ended.
func (b *inbox) discard() {
	b.waste()
	b.mu.Lock()
	defer b.mu.Unlock()
	for !b.ended {
		b.changed.Wait()
	}
}

// aborted reports whether the client broke the connection off.
func (b *inbox) aborted() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err != nil
}
