package tray

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// engine is an engine whose view the test sets; it writes down what is asked of
// it. Only what a tray calls is there.
type engine struct {
	api.API
	mu     sync.Mutex
	view   portolan.View
	moved  chan struct{}
	asked  []string
	synced time.Duration // how long a sync takes
	fail   error
}

func (e *engine) set(change func(*portolan.View)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.view)
	e.view.Revision++
	close(e.moved)
	e.moved = make(chan struct{})
}

func (e *engine) ask(what string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, what)
	return e.fail
}

func (e *engine) View(context.Context) (portolan.View, error) { return e.view, nil }

func (e *engine) Changes(ctx context.Context, since int64) (portolan.Changes, error) {
	for {
		e.mu.Lock()
		moved := e.moved
		if e.view.Revision != since {
			defer e.mu.Unlock()
			return portolan.Changes{Whole: true, Revision: e.view.Revision, Paused: e.view.Paused,
				Sources: slices.Clone(e.view.Sources), Forwards: slices.Clone(e.view.Forwards)}, nil
		}
		e.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return portolan.Changes{}, ctx.Err()
		}
	}
}

func (e *engine) Start(_ context.Context, sel api.Selection) ([]portolan.ForwardView, error) {
	return []portolan.ForwardView{faulty(forward("development", "db", portolan.PortBusy), "port 5432 is taken")},
		e.ask("start " + strings.Join(sel.Names, ",") + sel.Source + ":" + sel.Environment)
}

func (e *engine) Stop(_ context.Context, sel api.Selection) ([]portolan.ForwardView, error) {
	return nil, e.ask("stop " + strings.Join(sel.Names, ",") + sel.Source + ":" + sel.Environment)
}

func (e *engine) Sync(ctx context.Context, _ []string) ([]api.SyncResult, error) {
	time.Sleep(e.synced)
	return []api.SyncResult{{Rows: make([]portolan.Row, 3)}}, e.ask("sync")
}

func (e *engine) Pause(_ context.Context, on bool) error {
	if on {
		return e.ask("pause")
	}
	return e.ask("resume")
}

func (e *engine) Quit(context.Context) error { return e.ask("quit") }

// bed is a tray on paper.
type bed struct {
	*engine
	*paper
	said []string
}

// onPaper runs a tray on paper in a bubble of time.
func onPaper(t *testing.T, story func(*testing.T, *bed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bed{engine: &engine{moved: make(chan struct{})}, paper: newPaper()}
		b.engine.set(func(v *portolan.View) {
			v.Sources = []portolan.SourceView{source(portolan.SyncIdle, nil)}
			v.Sources[0].Status.LastSync = time.Now()
			v.Forwards = []portolan.ForwardView{forward("development", "shop", portolan.Ready), favourite(forward("development", "db", portolan.Off))}
		})
		note := func(what string) func(context.Context, string) error {
			return func(_ context.Context, text string) error { return b.ask(what + " " + text) }
		}
		tray := New(Deps{
			API: b.engine, Log: slog.New(slog.DiscardHandler), Means: all,
			Open: note("open"), Copy: note("copy"), Browse: note("browse"),
			Say: func(title, text string) {
				b.engine.mu.Lock()
				defer b.engine.mu.Unlock()
				b.said = append(b.said, title+"|"+text)
			},
			Dark: func() bool { return time.Now().Year() > 2000 },
		})
		tray.native, tray.menu.native = b.paper, b.paper
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { tray.first(ctx); tray.loop(ctx); close(ended) }()
		b.pass(time.Second)
		story(t, b)
		cancel()
		<-ended
	})
}

// pass lets time pass. What the test has read until then is not written meanwhile.
func (b *bed) pass(d time.Duration) {
	b.paper.mu.Lock()
	b.paper.mu.Unlock() //nolint:staticcheck // it only comes before what the tray writes next
	time.Sleep(d)
	synctest.Wait()
}

