package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// History implements [api.API].
func (e *Engine) History(ctx context.Context, source string, limit int) ([]api.Revision, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	state := e.cfg.Store.State()
	if source != "" && state.Source(source) == nil {
		return nil, merge.UnknownSource(&state, source)
	}
	history := []api.Revision{}
	files := newLibrary(e.cfg.Store.Blob, e.cfg.Log).file // old files are not worth keeping parsed
	for _, s := range state.Sources {
		if source != "" && s.Name != source {
			continue
		}
		list, err := e.cfg.Store.Revisions(s.Name)
		if err != nil {
			return nil, err
		}
		for i, r := range list[:min(len(list), limit)] {
			var before portolan.Revision
			if i+1 < len(list) {
				before = list[i+1]
			}
			history = append(history, revision(r, before, files))
		}
	}
	slices.SortFunc(history, func(a, b api.Revision) int { return cmp.Compare(b.Number, a.Number) })
	return history[:min(len(history), limit)], nil
}

// RevisionRows implements [api.API].
func (e *Engine) RevisionRows(ctx context.Context, source string, number uint64) ([]portolan.Row, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	list, err := e.cfg.Store.Revisions(source)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(r portolan.Revision) bool { return r.Number == number })
	if i < 0 {
		return nil, &portolan.Fault{Kind: portolan.Usage, Code: "revision-unknown",
			Message: fmt.Sprintf("%s has no revision %d", source, number), Hint: "see them with: portolan history " + source}
	}
	before, after := portolan.Revision{}, list[i]
	if i+1 < len(list) {
		before = list[i+1]
	}
	return merge.RevisionRows(before, after, newLibrary(e.cfg.Store.Blob, e.cfg.Log).file)
}

// revision sums up what a revision changed since the one before it.
func revision(r, before portolan.Revision, files merge.Files) api.Revision {
	sum := api.Revision{Number: r.Number, At: r.At, Source: r.Source, Commit: r.Commit}
	rows, err := merge.Compare(before.Files, r.Files, files)
	if err != nil {
		return sum // a file of the past is damaged; the revision itself is still worth a line
	}
	sum.Known = true
	for _, row := range rows {
		switch row.Action {
		case portolan.Added:
			sum.Added++
		case portolan.Updated:
			sum.Updated++
		case portolan.Deleted:
			sum.Deleted++
		}
	}
	for _, f := range r.Files {
		if f.Invalid != nil {
			sum.Invalid++
		}
	}
	return sum
}
