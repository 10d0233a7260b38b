package source_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

const unlockIt = "unlock your keyring"

func locked() error {
	return &portolan.Fault{Kind: portolan.Failed, Code: "keychain-locked", Message: "the keyring is locked"}
}

// lockedBench is a follower whose token is in a locked keychain. It opens for a
// person, and stays so.
func lockedBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, portolan.SourceConfig{})
	b.host.commit(map[string]string{"dev.json": list(entry("api", 80))})
	open := false
	b.host.token = func(ctx context.Context) error {
		if p, ok := portolan.PersonOf(ctx); ok && !open {
			p.Say(unlockIt)
			open = true
		}
		if !open {
			time.Sleep(time.Second) // in which somebody may come
			return locked()
		}
		return nil
	}
	return b
}

// TestLockedKeychainWaitsForAPerson holds that a timer asks nobody, and seldom, and
// that who asks for a sync is told what to do.
func TestLockedKeychainWaitsForAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := lockedBench(t)
		b.run(t)
		time.Sleep(2 * time.Second)
		if s := b.status(); s.Phase != portolan.SyncStalled || s.Fault == nil || s.Fault.Code != "keychain-locked" || s.Next.IsZero() {
			t.Fatalf("%+v", s)
		}
		b.host.taken()
		time.Sleep(time.Hour)
		if n := len(b.host.taken()); n < 10 || n > 14 {
			t.Errorf("%d attempts in an hour", n)
		}
		if _, err := b.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(b.statuses, func(s portolan.SourceStatus) bool { return s.Step == unlockIt }) {
			t.Error("nobody was told to unlock it")
		}
	})
}

// TestWhoAddsASourceIsAsked holds it for somebody who comes during the first sync.
func TestWhoAddsASourceIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := lockedBench(t)
		b.run(t)
		synctest.Wait()
		if result, err := b.Sync(t.Context()); err != nil || len(result.Rows) != 1 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// TestPersonLeaves holds that a prompt is given up when the last of those who wait
// has gone, and not before.
func TestPersonLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		asked, gaveUp := make(chan struct{}, 2), make(chan struct{}, 2) // who comes late is served by a sync of their own
		b.host.set(func() {
			b.host.token = func(ctx context.Context) error {
				if p, ok := portolan.PersonOf(ctx); ok {
					asked <- struct{}{}
					<-p.Left
					gaveUp <- struct{}{}
				}
				return locked()
			}
		})
		ctx, leave := context.WithCancel(t.Context())
		both := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := b.Sync(ctx)
				both <- err
			}()
		}
		<-asked
		leave()
		<-gaveUp
		for range 2 {
			if err := <-both; !errors.Is(err, context.Canceled) {
				t.Errorf("Sync = %v", err)
			}
		}
		synctest.Wait()
		if s := b.status(); s.Phase != portolan.SyncStalled {
			t.Errorf("%+v", s)
		}
	})
}
