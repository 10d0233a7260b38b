package system

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// world is what a watch sees.
type world struct {
	mu      sync.Mutex
	slept   time.Duration
	set     time.Duration // by how much the clock was set
	network string
}

func (w *world) watch() watch {
	return watch{
		slept:   func() (d time.Duration) { w.now(func() { d = w.slept }); return d },
		clock:   func() (t time.Time) { w.now(func() { t = wallClock().Add(w.slept + w.set) }); return t },
		network: func() (s string) { w.now(func() { s = w.network }); return s },
	}
}

func (w *world) now(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

func TestUpsets(t *testing.T) {
	for name, test := range map[string]struct {
		happens func(*world)
		told    string // the beginning; "" = nothing
	}{
		"nothing":                {func(*world) {}, ""},
		"a long sleep":           {func(w *world) { w.slept += 8 * time.Hour }, "the machine has slept for 8h0m0s"},
		"a short sleep":          {func(w *world) { w.slept += 3 * time.Second }, "the machine has slept for 3s"},
		"a sleep, clock set":     {func(w *world) { w.slept += time.Hour; w.set -= 2 * time.Hour }, "the machine has slept for 1h0m0s"},
		"a sleep nobody tells":   {func(w *world) { w.set += time.Minute }, "nothing ran for 1m1s"},
		"the clock corrected":    {func(w *world) { w.set += 3 * time.Second }, ""},
		"the clock set back":     {func(w *world) { w.set -= time.Hour }, ""},
		"a VPN":                  {func(w *world) { w.network = "10.0.0.2/24 10.8.0.6/24 10.8.0.6" }, "the network is another"},
		"no network":             {func(w *world) { w.network = "" }, "the network is another"},
		"a sleep to another one": {func(w *world) { w.slept += time.Hour; w.network = "" }, "the machine has slept for 1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{network: "10.0.0.2/24 10.0.0.2"}
				ctx, stop := context.WithCancel(t.Context())
				var told []string
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					w.watch().run(ctx, func(why string) { w.now(func() { told = append(told, why) }) })
				}()
				time.Sleep(10500 * time.Millisecond)
				synctest.Wait()
				w.now(func() { test.happens(w) })
				time.Sleep(time.Second)
				synctest.Wait()
				w.now(func() {
					if got := strings.Join(told, ", "); got != test.told {
						t.Errorf("told %q, want %q", got, test.told)
					}
				})
				time.Sleep(time.Minute)
				stop()
				<-ended
				if len(told) > 1 {
					t.Errorf("told again: %q", told)
				}
			})
		})
	}
}

// What is read of this machine does not change by itself.
func TestThisMachineIsCalm(t *testing.T) {
	before, asleep := network(), slept()
	if strings.Contains(before, "127.0.0.1") || strings.Contains(before, "fe80:") {
		t.Errorf("the network is %q", before)
	}
	if again := network(); again != before {
		t.Errorf("it was %q, and is %q", before, again)
	}
	if more := slept() - asleep; more < -shortSleep/2 || more > shortSleep/2 {
		t.Errorf("slept for %v meanwhile", more)
	}
}

func BenchmarkLook(b *testing.B) {
	for b.Loop() {
		_, _, _ = slept(), wallClock(), network()
	}
}
