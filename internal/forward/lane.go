package forward

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// How long a look-up is good. A pod that goes is noticed earlier, by the dial.
const (
	foundFor   = 5 * time.Second
	missingFor = time.Second
)

// lane is the way to one target. When a forward's target changes it gets a new
// lane, and the connections on the old one are drained.
type lane struct {
	up     *upstream
	target portolan.Target
	ctx    context.Context
	cancel context.CancelFunc
	live   atomic.Int64              // connections
	used   atomic.Pointer[time.Time] // last use; nil = never
	// astray: the configuration leads to no cluster.
	astray atomic.Bool
	// failed is the last dial that failed.
	failed atomic.Pointer[failedDial]
	// refusal is what the last connection was told, if its port was closed.
	refusal atomic.Pointer[string]

	turn   chan struct{} // one look-up at a time; guards what follows
	asked  Cluster       // which one found
	found  portolan.Backends
	err    error
	until  time.Time
	sticky string // UID of the pod used last
}

// failedDial is the fault of a dial, and to which pod.
type failedDial struct {
	fault *portolan.Fault
	uid   string
}

func newLane(up *upstream, target portolan.Target) *lane {
	ctx, cancel := context.WithCancel(up.ctx)
	return &lane{up: up, target: target, ctx: ctx, cancel: cancel, turn: make(chan struct{}, 1)}
}

// drain ends the lane's connections after d.
func (l *lane) drain(d time.Duration) {
	if d == 0 || l.live.Load() == 0 {
		l.cancel()
		return
	}
	time.AfterFunc(d, l.cancel)
}

// touch notes that the lane is in use.
func (l *lane) touch() {
	now := time.Now()
	l.used.Store(&now)
}

// usedLately reports whether the lane was in use not long ago, whatever the
// machine's clock was set to since: the time is kept as it was read.
func (l *lane) usedLately() bool {
	at := l.used.Load()
	return at != nil && time.Since(*at) < refreshAfterUse
}

// undisproved reports whether a fault is that of a dial, and a look-up that finds
// these pods says nothing against it: it needs other rights, and reaches the
// cluster without the node of the pod.
func (l *lane) undisproved(f *portolan.Fault, found []portolan.Backend) bool {
	failed := l.failed.Load()
	if failed == nil || failed.fault != f {
		return false
	}
	switch f.Code {
	case portolan.CodeClusterUnreachable, portolan.CodeClusterSignIn, portolan.CodeNoReadyPod, portolan.CodePodGone:
		return false
	}
	return slices.ContainsFunc(found, func(b portolan.Backend) bool { return b.UID == failed.uid })
}

// notice is what the last connection was told, or else other.
func (l *lane) notice(other string) string {
	if refusal := l.refusal.Load(); refusal != nil {
		return *refusal
	}
	return other
}

// resolve finds the target's pods, the one used last first while it is there.
// Answers are shared for a short time, unless fresh is set or the configuration
// leads to another cluster now.
func (l *lane) resolve(ctx context.Context, fresh bool) (portolan.Backends, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return portolan.Backends{}, ctx.Err()
	}
	now := time.Now()
	cluster, err := l.up.cluster()
	l.astray.Store(err != nil)
	if err == nil && !fresh && cluster == l.asked && now.Before(l.until) {
		return l.found, l.err
	}
	l.asked = cluster
	if err == nil {
		var found portolan.Backends
		if found, err = cluster.Resolve(ctx, l.target); err == nil {
			l.found, l.err, l.until = l.prefer(found), nil, now.Add(foundFor)
			return l.found, nil
		}
	}
	if cut(err) {
		return portolan.Backends{}, err
	}
	l.found, l.err, l.until = portolan.Backends{}, err, now.Add(missingFor)
	return l.found, l.err
}

// cut reports whether an error is the end of a context and says nothing about the
// cluster. A deadline can pass below, at a socket, before ctx itself has ended.
func cut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// prefer puts the pod used last at the front.
func (l *lane) prefer(found portolan.Backends) portolan.Backends {
	for i, b := range found.Pods {
		if b.UID == l.sticky {
			copy(found.Pods[1:i+1], found.Pods[:i])
			found.Pods[0] = b
			return found
		}
	}
	l.sticky = found.Pods[0].UID
	return found
}

// forget makes the next resolve look again: a pod has turned out to be gone.
func (l *lane) forget() {
	l.turn <- struct{}{}
	l.until = time.Time{}
	<-l.turn
}
