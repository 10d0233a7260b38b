package forward

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// changingCluster has one pod, or none where its name is "".
type changingCluster struct {
	Cluster
	pod     atomic.Value
	watches atomic.Int64 // that are under way
	changed atomic.Value // of the watch
}

func (c *changingCluster) Resolve(context.Context, portolan.Target) (portolan.Backends, error) {
	pod := c.pod.Load().(string)
	if pod == "" {
		return portolan.Backends{}, &portolan.Fault{Kind: portolan.Later, Code: portolan.CodeNoReadyPod, Retry: time.Now().Add(time.Hour)}
	}
	return portolan.Backends{Pods: []portolan.Backend{{Pod: pod, UID: pod}}}, nil
}

func (c *changingCluster) Watch(ctx context.Context, _ portolan.Target, changed func()) error {
	c.watches.Add(1)
	defer c.watches.Add(-1)
	c.changed.Store(changed)
	changed()
	<-ctx.Done()
	return ctx.Err()
}

func (c *changingCluster) is(pod string) {
	c.pod.Store(pod)
	c.changed.Load().(func())()
}

// following runs test with a forward whose lane is followed.
func following(t *testing.T, test func(t *testing.T, c *changingCluster, f *forward, l *lane)) {
	t.Helper()
	inPool(t, func(t *testing.T, p *pool, _ *atomic.Int64) {
		c := &changingCluster{}
		c.pod.Store("one")
		cfg := &Config{Clusters: func(string) (Cluster, error) { return c, nil }, Log: slog.New(slog.DiscardHandler)}
		up := newUpstream(p.ctx, "dev", cfg, p.wg)
		up.pool = p
		l := newLane(up, portolan.Target{})
		f := &forward{id: "f", cfg: cfg, wg: p.wg, lane: l, listeners: []net.Listener{nil}}
		l.touch()
		f.follow(l)
		f.follow(l)
		synctest.Wait()
		if n := c.watches.Load(); n != 1 {
			t.Errorf("%d watches of one lane", n)
		}
		test(t, c, f, l)
		l.cancel()
	})
}

// TestWatchLastsAsLongAsItsUse holds that a lane is watched until ten minutes after
// its last use, and again with the next.
func TestWatchLastsAsLongAsItsUse(t *testing.T) {
	following(t, func(t *testing.T, c *changingCluster, f *forward, l *lane) {
		l.live.Add(1)
		time.Sleep(time.Hour)
		if c.watches.Load() != 1 {
			t.Error("it is not watched while a connection lives")
		}
		l.live.Add(-1)
		l.touch()
		time.Sleep(refreshAfterUse - time.Minute)
		if c.watches.Load() != 1 {
			t.Error("it is not watched nine minutes after its use")
		}
		time.Sleep(3 * time.Minute)
		if c.watches.Load() != 0 {
			t.Error("it is watched although nobody uses it")
		}
		l.touch()
		if !f.stale() {
			t.Error("it is not looked at although it is in use")
		}
		synctest.Wait()
		if c.watches.Load() != 1 {
			t.Error("it is not watched again")
		}
		l.drain(time.Hour)
		synctest.Wait()
		if c.watches.Load() != 0 {
			t.Error("a lane is watched that no connection takes any more")
		}
	})
}

// TestChangeIsSeenAtOnce holds that what waits for a pod goes on with it, long before
// it would ask by itself, and that the look-up after a change closes what was kept
// ready to a pod that is gone.
func TestChangeIsSeenAtOnce(t *testing.T) {
	following(t, func(t *testing.T, c *changingCluster, f *forward, l *lane) {
		time.Sleep(time.Second) // the look-up at the beginning of the watch
		held := take(t, l.up.pool, "one")
		l.up.pool.release(held, true)
		c.is("two")
		time.Sleep(2 * gather)
		select {
		case <-held.Done():
		default:
			t.Error("a spare of a pod that is gone is kept")
		}
		c.is("")
		time.Sleep(2 * gather)
		if s := f.observed(); s.Phase != portolan.Waiting {
			t.Errorf("the status is %+v", s)
		}
		news := l.heard()
		began := time.Now()
		go func() {
			time.Sleep(time.Minute)
			c.is("three")
		}()
		wait(t.Context(), time.Hour, news, nil)
		if took := time.Since(began) - time.Minute; took < 0 || took > 2*gather {
			t.Errorf("a connection that waits hears of the pod %v after it", took)
		}
		if found, err := l.resolve(t.Context(), false); err != nil || found.Pods[0].Pod != "three" {
			t.Errorf("it finds %v, %v", found.Pods, err)
		}
	})
}

// TestWatchThatDoesNotLastIsTriedLessAndLess holds the number of tries where a proxy
// cuts each watch off.
func TestWatchThatDoesNotLastIsTriedLessAndLess(t *testing.T) {
	inPool(t, func(t *testing.T, p *pool, _ *atomic.Int64) {
		c := &cuttingCluster{}
		cfg := &Config{Clusters: func(string) (Cluster, error) { return c, nil }, Log: slog.New(slog.DiscardHandler)}
		up := newUpstream(p.ctx, "dev", cfg, p.wg)
		l := newLane(up, portolan.Target{})
		f := &forward{id: "f", cfg: cfg, wg: p.wg, lane: l, listeners: []net.Listener{nil}}
		l.live.Add(1)
		f.follow(l)
		time.Sleep(time.Hour)
		if n := c.watches.Load(); n < 100 || n > 300 {
			t.Errorf("%d watches in an hour", n)
		}
		l.cancel()
	})
}

// cuttingCluster ends each watch at once.
type cuttingCluster struct {
	anyCluster
	watches atomic.Int64
}

func (c *cuttingCluster) Watch(_ context.Context, _ portolan.Target, changed func()) error {
	c.watches.Add(1)
	changed()
	return context.DeadlineExceeded
}
