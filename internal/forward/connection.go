package forward

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/portolan-app/portolan/internal/forward/mux"
	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	openTimeout = 15 * time.Second
	// maxTries bounds how often one connection is offered to a pod.
	maxTries = 5
	// waitStep is how often a held connection looks for a ready pod.
	waitStep = 250 * time.Millisecond
	// tornFor is how long a connection waits for a configuration that leads nowhere:
	// most programs write a kubeconfig in place, where it is half a file for a
	// moment.
	tornFor = 500 * time.Millisecond
	// lingering is how long a client may take to close after the pod has.
	lingering = 5 * time.Second
	// finHold is how long a client's end is kept from the pod while an answer is
	// outstanding and nothing moves. Runtimes close both directions one second
	// after either, which would cut the answer off.
	finHold = 30 * time.Second
	// settle is how long nothing must come from the pod after a client's end
	// before the exchange counts as over, where the system cannot say whether
	// the client still reads. Each that waits so keeps a session; of a crowd, hurried
	// is enough.
	settle  = time.Second
	hurried = 20 * time.Millisecond
	crowd   = 16
)

// connection is one local connection on its way to a pod.
type connection struct {
	f     *forward
	lane  *lane
	local *net.TCPConn
	inbox *inbox
	begun time.Time       // when it was accepted
	spent map[string]bool // UIDs of pods not to be tried again
	// turnedAway: one of them was there, with nobody listening on the port.
	turnedAway bool
	// inTurn: a server that rejected streams all at once is being asked again.
	inTurn bool
	ctx    context.Context // ends when the client aborts or the lane is drained
	cancel context.CancelFunc
}

func newConnection(f *forward, lane *lane, local *net.TCPConn) *connection {
	ctx, cancel := context.WithCancel(lane.ctx)
	return &connection{f: f, lane: lane, local: local, begun: time.Now(), inbox: newInbox(&f.traffic.sent), spent: map[string]bool{}, ctx: ctx, cancel: cancel}
}

// serve carries the connection from start to end.
func (c *connection) serve() {
	var filled sync.WaitGroup
	filled.Go(func() {
		c.inbox.fill(c.local)
		if c.inbox.aborted() {
			c.cancel()
		}
	})
	stop := context.AfterFunc(c.ctx, func() { reset(c.local) })
	defer func() {
		stop()
		c.cancel()
		_ = c.local.Close()
		c.inbox.waste() // fill may wait for room that nobody makes any more
		filled.Wait()
	}()
	c.lane.touch()
	c.f.follow(c.lane)
	for range maxTries {
		lease, backend, err := c.acquire()
		if err != nil {
			c.giveUp(err)
			return
		}
		end := c.carry(lease, backend)
		c.lane.touch()
		if !c.again(judge(end), end, backend) {
			return
		}
	}
	reset(c.local)
}

// giveUp says why in the status, and resets the client.
func (c *connection) giveUp(err error) {
	if c.ctx.Err() == nil && !errors.Is(err, errNobodyListens) {
		c.f.fail(c.lane, err)
	}
	reset(c.local)
}

// errNobodyListens is the end of a connection that one pod refused, where there
// is no other. The forward itself is up.
var errNobodyListens = errors.New("no other pod to try")

// again decides after the end of a pair whether the connection is offered to a
// pod once more, and else ends it.
func (c *connection) again(v verdict, end error, b portolan.Backend) bool {
	switch v {
	case finished:
		return false
	case refused:
		c.f.notice(c.lane, fmt.Sprintf("nothing listens on port %d in pod %s", b.Port, b.Pod))
		if c.turnedAway { // the second pod that says so
			reset(c.local)
			return false
		}
		c.turnedAway, c.spent[b.UID] = true, true
		c.lane.forget() // a pod that is about to go refuses too, and another is coming
	case undelivered:
		c.spent[b.UID] = true
		c.lane.up.pool.retire(b.UID)
		c.lane.forget()
	case unaccepted:
		if c.inTurn {
			reset(c.local)
			return false
		}
		c.inTurn = true
		c.lane.up.wait()
	case broken:
		if !errors.Is(end, mux.ErrLost) || !c.inbox.untouched() {
			c.f.cfg.Log.Debug("connection broke", "forward", c.f.id, "pod", b.String(), "error", end)
			reset(c.local)
			return false
		}
	}
	if c.ctx.Err() != nil || !c.inbox.rewind() {
		reset(c.local)
		return false
	}
	return true
}

// acquire finds a pod and a session to it. While the cluster has no ready pod or
// cannot be reached, it waits, as long as Config.Hold allows.
func (c *connection) acquire() (*lease, portolan.Backend, error) {
	ctx, cancel := context.WithTimeout(c.ctx, time.Duration(c.f.hold.Load()))
	defer cancel()
	c.f.connecting(c.lane)
	for began := time.Now(); ; {
		news, shaken := c.lane.heard(), c.lane.up.untilShaken()
		lease, backend, err := c.attempt(ctx)
		if err == nil {
			return lease, backend, nil
		}
		if cut(err) {
			return nil, backend, c.held(err)
		}
		f := portolan.AsFault(err)
		torn := c.lane.astray.Load() && time.Since(began) < tornFor
		if ctx.Err() == nil && f.Kind != portolan.Later && f.Code != portolan.CodePodGone && !torn {
			return nil, backend, err
		}
		if ctx.Err() == nil {
			c.f.fail(c.lane, err)
		}
		if !wait(ctx, max(waitStep, time.Until(f.Retry)), news, shaken) {
			return nil, backend, c.held(err)
		}
	}
}

