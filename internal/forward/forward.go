package forward

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Targets in use are watched, and resolved again every refreshInterval, until
// refreshAfterUse after the last use. A watch tells of changes, and the clock of a
// cluster that says nothing any more.
const (
	refreshInterval = 5 * time.Second
	refreshAfterUse = 10 * time.Minute
)

// forward is one forward of an engine.
type forward struct {
	id   portolan.ID
	cfg  *Config
	hold *atomic.Int64 // nanoseconds
	wg   *sync.WaitGroup

	mu        sync.Mutex
	spec      Spec
	listeners []net.Listener
	port      int                // that they listen on
	stop      context.CancelFunc // of a pending retry to listen
	reason    <-chan struct{}    // closed when the status says why it cannot listen
	lane      *lane
	status    portolan.Status
	publish   sync.Mutex // keeps reports in order
	probing   atomic.Bool

	traffic traffic
}

// traffic is what a forward has carried; see [portolan.Counters].
type traffic struct {
	live, total, sent, received atomic.Int64
	firstByte                   atomic.Int64 // milliseconds
}

// observed is the current status.
func (f *forward) observed() portolan.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current()
}

// current is the status, to hand out. The caller holds mu.
func (f *forward) current() portolan.Status {
	s := f.status
	s.Addresses = slices.Clone(s.Addresses)
	return s
}

// counters is what the forward has carried by now.
func (f *forward) counters() portolan.Counters {
	t := &f.traffic
	return portolan.Counters{
		ID: f.id, Live: int(t.live.Load()), Total: t.total.Load(), Sent: t.sent.Load(), Received: t.received.Load(),
		FirstByteMS: t.firstByte.Load(),
	}
}

// setState is the one door through which a status changes; it logs and reports.
func (f *forward) setState(change func(*portolan.Status)) {
	f.publish.Lock()
	defer f.publish.Unlock()
	f.mu.Lock()
	before := f.status
	change(&f.status)
	same := reflect.DeepEqual(before, f.status)
	after, name := f.current(), f.spec.Name
	f.mu.Unlock()
	if same {
		return
	}
	if before.Phase != after.Phase {
		attrs := []any{"forward", name, "phase", after.Phase}
		if after.Fault != nil {
			attrs = append(attrs, "fault", after.Fault.Code, "reason", after.Fault.Message)
		}
		f.cfg.Log.Info("forward changed", attrs...)
	}
	if f.cfg.Status != nil {
		f.cfg.Status(f.id, after)
	}
}

// listens reports whether a spec asks for an open port.
func listens(s Spec) bool { return s.Wanted && s.Unsupported == nil }

// keepsListener reports whether the open port, if there is one, serves s too.
func (f *forward) keepsListener(s Spec) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return listens(s) && s.Host == f.spec.Host && (s.Port == f.spec.Port || s.Port == f.port)
}

// apply makes s what is wanted, and returns the attempt to listen if it failed. The
// engine's lock serialises calls.
func (f *forward) apply(up *upstream, s Spec, drain time.Duration) *attempt {
	f.mu.Lock()
	old, lane := f.spec, f.lane
	f.mu.Unlock()
	if !listens(s) {
		f.unlisten()
		f.replaceLane(s, nil, drain)
		phase := portolan.Off
		if s.Unsupported != nil {
			phase = portolan.Unsupported
		}
		f.setState(func(st *portolan.Status) { *st = portolan.Status{Phase: phase, Fault: s.Unsupported} })
		return nil
	}
	keep := f.keepsListener(s) && f.open()
	if lane == nil || lane.target != s.Target || lane.up != up {
		f.replaceLane(s, newLane(up, s.Target), drain)
	} else if keep && reflect.DeepEqual(old, s) {
		return nil
	} else {
		f.replaceLane(s, lane, drain)
	}
	switch {
	case !keep:
		f.unlisten()
		return f.listen(up.ctx, s)
	case s.Held != nil || old.Held != nil || old.Target != s.Target:
		f.arm()
	}
	return nil
}

