package forward

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/forward/mux"
	"github.com/portolan-app/portolan/internal/portolan"
)

// fakeSession is a session that does nothing but live and die.
type fakeSession struct {
	done chan struct{}
	once sync.Once
	used atomic.Bool // not reusable any more

	checked atomic.Bool
}

func (s *fakeSession) Open(context.Context, int, []byte) (mux.Pair, error) { return nil, mux.ErrLost }
func (s *fakeSession) Reusable() bool                                      { return !s.used.Load() }
func (s *fakeSession) Done() <-chan struct{}                               { return s.done }
func (s *fakeSession) Check(time.Duration)                                 { s.checked.Store(true) }
func (s *fakeSession) Close()                                              { s.once.Do(func() { close(s.done) }) }

// inPool runs a test in a bubble with a pool whose dials take a second, and
// checks that nothing is left of it.
func inPool(t *testing.T, test func(t *testing.T, p *pool, dials *atomic.Int64)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var (
			wg    sync.WaitGroup
			dials atomic.Int64
		)
		p := newPool(ctx, &wg, func(ctx context.Context, _ portolan.Backend) (mux.Session, string, error) {
			dials.Add(1)
			if !wait(ctx, time.Second, nil, nil) {
				return nil, "", ctx.Err()
			}
			return &fakeSession{done: make(chan struct{})}, portolan.WebSocket, nil
		})
		test(t, p, &dials)
		p.close()
		cancel()
		wg.Wait()
		if n := len(p.tokens); n != 0 {
			t.Errorf("%d sessions are still counted", n)
		}
	})
}

func take(t *testing.T, p *pool, uid string) *lease {
	t.Helper()
	l, err := p.acquire(t.Context(), portolan.Backend{UID: uid})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPoolKeepsOneSpareAfterTheFirstUse(t *testing.T) {
	inPool(t, func(t *testing.T, p *pool, dials *atomic.Int64) {
		first := take(t, p, "a")
		time.Sleep(2 * time.Second)
		if n := dials.Load(); n != 2 {
			t.Errorf("%d dials after the first use, want it and a spare", n)
		}
		start := time.Now()
		second := take(t, p, "a")
		if time.Since(start) != 0 {
			t.Error("the spare was not warm")
		}
		p.release(first, true)
		p.release(second, true)
		time.Sleep(idleFor + time.Minute)
		if n := len(p.tokens); n != 0 {
			t.Errorf("%d idle sessions have not expired", n)
		}
	})
}

func TestPoolReusesOnlyWhatIsFit(t *testing.T) {
	inPool(t, func(t *testing.T, p *pool, _ *atomic.Int64) {
		l := take(t, p, "a")
		time.Sleep(2 * time.Second)
		p.retire("a") // the spare
		p.release(l, true)
		if again := take(t, p, "a"); again != l {
			t.Error("a fit session was not reused")
		}
		p.retire("a")
		l.Session.(*fakeSession).used.Store(true)
		p.release(l, true)
		synctest.Wait()
		select {
		case <-l.Done():
		default:
			t.Error("an unfit session was kept")
		}
		if other := take(t, p, "b"); other.uid != "b" {
			t.Error("a pod inherited another's session")
		}
	})
}

func TestPoolForgetsDeadSessions(t *testing.T) {
	inPool(t, func(t *testing.T, p *pool, _ *atomic.Int64) {
		l := take(t, p, "a")
		time.Sleep(2 * time.Second)
		p.release(l, true)
		l.Close()
		synctest.Wait()
		for range 2 {
			if again := take(t, p, "a"); again == l {
				t.Error("a dead session was handed out")
			}
		}
	})
}

func TestPoolHasACap(t *testing.T) {
	inPool(t, func(t *testing.T, p *pool, _ *atomic.Int64) {
		var leases []*lease
		for range maxSessions {
			p.tokens <- struct{}{} // as if 256 were in use
		}
		start := time.Now()
		_, err := p.acquire(t.Context(), portolan.Backend{UID: "a"})
		if f := portolan.AsFault(err); f == nil || f.Code != "too-many-connections" || time.Since(start) != poolPatience {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		<-p.tokens
		leases = append(leases, take(t, p, "a"))

		// Who waits gets the place of one that would have gone idle.
		got := make(chan error)
		go func() {
			l, err := p.acquire(t.Context(), portolan.Backend{UID: "b"})
			if err == nil {
				p.release(l, false)
			}
			got <- err
		}()
		synctest.Wait()
		p.release(leases[0], true)
		if err := <-got; err != nil {
			t.Error(err)
		}
		for range maxSessions - 1 {
			<-p.tokens
		}
	})
}

func TestPoolGivesUpWithItsCaller(t *testing.T) {
	inPool(t, func(t *testing.T, p *pool, _ *atomic.Int64) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := p.acquire(ctx, portolan.Backend{UID: "a"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestPoolKeepsAsManySparesAsWereJustTaken(t *testing.T) {
	inPool(t, func(t *testing.T, p *pool, _ *atomic.Int64) {
		ready := func() int {
			p.mu.Lock()
			defer p.mu.Unlock()
			return len(p.idle["a"])
		}
		if ready() != 0 {
			t.Error("a spare before the first use")
		}
		p.release(take(t, p, "a"), false)
		time.Sleep(10 * time.Second)
		if n := ready(); n != 1 {
			t.Errorf("%d spares after one use", n)
		}
		for range 3 { // one after the other, seldom
			p.release(take(t, p, "a"), false)
			time.Sleep(10 * time.Second)
		}
		if n := ready(); n != 1 {
			t.Errorf("%d spares with a use now and then", n)
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if l, err := p.acquire(t.Context(), portolan.Backend{UID: "a"}); err == nil {
					p.release(l, false)
				}
			})
		}
		all.Wait()
		time.Sleep(10 * time.Second)
		if n := ready(); n != fewIdle {
			t.Errorf("%d spares after a burst, want %d", n, fewIdle)
		}
		time.Sleep(2 * time.Minute)
		if n := ready(); n != 0 {
			t.Errorf("%d spares are still there", n)
		}
		p.use("b")
		if len(p.uses) != 1 {
			t.Errorf("%d pods are remembered", len(p.uses))
		}
	})
}

func TestPoolChecksEverySession(t *testing.T) {
	inPool(t, func(t *testing.T, p *pool, _ *atomic.Int64) {
		alive := func() []*lease {
			p.mu.Lock()
			defer p.mu.Unlock()
			return slices.Collect(maps.Keys(p.all))
		}
		l := take(t, p, "a")
		time.Sleep(500 * time.Millisecond) // a spare is being dialled
		p.check()
		time.Sleep(5 * time.Second)
		if n := len(alive()); n != 2 {
			t.Errorf("%d sessions, want one in use and a spare", n)
		}
		for _, l := range alive() {
			if !l.Session.(*fakeSession).checked.Load() {
				t.Error("one was left out")
			}
		}
		p.release(l, false)
		synctest.Wait()
		if slices.Contains(alive(), l) {
			t.Error("one that has ended is still known")
		}
	})
}