// held is the fault of a connection that waited in vain.
func (c *connection) held(err error) error {
	if cut(err) {
		c.lane.turn <- struct{}{}
		defer func() { <-c.lane.turn }()
		if c.lane.err != nil {
			return c.lane.err
		}
		return &portolan.Fault{
			Kind: portolan.Later, Code: portolan.CodeClusterUnreachable,
			Message: "the cluster did not answer in time",
			Hint:    "check the network and the VPN",
		}
	}
	return err
}

// wait waits for d, or until one of the channels is closed, and reports whether ctx
// goes on.
func wait(ctx context.Context, d time.Duration, news, shaken <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-shaken:
	case <-timer.C:
	case <-news:
	}
	return true
}

// attempt is one look for a pod that has not turned the connection away.
func (c *connection) attempt(ctx context.Context) (*lease, portolan.Backend, error) {
	found, err := c.lane.resolve(ctx, false)
	if err != nil {
		return nil, portolan.Backend{}, err
	}
	pods := c.lane.inOrder(found.Pods)
	backend := pods[0]
	err = c.noneLeft(backend)
	for _, b := range pods {
		if c.spent[b.UID] {
			continue
		}
		var lease *lease
		if lease, err = c.lane.up.pool.acquire(ctx, b); err == nil {
			c.f.ready(c.lane, b, lease.leg, cmp.Or(found.Notice, c.lane.up.notice()))
			return lease, b, nil
		}
		backend = b
		c.lane.failed.Store(&failedDial{fault: portolan.AsFault(err), uid: b.UID})
		if !isFault(err, portolan.CodePodUnreachable) {
			break
		}
	}
	if isFault(err, portolan.CodePodGone) {
		c.lane.up.pool.retire(backend.UID)
		c.lane.forget()
	}
	return nil, backend, err
}

// noneLeft is why no pod is tried, where all are spent.
func (c *connection) noneLeft(b portolan.Backend) error {
	if c.turnedAway {
		return errNobodyListens
	}
	return &portolan.Fault{
		Kind: portolan.Later, Code: portolan.CodeNoReadyPod,
		Message: fmt.Sprintf("pod %s has gone, and no other is ready", b.Pod),
	}
}

// isFault reports whether err is a fault of that code.
func isFault(err error, code string) bool {
	var f *portolan.Fault
	return errors.As(err, &f) && f.Code == code
}

// carry runs the connection over one pair. It returns nil if the exchange ended
// in order, and gives the session back or closes it.
func (c *connection) carry(l *lease, b portolan.Backend) error {
	ctx, cancel := context.WithTimeout(c.ctx, openTimeout)
	runtime.Gosched() // fill has its turn: what the client has sent by now goes along
	pair, err := l.Open(ctx, b.Port, c.inbox.first())
	cancel()
	if err != nil {
		l.Close()
		return err
	}
	stop := context.AfterFunc(c.ctx, l.Close)
	defer stop()
	over := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if c.inbox.drain(pair) {
			c.finish(pair, over)
		}
	}()
	_, err = pair.WriteTo(&delivery{c: c})
	clean := err == nil && !c.inbox.outstanding() && !c.inbox.aborted()
	close(over)
	c.inbox.halt()
	if clean {
		pair.Reset()
	} else {
		l.Close()
	}
	<-ended
	c.lane.up.pool.release(l, clean)
	if err == nil {
		c.lane.refusal.Store(nil)
		c.linger()
	}
	return err
}

// delivery is the way of the pod's bytes to the client.
type delivery struct {
	c     *connection
	begun bool
}

func (d *delivery) Write(p []byte) (int, error) {
	c := d.c
	if !d.begun {
		d.begun = true
		c.f.traffic.firstByte.Store(max(1, time.Since(c.begun).Milliseconds()))
	}
	c.inbox.answered()
	c.f.traffic.received.Add(int64(len(p)))
	n, err := c.local.Write(p)
	c.inbox.handed()
	if err != nil {
		err = errAborted
	}
	return n, err
}

// errAborted is the end of a pair whose client went away.
var errAborted = errors.New("the client closed the connection")

// finish decides, after the client's end, when to end the pod's side. It returns
// when that is done, or when over is closed because the pod ended first.
func (c *connection) finish(pair mux.Pair, over <-chan struct{}) {
	for wait := hurried; ; wait = min(2*wait, time.Second) {
		quiet := settle
		if c.lane.live.Load() > crowd {
			quiet = hurried
		}
		closed, known := false, false
		if c.f.cfg.PeerClosed != nil {
			closed, known = c.f.cfg.PeerClosed(c.local)
		}
		silence, outstanding := c.inbox.silence(), c.inbox.outstanding()
		switch {
		case closed && !outstanding, !known && !outstanding && silence >= quiet:
			pair.Reset()
			return
		case closed, silence >= finHold:
			_ = pair.CloseWrite() // a dead session shows in receive
			return
		}
		select {
		case <-over:
			return
		case <-time.After(wait):
		}
	}
}

// linger passes the pod's end on and waits for the client to close too: closing
// first could destroy what it has not read yet.
func (c *connection) linger() {
	if c.local.CloseWrite() != nil {
		return
	}
	_ = c.local.SetReadDeadline(time.Now().Add(lingering))
	c.inbox.discard()
}
