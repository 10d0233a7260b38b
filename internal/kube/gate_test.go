package kube

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

func unreachable() *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Later, Code: portolan.CodeClusterUnreachable, Message: "away"}
}

// must is the leave of an enter that was let in.
func must(leave func(), err error) func(*testing.T) func() {
	return func(t *testing.T) func() {
		t.Helper()
		check(t, err)
		return leave
	}
}

func TestGateLimitsDials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		start := time.Now()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				leave, err := g.enter(t.Context(), "a")
				if err != nil {
					t.Error(err)
					return
				}
				if n := len(g.slots); n > dialsInFlight {
					t.Errorf("%d dials in flight", n)
				}
				time.Sleep(time.Millisecond)
				leave()
			})
		}
		all.Wait()
		if took, least := time.Since(start), (100-dialsInFlight)*time.Second/dialsPerSecond; took < least {
			t.Errorf("100 dials took %v, want %v at least", took, least)
		}
	})
}

func TestGateEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		for range dialsInFlight {
			must(g.enter(t.Context(), "a"))(t)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.enter(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBackoffDoublesAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		last := time.Duration(0)
		for i := range 12 {
			f := unreachable()
			g.report(f)
			wait := time.Until(f.Retry)
			if wait < last/2 || wait > longestBackoff {
				t.Errorf("try %d waits %v after %v", i, wait, last)
			}
			if _, err := g.enter(t.Context(), "a"); portolan.AsFault(err) != f {
				t.Errorf("try %d was let in (%v)", i, err)
			}
			second := unreachable() // of a dial that was under way too
			g.report(second)
			if !second.Retry.Equal(f.Retry) {
				t.Errorf("one outage counted twice")
			}
			last = wait
			time.Sleep(wait + time.Millisecond)
			until := f.Retry
			g.report(f) // of somebody who was kept out by it
			if !f.Retry.Equal(until) || g.refused(time.Now()) != nil {
				t.Error("a fault that was told twice counts twice")
			}
		}
		if last < longestBackoff/2 {
			t.Errorf("the last wait is %v", last)
		}
		g.report(nil)
		f := unreachable()
		g.report(f)
		if wait := time.Until(f.Retry); wait > firstBackoff {
			t.Errorf("waits %v after a success", wait)
		}
	})
}

func TestFailedLoginKeepsEverybodyOutUntilReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		g.report(&portolan.Fault{Kind: portolan.SignIn, Code: portolan.CodeClusterSignIn})
		time.Sleep(time.Hour)
		if _, err := g.enter(t.Context(), "a"); err == nil {
			t.Error("let in without a login")
		}
		g.resume()
		if g.refusedPod(time.Now(), "a") == nil {
			t.Error("let in by another network")
		}
		g.reset()
		must(g.enter(t.Context(), "a"))(t)
	})
}

func TestAnotherNetworkEndsBackoffs(t *testing.T) {
	g := newGate()
	g.report(unreachable())
	g.reportDial("a", &portolan.Fault{Code: portolan.CodePodUnreachable})
	g.resume()
	if f := g.refusedPod(time.Now(), "a"); f != nil {
		t.Errorf("held for %v", f)
	}
}

func TestAPodOutOfReachHoldsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		for range 20 {
			f := &portolan.Fault{Kind: portolan.Later, Code: portolan.CodePodUnreachable}
			g.reportDial("a", f)
			if _, err := g.enter(t.Context(), "a"); portolan.AsFault(err) != f {
				t.Errorf("let in at once (%v)", err)
			}
			must(g.enter(t.Context(), "b"))(t)()
			g.reportDial("b", nil)
			if f := g.refused(time.Now()); f != nil {
				t.Errorf("the cluster is held for %v", f)
			}
			if wait := time.Until(f.Retry); wait > longestBackoff {
				t.Errorf("waits %v", wait)
			}
			time.Sleep(time.Until(f.Retry) + time.Millisecond)
		}
		time.Sleep(2 * longestBackoff)
		g.reportDial("c", &portolan.Fault{Code: portolan.CodePodUnreachable})
		if len(g.pods) != 1 {
			t.Errorf("%d pods are remembered", len(g.pods))
		}
	})
}

// Dials that hang, as to the pods of a node that is off, let others through after a
// moment; and one pod does not get ever more of them.
func TestDialsThatHangHoldNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var hanging sync.WaitGroup
		var inside atomic.Int64
		for range 100 {
			hanging.Go(func() {
				if leave, err := g.enter(ctx, "dead"); err == nil {
					inside.Add(1)
					<-ctx.Done()
					leave()
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		must(g.enter(t.Context(), "well"))(t)()
		if took := time.Since(start); took > slowDial {
			t.Errorf("a dial to another pod waited %v", took)
		}
		time.Sleep(upgradeTimeout)
		if n := inside.Load(); n != dialsInFlight {
			t.Errorf("%d dials hang at one pod", n)
		}
		start = time.Now()
		for range dialsInFlight {
			must(g.enter(t.Context(), "well"))(t)()
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("dials to another pod waited %v beside those that hang", took)
		}
		cancel()
		hanging.Wait()
		if len(g.slots) != 0 || len(g.doors) != 0 {
			t.Errorf("%d slots and %d doors are left", len(g.slots), len(g.doors))
		}
	})
}
