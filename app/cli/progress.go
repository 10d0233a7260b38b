package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// during runs call and shows its progress, with the step that the engine reports.
func (p *program) during(ctx context.Context, client api.API, doing string, step func(portolan.View) string, call func() error) error {
	if !p.err.ansi {
		return call()
	}
	following, cancel := context.WithCancel(ctx)
	steps, followed := make(chan string), make(chan struct{})
	stop := p.progress(doing, steps)
	go func() {
		defer close(followed)
		_ = follow(following, client, nil, func(v portolan.View) bool { // a call that fails says so itself
			now := step(v)
			if v.Asking != "" {
				now = v.Asking // nothing goes on before it is done
			}
			select {
			case steps <- now:
			case <-following.Done():
			}
			return true
		})
	}()
	err := call()
	cancel()
	<-followed
	stop()
	return err
}

// noStep is for a call of which the engine reports no steps.
func noStep(portolan.View) string { return "" }

// progress shows on a terminal what is being done once it has taken more than a
// second, for how long, and the last of steps, which may be nil. The line is gone
// when stop returns, which may be called again. Without a terminal nothing is
// shown, and steps is not read.
func (p *program) progress(doing string, steps <-chan string) (stop func()) {
	if !p.err.ansi {
		return func() {}
	}
	ended, drawn := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(drawn)
		p.draw(ended, doing, steps)
	}()
	return sync.OnceFunc(func() {
		close(ended)
		<-drawn
	})
}

// draw keeps one line of the terminal up to date until ended is closed, and
// clears it.
func (p *program) draw(ended <-chan struct{}, doing string, steps <-chan string) {
	const quiet, again = time.Second, 200 * time.Millisecond
	const spinner = `|/-\`
	began := time.Now()
	redraw := time.NewTimer(quiet)
	defer redraw.Stop()
	step, shown := "", 0
	for {
		select {
		case <-ended:
			if shown > 0 {
				p.err.printf("\r\x1b[K")
			}
			return
		case step = <-steps:
		case <-redraw.C:
			line := fmt.Sprintf("%c %s", spinner[shown%len(spinner)], clean(doing))
			if step != "" {
				line += ": " + clean(step)
			}
			line += fmt.Sprintf(" (%d s)", int(time.Since(began).Seconds()))
			p.err.printf("\r\x1b[K%s", cut(line, p.err.width()-1))
			shown++
			redraw.Reset(again)
		}
	}
}

// follow calls see with the view now, at each change and, if again is not nil,
// whenever that fires, until see returns false or an error, that of ctx included,
// keeps it from asking on. The view's lists are good until see returns.
func follow(ctx context.Context, client api.API, again <-chan time.Time, see func(portolan.View) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, ended := make(chan portolan.Changes), make(chan struct{})
	var failed error // once ended is closed
	go func() {
		defer close(ended)
		failed = api.Follow(ctx, client, 0, changes)
	}()
	var view portolan.View
	for {
		select {
		case c := <-changes:
			view.Apply(c)
		case <-again:
			if view.Revision == 0 {
				continue // nothing to see yet
			}
		case <-ended:
			return failed
		}
		if !see(view) {
			cancel()
			<-ended
			return nil
		}
	}
}

// cut shortens a line to a number of columns.
func cut(line string, columns int) string {
	runes := []rune(line)
	if len(runes) <= columns || columns < 1 {
		return line
	}
	return string(runes[:columns-1]) + "…"
}
