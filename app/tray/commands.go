package tray

import (
	"context"
	"errors"
	"fmt"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// do does what a click asks for, and does not wait for it.
func (t *Tray) do(ctx context.Context, c Command) {
	if c.Verb == "" {
		return
	}
	if c.Verb == SyncNow {
		if syncing(t.look) {
			return
		}
		t.look.Syncing = true
	}
	ctx = portolan.WithPerson(ctx, portolan.Person{Say: func(text string) { t.Say("Portolan", text) }})
	t.clicks.Go(func() {
		var err error
		if c.Verb == SyncNow {
			err = t.sync(ctx)
		} else {
			err = t.carryOut(ctx, c)
		}
		if err == nil || errors.Is(err, context.Canceled) {
			return
		}
		fault := portolan.AsFault(err)
		t.Log.Warn("a click in the tray failed", "verb", string(c.Verb), "code", fault.Code, "error", fault.Message)
		t.Say(short(fault.Message, 2*problemWidth), short(fault.Hint, 4*problemWidth))
	})
}

func (t *Tray) carryOut(ctx context.Context, c Command) error {
	one := api.Selection{Names: []string{string(c.Forward)}}
	all := api.Selection{Source: c.Source, Environment: c.Environment}
	switch c.Verb {
	case Open:
		return t.Open(ctx, c.Text)
	case Start:
		return started(t.API.Start(ctx, one))
	case StartAll:
		return started(t.API.Start(ctx, all))
	case Stop:
		_, err := t.API.Stop(ctx, one)
		return err
	case StopAll:
		_, err := t.API.Stop(ctx, all)
		return err
	case Copy:
		return t.Copy(ctx, c.Text)
	case Browse:
		return t.Browse(ctx, c.Text)
	case Pause, Resume:
		return t.API.Pause(ctx, c.Verb == Pause)
	case Quit:
		return t.API.Quit(ctx)
	}
	return fmt.Errorf("there is no verb %q", c.Verb)
}

// started is the fault of the first forward that did not start, and the number of
// the others.
func started(forwards []portolan.ForwardView, err error) error {
	var first *portolan.Fault
	others := 0
	for _, f := range forwards {
		switch fault := f.Status.Fault; {
		case fault == nil:
		case first == nil:
			first = &portolan.Fault{Kind: fault.Kind, Code: fault.Code, Hint: fault.Hint,
				Message: fmt.Sprintf("%s is not up: %s", name(f), fault.Message)}
		default:
			others++
		}
	}
	switch {
	case err != nil || first == nil:
		return err
	case others > 0:
		first.Message += fmt.Sprintf("; %d more are not up", others)
	}
	return first
}

// sync syncs everything and hands on what it brought.
func (t *Tray) sync(ctx context.Context) error {
	results, err := t.API.Sync(ctx, nil)
	brought := summary(results, err)
	select {
	case t.synced <- brought:
	case <-ctx.Done():
	}
	return err
}

// summary is what a sync brought, in two words. A source's fault is in the view,
// where the menu finds it.
func summary(results []api.SyncResult, err error) string {
	if err != nil {
		return "failed"
	}
	rows := 0
	for _, r := range results {
		rows += len(r.Rows)
	}
	switch rows {
	case 0:
		return "nothing new"
	case 1:
		return "1 change"
	}
	return fmt.Sprintf("%d changes", rows)
}
