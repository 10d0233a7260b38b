package engine

import (
	"context"
	"sync"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// windows are the open ones: each is a call that waits for a summons.
type windows struct {
	mu   sync.Mutex
	open int
	next *summons // nil until a window waits
	quit bool     // they are to close, and those that ask later too
}

// summons is what all that wait are told at once. Its fields are valid once it is
// out.
type summons struct {
	out  chan struct{} // closed
	page string        // to open; "" is the one that is shown
	err  error
}

// enter counts one in and returns what it waits for.
func (w *windows) enter() *summons {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == nil {
		w.next = &summons{out: make(chan struct{})}
	}
	w.open++
	s := w.next
	if w.quit {
		w.send("", quitted())
	}
	return s
}

func (w *windows) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open--
}

// raise tells all that are open, and reports whether any is.
func (w *windows) raise(page string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == 0 {
		return false
	}
	w.send(page, nil)
	return true
}

// close ends all that are open, and those that ask until the engine has ended.
func (w *windows) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.quit = true
	if w.next != nil {
		w.send("", quitted())
	}
}

// send tells those that wait. The caller holds mu.
func (w *windows) send(page string, err error) {
	w.next.page, w.next.err = page, err
	close(w.next.out)
	w.next = &summons{out: make(chan struct{})}
}

func quitted() error {
	return &portolan.Fault{Kind: portolan.Unavailable, Code: "quit",
		Message: "Portolan was quit", Hint: "open it again to go on; what was started runs again then"}
}

// Raise implements [api.API].
func (e *Engine) Raise(ctx context.Context, page string) (bool, error) {
	if err := e.running(ctx); err != nil {
		return false, err
	}
	return e.windows.raise(page), nil
}

// Raised implements [api.API].
func (e *Engine) Raised(ctx context.Context) (string, error) {
	s := e.windows.enter()
	defer e.windows.leave()
	select {
	case <-s.out:
	case <-e.ended:
	case <-ctx.Done():
	}
	select {
	case <-s.out: // what ends with the engine was to close first
		return s.page, s.err
	default:
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return "", api.Stopped()
}
