package kube

import (
	"context"
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
	firstBackoff   = 250 * time.Millisecond
	longestBackoff = 30 * time.Second
)

// gate limits and delays what is asked of one cluster.
type gate struct {
	slots chan struct{}
	limit *rate.Limiter

	mu      sync.Mutex
	backoff time.Duration
	fault   *portolan.Fault // of the whole cluster; nil while it works
}

func newGate() *gate {
	return &gate{
		slots: make(chan struct{}, dialsInFlight),
		limit: rate.NewLimiter(dialsPerSecond, dialsInFlight),
	}
}

// enter waits for a turn to dial; leave must follow.
func (g *gate) enter(ctx context.Context) error {
	if f := g.refused(time.Now()); f != nil {
		return f
	}
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := g.limit.Wait(ctx); err != nil {
		g.leave()
		return context.DeadlineExceeded // also where the wait would outlast ctx
	}
	if f := g.refused(time.Now()); f != nil { // another one has failed meanwhile
		g.leave()
		return f
	}
	return nil
}

func (g *gate) leave() { <-g.slots }

// refused is the fault that keeps everybody out at now, or nil.
func (g *gate) refused(now time.Time) *portolan.Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fault == nil || g.fault.Code != portolan.CodeClusterSignIn && now.After(g.fault.Retry) {
		return nil
	}
	return g.fault
}

// report notes how a request ended. A cluster that cannot be reached is left
// alone for a time that doubles, and a failed login until [gate.reset]: three
// hundred forwards must not open three hundred login pages. It sets f.Retry.
func (g *gate) report(f *portolan.Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case f == nil:
		g.fault, g.backoff = nil, 0
	case f.Code == portolan.CodeClusterSignIn:
		g.fault = f
	case f.Code == portolan.CodeClusterUnreachable:
		if g.fault != nil && time.Now().Before(g.fault.Retry) {
			f.Retry = g.fault.Retry // one outage, seen by several dials
			return
		}
		g.backoff = min(max(2*g.backoff, firstBackoff), longestBackoff)
		f.Retry = time.Now().Add(g.backoff/2 + rand.N(g.backoff/2+1)) //nolint:gosec // jitter
		g.fault = f
	}
}

func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault, g.backoff = nil, 0
}
