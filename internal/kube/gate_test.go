package kube

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

func unreachable() *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Later, Code: portolan.CodeClusterUnreachable, Message: "away"}
}

func TestGateLimitsDials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		start := time.Now()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if err := g.enter(t.Context(), "a"); err != nil {
					t.Error(err)
					return
				}
				if n := len(g.slots); n > dialsInFlight {
					t.Errorf("%d dials in flight", n)
				}
				time.Sleep(time.Millisecond)
				g.leave()
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
			check(t, g.enter(t.Context(), "a"))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.enter(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
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
			if err := g.enter(t.Context(), "a"); portolan.AsFault(err) != f {
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
		if g.enter(t.Context(), "a") == nil {
			t.Error("let in without a login")
		}
		g.resume()
		if g.refusedPod(time.Now(), "a") == nil {
			t.Error("let in by another network")
		}
		g.reset()
		check(t, g.enter(t.Context(), "a"))
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
			if err := g.enter(t.Context(), "a"); portolan.AsFault(err) != f {
				t.Errorf("let in at once (%v)", err)
			}
			check(t, g.enter(t.Context(), "b"))
			g.leave()
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
