package engine

import (
	"context"
	"sync"

	"github.com/portolan-app/portolan/internal/api"
)

// windows are the open ones: each is a call that waits to be asked to the front.
type windows struct {
	mu     sync.Mutex
	open   int
	raised chan struct{} // closed by the next raise; nil until a window waits
}

// enter counts one in and returns what tells it that it is asked for.
func (w *windows) enter() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.raised == nil {
		w.raised = make(chan struct{})
	}
	w.open++
	return w.raised
}

func (w *windows) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open--
}

// raise tells all that are open, and reports whether any is.
func (w *windows) raise() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == 0 {
		return false
	}
	close(w.raised)
	w.raised = make(chan struct{})
	return true
}

// Raise implements [api.API].
func (e *Engine) Raise(ctx context.Context) (bool, error) {
	if err := e.running(ctx); err != nil {
		return false, err
	}
	return e.windows.raise(), nil
}

// Raised implements [api.API].
func (e *Engine) Raised(ctx context.Context) error {
	raised := e.windows.enter()
	defer e.windows.leave()
	select {
	case <-raised:
		return nil
	case <-e.ended:
		return api.Stopped()
	case <-ctx.Done():
		return ctx.Err()
	}
}
