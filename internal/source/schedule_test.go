package source_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
)

// heads counts the polls in a span.
func (b *bench) heads(span time.Duration) (n int) {
	b.host.taken()
	time.Sleep(span)
	synctest.Wait()
	for _, call := range b.host.taken() {
		if call == "head" {
			n++
		}
	}
	return n
}

// TestPaused: while syncing is paused no timer asks, and who asks is served; a
// nudge afterwards starts the timer anew.
func TestPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, portolan.SourceConfig{})
		b.host.commit(map[string]string{"dev.json": list(entry("api", 80))})
		b.paused.Store(true)
		b.run(t)
		synctest.Wait()
		if got := b.heads(time.Hour); got != 0 {
			t.Errorf("%d polls before anybody asked", got)
		}
		if result, err := b.Sync(t.Context()); err != nil || len(result.Rows) != 1 {
			t.Errorf("%+v, %v", result, err)
		}
		if got := b.heads(time.Hour); got != 0 {
			t.Errorf("%d polls after somebody asked", got)
		}
		b.paused.Store(false)
		b.Nudge()
		if got := b.heads(10 * time.Minute); got < 9 || got > 12 {
			t.Errorf("%d polls in ten minutes after it was resumed", got)
		}
		b.paused.Store(true)
		if got := b.heads(time.Hour); got != 0 {
			t.Errorf("%d polls after it was paused again", got)
		}
	})
}

// TestWake: what fell due in sleep, or waits for a host that could not be reached, is
// done at once; a rest that nothing has ended goes on.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, portolan.SourceConfig{Interval: portolan.Duration(time.Hour)})
		b.host.commit(map[string]string{"dev.json": list(entry("api", 80))})
		b.run(t)
		synctest.Wait()
		wake := func(what string, want int) {
			t.Helper()
			b.Wake()
			if got := b.heads(time.Second); got != want {
				t.Errorf("%s: %d polls, want %d", what, got, want)
			}
		}
		wake("a short sleep", 0)
		b.slept.Store(int64(8 * time.Hour))
		b.paused.Store(true)
		wake("a long one, paused", 0)
		b.paused.Store(false)
		wake("a long one", 1)
		wake("and another network", 0)

		b.host.set(func() {
			b.host.fail = &portolan.Fault{Kind: portolan.Later, Code: "github-unreachable", Message: "no network"}
		})
		_, _ = b.Sync(t.Context())
		b.host.set(func() { b.host.fail = nil })
		wake("the network is back", 1)
		limited := &portolan.Fault{Kind: portolan.Later, Code: "github-limit", Message: "slowly", Retry: time.Now().Add(24 * time.Hour)}
		b.host.set(func() { b.host.fail = limited })
		_, _ = b.Sync(t.Context())
		wake("the host has named a time", 0)
	})
}

// The status has what the host last told of its quota, and keeps it.
func TestQuotaInTheStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, portolan.SourceConfig{})
		b.host.commit(map[string]string{"dev.json": list(entry("api", 80))})
		want := portolan.Quota{Left: 41, Limit: 60, Reset: time.Now().Add(time.Hour)}
		for _, told := range []portolan.Quota{want, {}} {
			b.host.set(func() { b.host.quota = told })
			if told == want {
				b.run(t)
			}
			if _, err := b.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if got := b.status().Quota; got != want {
				t.Errorf("told %+v: %+v", told, got)
			}
		}
	})
}

