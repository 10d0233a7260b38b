package forward

import (
	"context"
	"errors"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// portRetry is how often a taken port is tried again.
const portRetry = 2 * time.Second

// attempt is a try to listen that failed. It goes on until ctx ends.
type attempt struct {
	f      *forward
	spec   Spec
	err    error
	ctx    context.Context
	stop   context.CancelFunc
	reason chan struct{} // closed when the status says why
}

// listen opens the port, or returns the attempt that failed.
func (f *forward) listen(ctx context.Context, s Spec) *attempt {
	lns, err := listen(s.Host, s.Port)
	if s.Picked && errors.As(err, new(*takenError)) {
		lns, err = listen(s.Host, 0)
	}
	if err == nil {
		f.serve(ctx, lns)
		return nil
	}
	a := &attempt{f: f, spec: s, err: err, reason: make(chan struct{})}
	a.ctx, a.stop = context.WithCancel(ctx)
	f.mu.Lock()
	f.stop, f.reason = a.stop, a.reason
	f.mu.Unlock()
	a.say(conflict{spec: s, err: err})
	return a
}

// say puts what is known of the conflict into the status, unless the forward is
// meanwhile unwanted.
func (a *attempt) say(c conflict) {
	phase, fault := c.fault()
	a.f.setState(func(st *portolan.Status) {
		if a.ctx.Err() == nil {
			*st = portolan.Status{Phase: phase, Fault: fault}
		}
	})
}

// settle says all that can be found out, and goes on trying.
func (a *attempt) settle(c conflict) {
	a.say(c)
	close(a.reason)
	a.f.wg.Go(a.repeat)
}

// repeat tries until the port is free.
func (a *attempt) repeat() {
	defer a.stop()
	tick := time.NewTicker(portRetry)
	defer tick.Stop()
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-tick.C:
		}
		if lns, err := listen(a.spec.Host, a.spec.Port); err == nil {
			a.f.serve(a.ctx, lns)
			return
		}
	}
}

// holds is what the forward listens on, as others see it.
func (f *forward) holds() (in []Holder) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ln := range f.listeners {
		in = append(in, Holder{Address: addressOf(ln), Who: f.spec.Name + ", another forward of yours,"})
	}
	return in
}

// wantedPort is the port that the forward has or waits for, or 0.
func (f *forward) wantedPort() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.port != 0 {
		return f.port
	}
	return f.spec.Port
}
