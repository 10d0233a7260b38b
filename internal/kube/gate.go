package kube

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/portolan-app/portolan/internal/portolan"
)

// The API server exempts port-forwards from its own limits, so these are ours.
const (
	dialsInFlight  = 8
	dialsPerSecond = 20
	slowDial       = time.Second // from then on a dial is not counted among those in flight
	firstBackoff   = 250 * time.Millisecond
	longestBackoff = 8 * time.Second // less than a local connection waits
)

// gate limits and delays what is asked of one cluster.
type gate struct {
	slots chan struct{}
	limit *rate.Limiter

	mu    sync.Mutex
	doors map[string]*door // by UID, of pods that somebody dials or waits to dial
	whole outage
	pods  map[string]*outage // by UID, of those that the API server does not reach
}

// door is where those who want to dial one pod wait, so that they keep nobody else
// waiting.
type door struct {
	turns chan struct{}
	users int // that wait or dial
}

// outage is a failure that lasts; the zero value is none.
type outage struct {
	backoff time.Duration
	fault   *portolan.Fault // nil while all is well
}

// over reports whether it is time to try again.
func (o *outage) over(now time.Time) bool {
	return o.fault == nil || o.fault.Code != portolan.CodeClusterSignIn && now.After(o.fault.Retry)
}

// prolong notes one more failure and sets f.Retry. The fault that kept somebody out is
// no failure of its own, and others read it.
func (o *outage) prolong(f *portolan.Fault) {
	if f == o.fault {
		return
	}
	if o.fault != nil && time.Now().Before(o.fault.Retry) {
		f.Retry = o.fault.Retry // one outage, seen by several dials
		return
	}
	o.backoff = min(max(2*o.backoff, firstBackoff), longestBackoff)
	f.Retry = time.Now().Add(o.backoff/2 + rand.N(o.backoff/2+1)) //nolint:gosec // jitter
	o.fault = f
}

func newGate() *gate {
	return &gate{
		slots: make(chan struct{}, dialsInFlight),
		limit: rate.NewLimiter(dialsPerSecond, dialsInFlight),
		doors: map[string]*door{},
		pods:  map[string]*outage{},
	}
}

// enter waits for a turn to dial a pod; leave must follow. A dial that hangs gives its
// place to others after a moment: the pods of a node that is off would else hold all
// the places of the cluster.
func (g *gate) enter(ctx context.Context, uid string) (leave func(), err error) {
	if f := g.refusedPod(time.Now(), uid); f != nil {
		return nil, f
	}
	turns := g.approach(uid)
	defer func() {
		if err != nil {
			g.depart(uid)
		}
	}()
	if err := take(ctx, turns); err != nil {
		return nil, err
	}
	if err := g.slot(ctx, uid); err != nil {
		<-turns
		return nil, err
	}
	giveBack := sync.OnceFunc(func() { <-g.slots })
	slow := time.AfterFunc(slowDial, giveBack)
	return func() {
		slow.Stop()
		giveBack()
		<-turns
		g.depart(uid)
	}, nil
}

// slot waits for one of the cluster's slots.
func (g *gate) slot(ctx context.Context, uid string) error {
	if err := take(ctx, g.slots); err != nil {
		return err
	}
	err := error(context.DeadlineExceeded) // also where the wait would outlast ctx
	if g.limit.Wait(ctx) == nil {
		f := g.refusedPod(time.Now(), uid)
		if f == nil {
			return nil
		}
		err = f // another one has failed meanwhile
	}
	<-g.slots
	return err
}

// take waits for a place in places.
func take(ctx context.Context, places chan<- struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// approach returns the turns of a pod's door; depart must follow.
func (g *gate) approach(uid string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.doors[uid]
	if d == nil {
		d = &door{turns: make(chan struct{}, dialsInFlight)}
		g.doors[uid] = d
	}
	d.users++
	return d.turns
}

func (g *gate) depart(uid string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.doors[uid].users--; g.doors[uid].users == 0 {
		delete(g.doors, uid)
	}
}

// refused is the fault that keeps everybody out at now, or nil.
func (g *gate) refused(now time.Time) *portolan.Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.whole.over(now) {
		return nil
	}
	return g.whole.fault
}

// refusedPod is the fault that keeps out who wants to dial a pod at now, or nil.
func (g *gate) refusedPod(now time.Time, uid string) *portolan.Fault {
	if f := g.refused(now); f != nil {
		return f
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if o := g.pods[uid]; o != nil && !o.over(now) {
		return o.fault
	}
	return nil
}

// report notes how a request ended. A cluster that cannot be reached is left
// alone for a time that doubles, and a failed login until [gate.reset]: three
// hundred forwards must not open three hundred login pages. It sets f.Retry.
func (g *gate) report(f *portolan.Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case f == nil:
		g.whole = outage{}
	case f.Code == portolan.CodeClusterSignIn:
		g.whole.fault = f
	case f.Code == portolan.CodeClusterUnreachable:
		g.whole.prolong(f)
	}
}

// reportDial is report for a dial to a pod. A pod that the API server does not
// reach is left alone in the same way, and nobody else: the answer shows that the
// cluster is there.
func (g *gate) reportDial(uid string, f *portolan.Fault) {
	if f == nil || f.Code != portolan.CodePodUnreachable {
		g.report(f)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case f == nil:
		delete(g.pods, uid)
	case f.Code == portolan.CodePodUnreachable:
		g.forgetPods(time.Now())
		if g.pods[uid] == nil {
			g.pods[uid] = &outage{}
		}
		g.pods[uid].prolong(f)
	}
}

// forgetPods drops what nobody has asked for any more: such pods have gone. The
// caller holds mu.
func (g *gate) forgetPods(now time.Time) {
	maps.DeleteFunc(g.pods, func(_ string, o *outage) bool { return now.Sub(o.fault.Retry) > longestBackoff })
}

// resume forgets failures, but no failed login.
func (g *gate) resume() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.whole.fault; f == nil || f.Code != portolan.CodeClusterSignIn {
		g.whole = outage{}
	}
	clear(g.pods)
}

// reset forgets failures, and failed logins too.
func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.whole = outage{}
	clear(g.pods)
}