// TestLook holds that a look finds what the first sync brings, bounded and read
// alike, and that a refusal comes with nothing.
func TestLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		h.commit(map[string]string{"dev.json": list(entry("api", 80)), "bad.json": "[", "notes.txt": "x"})
		cfg := source.Config{Remote: func(portolan.SourceConfig) (source.Remote, error) { return h, nil }, Log: slog.New(slog.DiscardHandler)}
		settings := portolan.SourceConfig{Name: "team", Repo: portolan.Repository{Host: "github.com", Owner: "team", Name: "forwards"}}
		got, err := source.Look(t.Context(), cfg, settings)
		if err != nil || got.Repo.ID != 7 || len(got.Files) != 2 || len(got.Rows) != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		if got.Rows[0].Action != portolan.Invalid || got.Rows[1].Action != portolan.Added {
			t.Errorf("%+v", got.Rows)
		}
		settings.OnInvalid = portolan.FailInvalid
		if _, err := source.Look(t.Context(), cfg, settings); portolan.AsFault(err) == nil || portolan.AsFault(err).Code != "invalid-files" {
			t.Errorf("got %v", err)
		}
		settings.Timeout = portolan.Duration(time.Second)
		h.set(func() { h.latency = time.Minute })
		if _, err := source.Look(t.Context(), cfg, settings); portolan.AsFault(err) == nil || portolan.AsFault(err).Code != "sync-timeout" {
			t.Errorf("got %v", err)
		}
	})
}

func TestInterval(t *testing.T) {
	cases := []struct {
		name       string
		config     portolan.SourceConfig
		authorized bool
		span       time.Duration
		least      int
		most       int
	}{
		{"with a token", portolan.SourceConfig{}, true, 10 * time.Minute, 9, 11},
		{"without", portolan.SourceConfig{}, false, 150 * time.Minute, 9, 11},
		{"chosen", portolan.SourceConfig{Interval: portolan.Duration(5 * time.Minute)}, true, 50 * time.Minute, 9, 11},
		{"not under 10 s", portolan.SourceConfig{Interval: portolan.Duration(time.Second)}, true, 100 * time.Second, 9, 11},
		{"not under 2 min without a token", portolan.SourceConfig{Interval: portolan.Duration(time.Second)}, false, 20 * time.Minute, 9, 11},
		{"pinned", portolan.SourceConfig{Ref: strings.Repeat("a", 40)}, true, 24 * time.Hour, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, c.config)
				b.authorized = c.authorized
				b.host.commit(map[string]string{"dev.json": list(entry("api", 80))})
				b.host.trees[strings.Repeat("a", 40)] = b.host.trees[b.host.head]
				b.run(t)
				synctest.Wait()
				if got := b.heads(c.span); got < c.least || got > c.most {
					t.Errorf("%d polls in %s, want %d to %d", got, c.span, c.least, c.most)
				}
				if s := b.status(); s.Next.IsZero() != (c.most == 0) || s.Fault != nil {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestIntervalCountsFromTheEnd has syncs that take longer than the interval.
func TestIntervalCountsFromTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.set(func() { b.host.latency = 90 * time.Second })
		if got := b.heads(25 * time.Minute); got < 9 || got > 11 {
			t.Errorf("%d polls of 90 s each in 25 min", got)
		}
	})
}

func TestJitterSpreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		seen := map[time.Duration]bool{}
		for range 20 {
			if _, _, err := b.sync(t); err != nil {
				t.Fatal(err)
			}
			wait := time.Until(b.status().Next)
			if wait < 54*time.Second || wait > 66*time.Second {
				t.Errorf("the next sync is in %s", wait)
			}
			seen[wait.Round(time.Millisecond)] = true
		}
		if len(seen) < 10 {
			t.Errorf("only %d different waits", len(seen))
		}
	})
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.set(func() { b.host.fail = &portolan.Fault{Kind: portolan.Later, Code: "github-unavailable"} })
		b.Nudge()
		for _, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 900, 900} {
			synctest.Wait()
			s := b.status()
			wait := time.Until(s.Next)
			if s.Phase != portolan.SyncWaiting || wait < want*time.Second*9/10 || wait > want*time.Second*11/10 || !s.Fault.Retry.Equal(s.Next) {
				t.Fatalf("waits %s, want about %ds: %+v", wait, want, s)
			}
			time.Sleep(wait)
		}
		b.Nudge() // a click begins anew
		synctest.Wait()
		if wait := time.Until(b.status().Next); wait > 6*time.Second {
			t.Errorf("after a nudge it waits %s", wait)
		}
		b.host.set(func() { b.host.fail = nil })
		time.Sleep(7 * time.Second)
		if s := b.status(); s.Phase != portolan.SyncIdle || s.Fault != nil {
			t.Errorf("%+v", s)
		}
	})
}

