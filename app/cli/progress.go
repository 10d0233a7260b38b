package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// during runs call and, once it takes more than a second, shows on a terminal
// what is being done, for how long, and the step that the engine reports. The
// line is gone when during returns. Without a terminal nothing is shown.
func (p *program) during(ctx context.Context, client api.API, doing string, step func(portolan.View) string, call func() error) error {
	if !p.err.ansi {
		return call()
	}
	ctx, cancel := context.WithCancel(ctx)
	steps := make(chan string)
	followed, drawn := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(followed)
		_ = follow(ctx, client, func(v portolan.View) bool {
			select {
			case steps <- step(v):
			case <-ctx.Done():
			}
			return true
		})
	}()
	go func() {
		defer close(drawn)
		p.draw(ctx, doing, steps)
	}()
	err := call()
	cancel()
	<-followed
	<-drawn
	return err
}

// draw keeps one line of the terminal up to date until ctx ends, and clears it.
func (p *program) draw(ctx context.Context, doing string, steps <-chan string) {
	const quiet, again = time.Second, 200 * time.Millisecond
	const spinner = `|/-\`
	began := time.Now()
	redraw := time.NewTimer(quiet)
	defer redraw.Stop()
	step, shown := "", 0
	for {
		select {
		case <-ctx.Done():
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

// follow calls see with the view now and at each change, until see returns false
// or an error, that of ctx included, keeps it from asking on.
func follow(ctx context.Context, client api.API, see func(portolan.View) bool) error {
	view, err := client.View(ctx)
	for err == nil && see(view) {
		view, err = client.Changes(ctx, view.Revision)
	}
	return err
}

// cut shortens a line to a number of columns.
func cut(line string, columns int) string {
	runes := []rune(line)
	if len(runes) <= columns || columns < 1 {
		return line
	}
	return string(runes[:columns-1]) + "…"
}
