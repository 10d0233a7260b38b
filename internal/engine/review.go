package engine

import (
	"context"
	"fmt"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
	"github.com/portolan-app/portolan/internal/store"
)

// Review implements [api.API].
func (e *Engine) Review(ctx context.Context, name string) (api.Review, error) {
	if err := e.running(ctx); err != nil {
		return api.Review{}, err
	}
	state := e.cfg.Store.State()
	review := api.Review{Source: name, Rows: []portolan.Row{}}
	if src := state.Source(name); src != nil && src.Waiting == nil {
		return review, nil
	}
	d, err := merge.Pending(&state, name, e.library.file, e.options())
	if err != nil {
		return review, err
	}
	waiting := state.Source(name).Waiting
	review.Commit, review.Since, review.Rows = waiting.Commit, waiting.At, visible(d.Rows)
	if d.Refused != nil {
		return review, d.Refused
	}
	return review, nil
}

// options are what a plan of this engine's needs.
func (e *Engine) options() merge.Options {
	return merge.Options{Now: e.cfg.Now(), NewID: newID}
}

// Approve implements [api.API].
func (e *Engine) Approve(ctx context.Context, name, sha string) (api.SyncResult, error) {
	if err := e.running(ctx); err != nil {
		return api.SyncResult{}, err
	}
	var taken source.Result
	err := e.cfg.Store.Update(func(tx *store.Tx) error {
		d, err := merge.Approve(tx.State, name, sha, e.library.file, e.options())
		if err == nil && d.Refused != nil {
			err = d.Refused
		}
		if err != nil {
			return err
		}
		d.Apply(tx.State)
		src := tx.State.Source(name)
		tx.AddRevision(src.Revision(e.cfg.Now(), ""))
		taken = source.Result{Commit: src.Base.Commit, Rows: d.Rows, Changed: len(d.Rows) > 0, Invalid: src.Base.Invalid()}
		return nil
	})
	if err != nil {
		return api.SyncResult{}, err
	}
	e.sourceChanged(taken)
	return syncResult(name, taken, nil), nil
}

// HoldSource implements [api.API].
func (e *Engine) HoldSource(ctx context.Context, name string) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	list, err := e.cfg.Store.Revisions(name)
	if err != nil {
		return err
	}
	var number uint64
	if len(list) > 0 {
		number = list[0].Number
	}
	return e.record("held "+name, func(s *portolan.State) error { return merge.Hold(s, name, number, e.cfg.Now()) })
}

// ResumeSource implements [api.API].
func (e *Engine) ResumeSource(ctx context.Context, name string) (api.SyncResult, error) {
	if err := e.running(ctx); err != nil {
		return api.SyncResult{}, err
	}
	if err := e.update(func(s *portolan.State) error { return merge.Resume(s, name) }); err != nil {
		return api.SyncResult{}, err
	}
	return e.syncOne(ctx, name, false), nil
}

// Restore implements [api.API].
func (e *Engine) Restore(ctx context.Context, name string, number uint64) (api.SyncResult, error) {
	if err := e.running(ctx); err != nil {
		return api.SyncResult{}, err
	}
	if _, err := e.shared(name); err != nil {
		return api.SyncResult{}, err
	}
	list, i, err := e.revision(name, number)
	if err != nil {
		return api.SyncResult{}, err
	}
	r := list[i]
	files := newLibrary(e.cfg.Store.Blob, e.cfg.Log).file
	var brought source.Result
	err = e.record(fmt.Sprintf("restored revision %d of %s (commit %.7s)", number, name, r.Commit.SHA), func(s *portolan.State) error {
		d, err := merge.Restore(s, r, files, e.options())
		if err != nil {
			return lostFiles(r, err)
		}
		d.Apply(s)
		brought = source.Result{Commit: r.Commit, Rows: d.Rows, Changed: len(d.Rows) > 0}
		return nil
	})
	if err != nil {
		return api.SyncResult{}, err
	}
	e.noteSync(brought)
	e.nudge(name) // to see what waits
	return syncResult(name, brought, nil), nil
}

// nudge asks for a sync of a source soon, if it is followed.
func (e *Engine) nudge(name string) {
	if f := e.crew.get(name); f != nil {
		f.Nudge()
	}
}
