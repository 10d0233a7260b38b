package forward

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// gather is how long the changes of one moment are collected: they come in bursts.
	gather = 50 * time.Millisecond
	// A watch that ends begins again after a time that doubles.
	firstRewatch   = 250 * time.Millisecond
	longestRewatch = 30 * time.Second
)

// follow has the cluster tell of changes as long as the lane is in use, and looks
// again when it does. What it is told is no fact: a look-up finds those. Calls after
// the first do nothing.
func (f *forward) follow(l *lane) {
	if l.followed.Swap(true) {
		return
	}
	ctx, cancel := context.WithCancel(l.way)
	nudge := make(chan struct{}, 1)
	f.wg.Go(func() {
		f.watch(ctx, l, nudge)
		l.followed.Store(false)
	})
	f.wg.Go(func() {
		defer cancel()
		f.heed(ctx, l, nudge)
	})
}

// heed looks again after each nudge, until nobody uses the lane any more.
func (f *forward) heed(ctx context.Context, l *lane, nudge <-chan struct{}) {
	use := time.NewTicker(time.Minute)
	defer use.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-use.C:
			if !l.usedLately() {
				return
			}
			continue
		case <-nudge:
		}
		if !wait(ctx, gather, nil, nil) {
			return
		}
		select {
		case <-nudge:
		default:
		}
		_ = f.probe(ctx, false) // the status has it
		l.tell()
	}
}

// watch watches until ctx ends, in one watch after the other.
func (f *forward) watch(ctx context.Context, l *lane, nudge chan<- struct{}) {
	changed := func() {
		select {
		case nudge <- struct{}{}:
		default: // the one before has not been heeded yet
		}
	}
	for pause := firstRewatch; ; pause = min(2*pause, longestRewatch) {
		shaken := l.up.untilShaken()
		if cluster, err := l.up.cluster(); err == nil {
			began := time.Now()
			err = cluster.Watch(ctx, l.target, changed)
			if time.Since(began) > longestRewatch {
				pause = firstRewatch
			}
			f.cfg.Log.Debug("a watch ended", "forward", f.id, "reason", err)
		}
		if !wait(ctx, pause/2+rand.N(pause/2), nil, shaken) { //nolint:gosec // jitter
			return
		}
	}
}

// heard is closed at the next change that the cluster tells of.
func (l *lane) heard() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.news
}

// tell lets the connections go on that wait for a change.
func (l *lane) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.news)
	l.news = make(chan struct{})
}
