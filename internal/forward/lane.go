package forward

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// How long a look-up is good. A pod that goes is noticed earlier, by the watch or the
// dial.
const (
	foundFor   = 5 * time.Second
	missingFor = time.Second
)

// lane is the way to one target. When a forward's target changes it gets a new
// lane, and the connections on the old one are drained.
type lane struct {
	up     *upstream
	target portolan.Target
	ctx    context.Context // of its connections
	cancel context.CancelFunc
	way    context.Context // ends when no new connection takes it any more
	close  context.CancelFunc
	live   atomic.Int64              // connections
	used   atomic.Pointer[time.Time] // last use; nil = never
	// astray: the configuration leads to no cluster.
	astray atomic.Bool
	// failed is the last dial that failed.
	failed atomic.Pointer[failedDial]
	// refusal is what the last connection was told, if its port was closed.
	refusal atomic.Pointer[string]
	// followed: the lane's target is watched.
	followed atomic.Bool

	turn   chan struct{}   // one look-up at a time; guards what follows
	asked  Cluster         // which one found
	newest bool            // that was asked for
	shaken <-chan struct{} // closed when what follows is of another network
	found  portolan.Backends
	err    error
	until  time.Time

	mu     sync.Mutex
	news   chan struct{} // closed at the next change that the cluster tells of
	sticky string        // UID of the pod used last
	turns  int
	served map[string]int // the last turn of each pod, by UID
}

// failedDial is the fault of a dial, and to which pod.
type failedDial struct {
	fault *portolan.Fault
	uid   string
}

func newLane(up *upstream, target portolan.Target) *lane {
	ctx, cancel := context.WithCancel(up.ctx)
	way, closeWay := context.WithCancel(ctx)
	return &lane{
		up: up, target: target, ctx: ctx, cancel: cancel, way: way, close: closeWay,
		turn: make(chan struct{}, 1), news: make(chan struct{}),
	}
}

// drain ends the lane's connections after d.
func (l *lane) drain(d time.Duration) {
	l.close()
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

// usedLately reports whether the lane is in use or was not long ago, whatever the
// machine's clock was set to since: the time is kept as it was read.
func (l *lane) usedLately() bool {
	at := l.used.Load()
	return l.live.Load() > 0 || at != nil && time.Since(*at) < refreshAfterUse
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

// resolve finds the target's pods. Answers are shared for a short time, unless fresh
// is set or the configuration leads to another cluster now.
func (l *lane) resolve(ctx context.Context, fresh bool) (portolan.Backends, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return portolan.Backends{}, ctx.Err()
	}
	shaken := l.up.untilShaken()
	cluster, err := l.up.cluster()
	newest := l.up.choice() == portolan.PodNewest
	l.astray.Store(err != nil)
	if err == nil && !fresh && cluster == l.asked && newest == l.newest && shaken == l.shaken && time.Now().Before(l.until) {
		return l.found, l.err
	}
	now := time.Now()
	var found portolan.Backends
	switch {
	case err != nil:
	case newest:
		found, err = cluster.Newest(ctx, l.target)
	default:
		found, err = cluster.Resolve(ctx, l.target)
	}
	if cut(err) {
		return portolan.Backends{}, err
	}
	if err == nil || isFault(err, portolan.CodeNoReadyPod) {
		l.part(found.Pods)
	}
	l.asked, l.newest, l.shaken = cluster, newest, shaken
	l.found, l.err, l.until = found, err, now.Add(foundFor)
	if err != nil {
		l.until = now.Add(missingFor)
	}
	return found, err
}

// part gives up what was kept ready to pods that are not among those any more. The
// caller has the turn.
func (l *lane) part(pods []portolan.Backend) {
	for _, old := range l.found.Pods {
		if !slices.ContainsFunc(pods, func(b portolan.Backend) bool { return b.UID == old.UID }) {
			l.up.pool.retire(old.UID)
		}
	}
}

// cut reports whether an error is the end of a context and says nothing about the
// cluster. A deadline can pass below, at a socket, before ctx itself has ended.
func cut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// inOrder is the pods in the order in which a new connection tries them.
func (l *lane) inOrder(pods []portolan.Backend) []portolan.Backend {
	l.mu.Lock()
	defer l.mu.Unlock()
	pods = slices.Clone(pods)
	switch l.up.choice() {
	case portolan.PodNewest:
	case portolan.PodRoundRobin: // whose turn is longest ago; a new pod had none
		slices.SortStableFunc(pods, func(a, b portolan.Backend) int { return cmp.Compare(l.served[a.UID], l.served[b.UID]) })
		served := map[string]int{}
		for _, b := range pods {
			served[b.UID] = l.served[b.UID]
		}
		l.turns++
		served[pods[0].UID] = l.turns
		l.served = served
	default:
		slices.SortStableFunc(pods, func(a, b portolan.Backend) int { return cmp.Compare(l.rank(a), l.rank(b)) })
		l.sticky = pods[0].UID
	}
	return pods
}

// rank is 0 for the pod used last and 1 for any other.
func (l *lane) rank(b portolan.Backend) int {
	if b.UID == l.sticky {
		return 0
	}
	return 1
}

// forget makes the next resolve look again: a pod has turned out to be gone.
func (l *lane) forget() {
	l.turn <- struct{}{}
	l.until = time.Time{}
	<-l.turn
}
