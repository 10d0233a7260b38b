package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// History implements [api.API].
func (e *Engine) History(ctx context.Context, source string, limit int) ([]api.Revision, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	names, err := e.historyOf(source)
	if err != nil {
		return nil, err
	}
	history := []api.Revision{}
	files := newLibrary(e.cfg.Store.Blob, e.cfg.Log).file // old files are not worth keeping parsed
	for _, name := range names {
		list, err := e.cfg.Store.Revisions(name)
		if err != nil {
			return nil, err
		}
		for i, r := range list[:min(len(list), limit)] {
			history = append(history, summary(r, before(list, i), files))
		}
	}
	slices.SortFunc(history, func(a, b api.Revision) int { return cmp.Compare(b.Number, a.Number) })
	return history[:min(len(history), limit)], nil
}

// historyOf names what has revisions: one source, or all for "".
func (e *Engine) historyOf(source string) ([]string, error) {
	state := e.cfg.Store.Peek()
	if source == portolan.Mine || state.Source(source) != nil {
		return []string{source}, nil
	}
	if source != "" {
		return nil, merge.UnknownSource(state, source)
	}
	names := []string{portolan.Mine}
	for _, s := range state.Sources {
		names = append(names, s.Name)
	}
	return names, nil
}

// before is the revision that list[i] followed; the zero one is that there was
// nothing.
func before(list []portolan.Revision, i int) portolan.Revision {
	if i+1 < len(list) {
		return list[i+1]
	}
	return portolan.Revision{}
}

// RevisionRows implements [api.API].
func (e *Engine) RevisionRows(ctx context.Context, source string, number uint64) ([]portolan.Row, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	list, i, err := e.revision(source, number)
	if err != nil {
		return nil, err
	}
	rows, err := revisionRows(list[i], before(list, i), newLibrary(e.cfg.Store.Blob, e.cfg.Log).file)
	return rows, lostFiles(list[i], err)
}

// revisionRows is what a revision changed since the one before it.
func revisionRows(r, before portolan.Revision, files merge.Files) ([]portolan.Row, error) {
	if r.Source == portolan.Mine {
		return r.Rows, nil
	}
	return merge.RevisionRows(before, r, files)
}

// Diff implements [api.API].
func (e *Engine) Diff(ctx context.Context, q api.DiffQuery) ([]portolan.Row, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	src, err := e.shared(q.Source)
	if err != nil {
		return nil, err
	}
	var from portolan.Revision
	to := src.Revision(e.cfg.Now(), "")
	for _, side := range []struct {
		number uint64
		r      *portolan.Revision
	}{{q.From, &from}, {q.To, &to}} {
		if side.number == 0 {
			continue
		}
		list, i, err := e.revision(q.Source, side.number)
		if err != nil {
			return nil, err
		}
		*side.r = list[i]
	}
	rows, err := merge.RevisionRows(from, to, newLibrary(e.cfg.Store.Blob, e.cfg.Log).file)
	return rows, lostFiles(from, err)
}

// shared is a source that has files.
func (e *Engine) shared(name string) (*portolan.Source, error) {
	if name == portolan.Mine {
		return nil, &portolan.Fault{Kind: portolan.Usage, Code: "revision-mine",
			Message: "changes of your own can neither be compared nor restored: each holds only what it changed",
			Hint:    "take the last ones back with: portolan undo"}
	}
	state := e.cfg.Store.Peek()
	if src := state.Source(name); src != nil {
		return src, nil
	}
	return nil, merge.UnknownSource(state, name)
}

// revision finds a revision in the list of its source's.
func (e *Engine) revision(source string, number uint64) (list []portolan.Revision, i int, err error) {
	if _, err = e.historyOf(source); err != nil {
		return nil, 0, err
	}
	if list, err = e.cfg.Store.Revisions(source); err != nil {
		return nil, 0, err
	}
	i = slices.IndexFunc(list, func(r portolan.Revision) bool { return r.Number == number })
	if i < 0 {
		return nil, 0, &portolan.Fault{Kind: portolan.Usage, Code: "revision-unknown",
			Message: fmt.Sprintf("%s has no revision %d", source, number), Hint: "see them with: portolan history " + source}
	}
	return list, i, nil
}

// lostFiles says of a revision whose file the store has lost that it is over: no
// sync reads it again.
func lostFiles(r portolan.Revision, err error) error {
	if !store.IsLost(err) {
		return err
	}
	return &portolan.Fault{Kind: portolan.Failed, Code: "revision-lost",
		Message: fmt.Sprintf("a file of revision %d of %s is lost: %v", r.Number, r.Source, err), Hint: "other revisions are not affected: portolan history " + r.Source}
}

// summary sums up what a revision changed since the one before it.
func summary(r, before portolan.Revision, files merge.Files) api.Revision {
	sum := api.Revision{Number: r.Number, At: r.At, Source: r.Source, Text: r.Text, Commit: r.Commit}
	rows, err := revisionRows(r, before, files)
	if err != nil {
		return sum // a file of the past is damaged; the revision itself is still worth a line
	}
	sum.Known = true
	for _, row := range rows {
		switch {
		case row.Kind != "forward":
		case row.Action == portolan.Added:
			sum.Added++
		case row.Action == portolan.Updated, row.Action == portolan.Renamed:
			sum.Updated++
		case row.Action == portolan.Deleted:
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
