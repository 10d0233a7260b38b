package merge

import (
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Forwards lists everything in force: each source's entries in the order of the
// sources, then by environment, file and position in the file, entries that a
// policy kept after the others; at the end the local-only ones in their order,
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
			if it.id == "" {
				continue // an identity that no sync has met; the next one gives it an id
			}
			f, err := forward(s, src.Name, it, inv.protected[it.env])
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
	}
	aliases := map[place]int{}
	for _, m := range s.Mine {
		aliases[place{m.Environment, m.Entry.Alias}]++
	}
	for _, m := range s.Mine {
		key := place{m.Environment, m.Entry.Alias}
		if key.key == "" || aliases[key] > 1 {
			key.key = string(m.ID)
		}
		f, err := forward(s, portolan.Mine, item{place: key, id: m.ID, entry: m.Entry}, false)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
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

// Held is what a source's base holds, as the snapshot that brought it: what to
// plan with when the repository has not changed.
func Held(src *portolan.Source, files Files) (portolan.Snapshot, error) {
	snap := portolan.Snapshot{Source: src.Name, Commit: src.Base.Commit, Selection: src.Base.Selection}
	for _, name := range sortedKeys(src.Base.Files) {
		b := src.Base.Files[name]
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