func TestFaultsDecideWhatComesNext(t *testing.T) {
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	cases := []struct {
		name  string
		fault func() *portolan.Fault
		phase portolan.SyncPhase
		next  time.Duration // at least; 0 = never
	}{
		{"bad token", func() *portolan.Fault {
			return &portolan.Fault{Kind: portolan.SignIn, Code: "github-unauthorized"}
		}, portolan.SyncStalled, 54 * time.Minute},
		{"not found", func() *portolan.Fault {
			return &portolan.Fault{Kind: portolan.Failed, Code: "github-not-found"}
		}, portolan.SyncStalled, 54 * time.Minute},
		{"emptied", func() *portolan.Fault {
			return &portolan.Fault{Kind: portolan.Failed, Code: "github-empty"}
		}, portolan.SyncStalled, 54 * time.Minute},
		{"network", func() *portolan.Fault {
			return &portolan.Fault{Kind: portolan.Later, Code: "network-dns"}
		}, portolan.SyncWaiting, 4500 * time.Millisecond},
		{"sign-in page", func() *portolan.Fault {
			return &portolan.Fault{Kind: portolan.Later, Code: "captive-portal"}
		}, portolan.SyncWaiting, 4500 * time.Millisecond},
		{"limit", func() *portolan.Fault {
			return &portolan.Fault{Kind: portolan.Later, Code: "github-limit", Retry: in(20 * time.Minute)}
		}, portolan.SyncWaiting, 20 * time.Minute},
		{"replaced", func() *portolan.Fault {
			return &portolan.Fault{Kind: portolan.Failed, Code: "github-replaced"}
		}, portolan.SyncStalled, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := started(t, portolan.SourceConfig{})
				before := b.source().Base.Commit.SHA
				b.host.set(func() { b.host.fail = c.fault() })
				if _, _, err := b.sync(t); portolan.AsFault(err).Code != c.fault().Code {
					t.Fatal(err)
				}
				s := b.status()
				if s.Phase != c.phase || b.source().Base.Commit.SHA != before {
					t.Errorf("%+v", s)
				}
				if c.next == 0 {
					if !s.Next.IsZero() {
						t.Errorf("it would try again at %s", s.Next)
					}
					return
				}
				wait := time.Until(s.Next)
				if wait < c.next || wait > c.next*5/4 {
					t.Errorf("it waits %s, want about %s", wait, c.next)
				}
				b.host.set(func() { b.host.fail = nil }) // and it recovers by itself
				want := b.host.commit(map[string]string{"dev.json": list(entry("api", 81))})
				time.Sleep(wait + time.Second)
				if s := b.status(); s.Phase != portolan.SyncIdle || s.Fault != nil || b.source().Base.Commit.SHA != want {
					t.Errorf("then it is %+v", s)
				}
			})
		})
	}
}

func TestTimeoutOfAWholeSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.set(func() { b.host.latency = time.Hour })
		begin := time.Now()
		_, _, err := b.sync(t)
		if f := portolan.AsFault(err); f == nil || f.Code != "sync-timeout" || time.Since(begin) != 2*time.Minute {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
	})
}

func TestIdentityIsComparedDaily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{Interval: portolan.Duration(time.Hour)})
		b.host.taken()
		time.Sleep(50 * time.Hour)
		compared := strings.Count(strings.Join(b.host.taken(), " "), "repository")
		if compared != 2 {
			t.Errorf("compared %d times in 50 hours", compared)
		}
	})
}