// replaceLane sets the spec and the way its connections go. Connections on
// another lane may go on for drain.
func (f *forward) replaceLane(s Spec, lane *lane, drain time.Duration) {
	f.mu.Lock()
	old := f.lane
	f.spec, f.lane = s, lane
	f.mu.Unlock()
	if old != nil && old != lane {
		old.drain(drain)
	}
}

// open reports whether the forward listens, or tries to.
func (f *forward) open() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.listeners) > 0 || f.stop != nil
}

// arm is the phase of a forward that listens and has not been used.
func (f *forward) arm() {
	f.setState(func(s *portolan.Status) {
		if len(f.listeners) == 0 {
			return // meanwhile unwanted
		}
		*s = portolan.Status{Phase: portolan.Listening}
		if f.spec.Held != nil {
			*s = portolan.Status{Phase: portolan.ChangedConfirm, Fault: f.spec.Held}
		}
		if f.spec.Picked && f.port != f.spec.Port {
			s.Notice = fmt.Sprintf("local port %d, which it had, is taken; now it has %d", f.spec.Port, f.port)
		}
		for _, ln := range f.listeners {
			s.Addresses = append(s.Addresses, ln.Addr().String())
		}
	})
}

// unlisten gives the port up, or stops trying to get it.
func (f *forward) unlisten() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop != nil {
		f.stop()
	}
	for _, ln := range f.listeners {
		_ = ln.Close()
	}
	f.listeners, f.port, f.stop, f.reason = nil, 0, nil, nil
}

// serve accepts on lns until they are closed, unless ctx has ended: unlisten,
// under the same lock, came first.
func (f *forward) serve(ctx context.Context, lns []net.Listener) {
	f.mu.Lock()
	if ctx.Err() != nil {
		f.mu.Unlock()
		closeAll(lns)
		return
	}
	f.stop, f.reason = nil, nil
	f.listeners, f.port = lns, lns[0].Addr().(*net.TCPAddr).Port
	port, picked := f.port, f.port != f.spec.Port
	f.mu.Unlock()
	f.arm()
	for _, ln := range lns {
		f.wg.Go(func() { f.accept(ln) })
	}
	if picked && f.cfg.Picked != nil {
		f.wg.Go(func() { f.cfg.Picked(f.id, port) })
	}
}

// accept hands each local connection to the lane of the moment.
func (f *forward) accept(ln net.Listener) {
	for pause := 5 * time.Millisecond; ; {
		conn, err := ln.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of file descriptors, or the client has gone already
			f.cfg.Log.Warn("cannot accept a connection", "address", ln.Addr(), "error", err)
			time.Sleep(pause)
			pause = min(2*pause, time.Second)
			continue
		}
		pause = 5 * time.Millisecond
		local := conn.(*net.TCPConn)
		f.mu.Lock()
		lane, held, port, name := f.lane, f.spec.Held, f.port, f.spec.Name
		if lane != nil && held == nil {
			lane.live.Add(1)
		}
		f.mu.Unlock()
		if lane == nil || held != nil {
			reset(local)
			continue
		}
		f.traffic.live.Add(1)
		f.wg.Go(func() {
			defer lane.live.Add(-1)
			defer f.traffic.live.Add(-1)
			if !f.admit(lane, name, local) {
				return
			}
			f.traffic.total.Add(1)
			if f.cfg.Accepted != nil { // a terminal that is held holds no connection
				f.wg.Go(func() { f.cfg.Accepted(f.id, port) })
			}
			newConnection(f, lane, local).serve()
		})
	}
}

// admit turns away the connections of other users of this machine: loopback is no
// boundary between them.
func (f *forward) admit(lane *lane, name string, local *net.TCPConn) bool {
	if f.cfg.Stranger == nil {
		return true
	}
	who := f.cfg.Stranger(local)
	if who == "" {
		return true
	}
	reset(local)
	text := "a connection of " + who + " was refused: other users of this machine are kept out (setting peers)"
	if last := lane.refusal.Load(); last == nil || *last != text { // a stranger shall not fill the log
		f.cfg.Log.Warn("a stranger was refused", "forward", name, "who", who)
	}
	f.notice(lane, text)
	return false
}

// reset closes a connection so that its client sees an error, not an end.
func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}
