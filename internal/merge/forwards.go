package merge

import (
	"maps"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Forwards lists everything in force: what appears of each source's entries in the
// order of the sources, then by environment, file and position in the file, entries
// that a policy kept after the others; at the end the local-only ones in their order,
// whose key is the alias where it is unique in its environment, else the id.
// The error is from files, or an edit that does not fit its entry.
func Forwards(s *portolan.State, files Files) ([]portolan.Forward, error) {
	var all []portolan.Forward
	for i := range s.Sources {
		src := &s.Sources[i]
		inv, err := take(src, src.Base, files)
		if err != nil {
			return nil, err
		}
		all = slices.Grow(all, len(inv.items)+len(s.Mine))
		for _, it := range inv.items {
			if it.id == "" || !src.Shows(it.env) {
				continue // without an id no sync has met it; the next one gives it one
			}
			f, err := forward(s, src.Name, it, inv.protected[it.env])
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
	}
	own, err := ofThisMachine(s)
	return append(all, own...), err
}

// ofThisMachine lists the forwards of the local-only entries.
func ofThisMachine(s *portolan.State) ([]portolan.Forward, error) {
	aliases := map[place]int{}
	for _, m := range s.Mine {
		aliases[place{m.Environment, m.Entry.Alias}]++
	}
	var own []portolan.Forward
	for _, m := range s.Mine {
		key := place{m.Environment, m.Entry.Alias}
		if key.key == "" || aliases[key] > 1 {
			key.key = string(m.ID)
		}
		f, err := forward(s, portolan.Mine, item{place: key, id: m.ID, entry: m.Entry}, false)
		if err != nil {
			return nil, err
		}
		own = append(own, f)
	}
	return own, nil
}

// Touched names the forwards that differ, or may, between two states that have
// the same entries in force: those whose edit differs, or what this machine knows
// of them. Ok is false where the states differ in the sources, whether these are
// paused, the local-only entries or the consents: that may change any row. Nor is
// it true where they differ in edits while a commit waits, which would overrule
// these.
func Touched(before, after *portolan.State) (ids []portolan.ID, ok bool) {
	if !slices.EqualFunc(before.Sources, after.Sources, portolan.Source.Equal) ||
		!slices.EqualFunc(before.Mine, after.Mine, portolan.MyEntry.Equal) || !slices.Equal(before.Consents, after.Consents) ||
		before.Paused != after.Paused {
		return nil, false
	}
	if slices.ContainsFunc(after.Sources, func(s portolan.Source) bool { return s.Waiting != nil }) &&
		!maps.EqualFunc(before.Edits, after.Edits, portolan.Edit.Equal) {
		return nil, false
	}
	touched := map[portolan.ID]bool{}
	differing(touched, before.Edits, after.Edits, portolan.Edit.Equal)
	differing(touched, before.Local, after.Local, portolan.Local.Equal)
	return slices.Sorted(maps.Keys(touched)), true
}

// differing adds the keys that two maps do not agree on.
func differing[V any](keys map[portolan.ID]bool, a, b map[portolan.ID]V, same func(V, V) bool) {
	for id, v := range a {
		if w, ok := b[id]; !ok || !same(v, w) {
			keys[id] = true
		}
	}
	for id := range b {
		if _, ok := a[id]; !ok {
			keys[id] = true
		}
	}
}

// Renew makes a forward that [Touched] names as it is in the later state. What
// [Forwards] says of that state is the earlier list with these in their places.
func Renew(s *portolan.State, f portolan.Forward) (portolan.Forward, error) {
	return forward(s, f.Source, item{place: place{f.Environment, f.Key}, file: f.File, id: f.ID, entry: f.Team}, f.Protected)
}

// forward is an entry with what this machine has to say about it.
func forward(s *portolan.State, source string, it item, protected bool) (portolan.Forward, error) {
	edit, edited := s.Edits[it.id]
	local := s.Local[it.id]
	e, err := effective(it.entry, edit.Fields, local.Override)
	return portolan.Forward{
		ID:          it.id,
		Source:      source,
		Environment: it.env,
		File:        it.file,
		Key:         it.key,
		Entry:       e,
		Team:        it.entry,
		Edited:      edited,
		Protected:   protected,
		Local:       local,
	}, err
}

// Held is what a base of a source holds, as the snapshot that brought it: what to
// plan with when the repository has not changed.
func Held(source string, base portolan.Base, files Files) (portolan.Snapshot, error) {
	snap := portolan.Snapshot{Source: source, Commit: base.Commit, Selection: base.Selection}
	for _, name := range sortedKeys(base.Files) {
		b := base.Files[name]
		f := portolan.SnapshotFile{Path: name, SHA: b.SHA, Environment: b.Environment, Fault: b.Invalid}
		if b.Invalid != nil {
			f.SHA = b.BadSHA
		}
		var err error
		if f.File, err = files(name, f.SHA); err != nil {
			return snap, err
		}
		snap.Files = append(snap.Files, f)
	}
	return snap, nil
}
