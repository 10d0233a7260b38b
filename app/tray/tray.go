package tray

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Deps is what a tray works with.
type Deps struct {
	API   api.API
	Log   *slog.Logger
	Means Means

	// Open shows the window, at a page as in [api.API.Raise]; Copy and Browse use the clipboard and the browser.
	// Each is called only where Means has it.
	Open   func(ctx context.Context, page string) error
	Copy   func(ctx context.Context, text string) error
	Browse func(ctx context.Context, url string) error

	// Say tells the person what a click could not do. It returns at once.
	Say func(title, text string)

	// Dark reports whether the panel is dark. It is asked twice a minute.
	Dark func() bool

	// Unseen is called once where nothing on this system shows the icon. It
	// returns at once.
	Unseen func()
}

// Tray is the icon and its menu. A process has one.
type Tray struct {
	Deps
	native native

	menu  menu
	look  Look
	dark  bool
	drawn drawn

	changes chan portolan.Changes
	synced  chan string   // what a sync brought that was asked for here
	taps    chan struct{} // the icon itself was clicked
	clicks  sync.WaitGroup
}

// drawn is what the system was told last, and the turn of the arrows.
type drawn struct {
	state   State
	glyph   string
	dark    bool
	tooltip string
	frame   int
	sync    time.Time // since when a sync is under way; zero = none is
	turning *time.Ticker
}

// New returns a tray that [Tray.Run] shows.
func New(deps Deps) *Tray {
	return &Tray{Deps: deps, look: Look{Means: deps.Means},
		changes: make(chan portolan.Changes), synced: make(chan string), taps: make(chan struct{}, 1)}
}

// tap is called by the system when the icon itself is clicked.
func (t *Tray) tap() {
	select {
	case t.taps <- struct{}{}:
	default: // one that is not yet looked at is enough
	}
}

// first shows the icon and its menu for the first time.
func (t *Tray) first(ctx context.Context) {
	view, err := t.API.View(ctx)
	if err != nil {
		t.Log.Warn("the tray has no view yet", "error", err)
	}
	t.look.View, t.dark = view, t.Dark()
	t.drawn.turning = time.NewTicker(turn)
	t.draw()
}

const (
	gather = 200 * time.Millisecond // changes that come in a row are drawn at once
	turn   = 180 * time.Millisecond // of the arrows, by one frame
	frames = 3
	fresh  = 30 * time.Second       // how often "2 min ago" is looked at
	brief  = 500 * time.Millisecond // a sync that takes no longer turns no arrows
	retry  = time.Second            // before an engine is asked again that gave no answer
)

// loop keeps the icon and its menu like the engine's view until ctx ends, and
// does what is clicked.
func (t *Tray) loop(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { _ = api.Follow(ctx, t.API, retry, t.changes) })
	defer running.Wait()
	defer t.clicks.Wait()
	aging := time.NewTicker(fresh)
	defer aging.Stop()
	defer func() { t.drawn.turning.Stop() }()
	var due <-chan time.Time
	for {
		select {
		case c := <-t.changes:
			t.look.Apply(c)
			if due == nil {
				due = time.After(gather)
			}
		case t.look.Synced = <-t.synced:
			t.look.Syncing = false
			t.draw()
		case <-due:
			due = nil
			t.draw()
		case <-t.taps:
			t.do(ctx, Command{Verb: Open})
		case <-aging.C:
			t.dark = t.Dark()
			t.draw()
		case <-t.drawn.turning.C:
			t.drawn.frame = (t.drawn.frame + 1) % frames
			t.draw()
		case h := <-t.native.clicks():
			t.do(ctx, t.menu.clicked(h, time.Now()))
			t.draw()
		case <-ctx.Done():
			return
		}
	}
}

// draw tells the system what differs.
func (t *Tray) draw() {
	t.look.Now = time.Now()
	t.menu.show(Items(t.look), t.look.Now)
	if text := Tooltip(t.look); text != t.drawn.tooltip {
		t.native.tooltip(text)
		t.drawn.tooltip = text
	}
	t.drawGlyph()
}

// drawGlyph turns the arrows while a sync takes long; a poll in passing does not
// show.
func (t *Tray) drawGlyph() {
	state, d := StateOf(t.look), &t.drawn
	switch {
	case state != Syncing:
		d.sync = time.Time{}
		d.turning.Stop()
	case d.sync.IsZero():
		d.sync, d.frame = t.look.Now, 0
		d.turning.Reset(turn)
	}
	if state == Syncing && t.look.Now.Sub(d.sync) < brief && d.state != "" {
		state = d.state
	}
	d.state = state
	glyph := string(state)
	if state == Syncing {
		glyph = fmt.Sprintf("%s-%d", state, d.frame+1)
	}
	if glyph != d.glyph || t.dark != d.dark {
		t.native.glyph(glyph, t.dark)
		d.glyph, d.dark = glyph, t.dark
	}
}
