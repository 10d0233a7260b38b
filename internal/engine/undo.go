package engine

import (
	"context"
	"slices"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// undos is how many local changes can be taken back, one after the other.
const undos = 20

// deed is a local change that can be taken back while nothing else changed what
// it touched. Deeds are kept in memory: what a person did before a restart they
// did on purpose.
type deed struct {
	portolan.Undo
	reverse merge.Reverse
}

// record changes the stored state as a person wants it, brings everything in line
// with it, and keeps what takes the change back. The text is for the person.
func (e *Engine) record(text string, change func(*portolan.State) error) error {
	if err := e.recordOnly(change, func() string { return text }); err != nil {
		return err
	}
	return e.catchUp()
}

// recordOnly changes the stored state and keeps what takes the change back, if
// text, which is asked afterwards, says what it was. It holds refreshing, so that
// no older state can be taken for a conflict with the new deed.
func (e *Engine) recordOnly(change func(*portolan.State) error, text func() string) error {
	e.refreshing.Lock()
	defer e.refreshing.Unlock()
	var reverse merge.Reverse
	var what string
	err := e.cfg.Store.Update(func(tx *store.Tx) error {
		if err := change(tx.State); err != nil {
			return err
		}
		reverse, what = merge.ReverseOf(tx.Before, tx.State), text()
		return e.chronicle(tx, what)
	})
	if err != nil || reverse.IsZero() || what == "" {
		return err
	}
	done := deed{portolan.Undo{ID: string(newID()), At: e.cfg.Now(), Text: what}, reverse}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.deeds = append(e.deeds, done)
	e.deeds = slices.Delete(e.deeds, 0, max(0, len(e.deeds)-undos))
	return nil
}

// chronicle appends the revisions of what a person has done: of this machine's own
// entries, and of each source whose files in force are others now.
func (e *Engine) chronicle(tx *store.Tx, text string) error {
	rows, err := merge.LocalRows(tx.Before, tx.State)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		tx.AddRevision(portolan.Revision{At: e.cfg.Now(), Source: portolan.Mine, Text: text, Rows: rows})
	}
	for i := range tx.State.Sources {
		src := &tx.State.Sources[i]
		if was := tx.Before.Source(src.Name); was != nil && !merge.SameFiles(was.Base, src.Base) {
			tx.AddRevision(src.Revision(e.cfg.Now(), text))
		}
	}
	return nil
}

// undo is the newest deed that the state still allows to take back, or nil. Those
// after it are forgotten. The caller holds mu.
func (e *Engine) undo() *portolan.Undo {
	for i := len(e.deeds) - 1; i >= 0; i-- {
		if e.deeds[i].reverse.Fits(&e.state) {
			last := e.deeds[i].Undo
			return &last
		}
		e.deeds = e.deeds[:i]
	}
	return nil
}

// Undo implements [api.API].
func (e *Engine) Undo(ctx context.Context, id string) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	e.membership.Lock()
	defer e.membership.Unlock()
	was := e.cfg.Store.State()
	reverse, err := e.takeBack(id)
	if err != nil {
		return err
	}
	err = e.refresh()
	for _, name := range reverse.Sources() {
		e.follow(name)
	}
	is := e.cfg.Store.State()
	for _, s := range is.Sources {
		if old := was.Source(s.Name); old != nil && old.Held != nil && s.Held == nil {
			e.nudge(s.Name)
		}
	}
	return err
}

// takeBack takes back the newest deed, if it has that id.
func (e *Engine) takeBack(id string) (merge.Reverse, error) {
	e.refreshing.Lock()
	defer e.refreshing.Unlock()
	over := &portolan.Fault{Kind: portolan.Failed, Code: "undo-over",
		Message: "this can no longer be taken back: something else has changed since",
		Hint:    "see what can be with: portolan undo --dry-run"}
	e.mu.Lock()
	deeds := e.deeds
	e.mu.Unlock()
	last := len(deeds) - 1
	if last < 0 || deeds[last].ID != id {
		return merge.Reverse{}, over
	}
	err := e.cfg.Store.Update(func(tx *store.Tx) error {
		if !deeds[last].reverse.Fits(tx.State) {
			return over
		}
		deeds[last].reverse.Apply(tx.State)
		return e.chronicle(tx, "took back: "+deeds[last].Text)
	})
	if err != nil {
		return merge.Reverse{}, err
	}
	e.mu.Lock()
	e.deeds = e.deeds[:last] // only who holds refreshing changes them
	e.mu.Unlock()
	return deeds[last].reverse, nil
}