// TestClicks: each click is one call.
func TestClicks(t *testing.T) {
	onPaper(t, func(t *testing.T, b *bed) {
		for _, c := range []struct {
			line []string
			want string
		}{
			{[]string{"Open Portolan"}, "open "},
			{[]string{"Sync now"}, "sync"},
			{[]string{"db (dev)"}, "start developmentdb:"},
			{[]string{"development", "Start all"}, "start team:development"},
			{[]string{"development", "Stop all"}, "stop team:development"},
			{[]string{"development", "shop", "Stop"}, "stop developmentshop:"},
			{[]string{"development", "shop", "Copy"}, "copy 127.0.0.1:8080"},
			{[]string{"development", "shop", "Open in browser"}, "browse http://127.0.0.1:8080/"},
			{[]string{"Pause syncing"}, "pause"},
			{[]string{"Settings…"}, "open settings"},
			{[]string{"Quit"}, "quit"},
		} {
			b.click(c.line...)
			b.pass(time.Second)
			if got := strings.Join(b.asked, "; "); got != c.want {
				t.Errorf("%v asked for %q, want %q", c.line, got, c.want)
			}
			b.asked = nil
		}
	})
}

// TestFailedClick: what did not work is said.
func TestFailedClick(t *testing.T) {
	onPaper(t, func(t *testing.T, b *bed) {
		b.click("db (dev)")
		b.pass(time.Second)
		b.engine.mu.Lock()
		b.fail = errors.New("no")
		b.engine.mu.Unlock()
		b.click("Pause syncing")
		b.pass(time.Second)
		if got := strings.Join(b.said, "; "); got != "db is not up: port 5432 is taken|; no|" {
			t.Errorf("said %q", got)
		}
	})
}

// TestSyncing: the line is grey while a sync runs and then says what it brought;
// the arrows turn only where it takes long.
func TestSyncing(t *testing.T) {
	onPaper(t, func(t *testing.T, b *bed) {
		b.synced = 2 * time.Second
		b.click("Sync now")
		b.pass(100 * time.Millisecond)
		if line := b.find("Syncing…"); !line.item.Disabled || b.shown != "active false" {
			t.Errorf("at first: %+v, %s", line.item, b.shown)
		}
		var turns []string
		for range 9 {
			b.pass(turn)
			turns = append(turns, b.shown)
		}
		slices.Sort(turns)
		if got := strings.Join(slices.Compact(turns), ", "); got != "active false, syncing-1 false, syncing-2 false, syncing-3 false" {
			t.Errorf("the arrows turned through %s", got)
		}
		b.pass(time.Second)
		if line := b.find("Sync now · 3 changes"); line.item.Disabled || b.shown != "active false" {
			t.Errorf("at the end: %+v, %s", line.item, b.shown)
		}
		if got := strings.Join(b.asked, "; "); got != "sync" {
			t.Errorf("asked for %s", got)
		}
	})
}

// TestAging: "synced 2 min ago" becomes true by itself.
func TestAging(t *testing.T) {
	onPaper(t, func(t *testing.T, b *bed) {
		if b.tip != "1 of 2 forwards up · synced just now" {
			t.Errorf("tooltip %q", b.tip)
		}
		before := len(b.written())
		b.pass(3 * time.Minute)
		if b.tip != "1 of 2 forwards up · synced 3 min ago" {
			t.Errorf("tooltip %q", b.tip)
		}
		if wrote := len(b.written()) - before; wrote != 3 {
			t.Errorf("it wrote %d times in 3 minutes", wrote)
		}
	})
}

// TestBurst: many changes in a row are drawn a few times.
func TestBurst(t *testing.T) {
	onPaper(t, func(t *testing.T, b *bed) {
		before := len(b.written())
		for i := range 100 {
			b.engine.set(func(v *portolan.View) {
				v.Forwards[0].Status.Addresses = []string{"127.0.0.1:" + string(rune('0'+i%10))}
			})
			b.pass(time.Millisecond)
		}
		b.pass(time.Second)
		if wrote := len(b.written()) - before; wrote > 4 {
			t.Errorf("100 changes were written %d times", wrote)
		}
	})
}

// TestEveryGlyph has each state drawn, for dark and for light panels.
func TestEveryGlyph(t *testing.T) {
	for _, name := range []string{string(Idle), string(Active), "syncing-1", "syncing-2", "syncing-3", string(Attention), string(Offline), string(Paused)} {
		for _, dark := range []bool{false, true} {
			if len(picture(name, dark)) == 0 {
				t.Errorf("%s is empty", name)
			}
		}
	}
}
