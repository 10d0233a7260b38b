package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
)

// TestRaise holds that every open window is told, one that was closed counts as
// none, and what asks again is there for the next.
func TestRaise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := alone(t, t.TempDir(), engine.Config{OnDemand: true})
		raise := func(want bool) {
			t.Helper()
			synctest.Wait()
			if open, err := e.Raise(t.Context(), "settings"); err != nil || open != want {
				t.Errorf("some window is open: %v, %v; want %v", open, err, want)
			}
		}
		told := make(chan error)
		open := func(ctx context.Context) {
			go func() {
				page, err := e.Raised(ctx)
				if err == nil && page != "settings" {
					t.Errorf("asked to open %q", page)
				}
				told <- err
			}()
		}
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

// TestQuit holds that Quit closes the open windows, and one that asks a moment
// later, before it ends the program; that what merely ends it leaves them open; and
// that an engine that ends with its command refuses both.
func TestQuit(t *testing.T) {
	for name, end := range map[string]func(*engine.Engine) error{
		"quit":    func(e *engine.Engine) error { return e.Quit(t.Context()) },
		"stopped": func(e *engine.Engine) error { return e.Shutdown(t.Context()) },
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, quit := context.WithCancel(t.Context())
			defer quit()
			e := alone(t, t.TempDir(), engine.Config{OnDemand: true, Quit: quit})
			told := make(chan string)
			open := func() {
				_, err := e.Raised(ctx) // the server ends its calls so
				if errors.Is(err, context.Canceled) {
					told <- "stopped" // as which the server answers it
					return
				}
				told <- portolan.AsFault(err).Code
			}
			go open()
			synctest.Wait()
			if err := end(e); err != nil {
				t.Error(err)
			}
			go open()
			for range 2 {
				if got := <-told; got != name {
					t.Errorf("a window is told %q, want %q", got, name)
				}
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		e := alone(t, t.TempDir(), engine.Config{OnDemand: true})
		if err := e.Quit(t.Context()); portolan.AsFault(err).Code != "not-stoppable" {
			t.Error(err)
		}
	})
}
