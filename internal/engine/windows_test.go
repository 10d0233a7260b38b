package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/portolan-app/portolan/internal/engine"
)

// TestRaise holds that every open window is told, one that was closed counts as
// none, and what asks again is there for the next.
func TestRaise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := alone(t, t.TempDir(), engine.Config{OnDemand: true})
		raise := func(want bool) {
			t.Helper()
			synctest.Wait()
			if open, err := e.Raise(t.Context()); err != nil || open != want {
				t.Errorf("some window is open: %v, %v; want %v", open, err, want)
			}
		}
		told := make(chan error)
		open := func(ctx context.Context) { go func() { told <- e.Raised(ctx) }() }
		raise(false)

		open(t.Context())
		open(t.Context())
		raise(true)
		for range 2 {
			if err := <-told; err != nil {
				t.Error(err)
			}
		}
		raise(false)

		ctx, closed := context.WithCancel(t.Context())
		open(ctx)
		synctest.Wait()
		closed()
		if err := <-told; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		raise(false)

		open(t.Context())
		raise(true)
		if err := <-told; err != nil {
			t.Error(err)
		}
	})
}
