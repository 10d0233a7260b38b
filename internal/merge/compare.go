package merge

import (
	"maps"

	"github.com/portolan-app/portolan/internal/portolan"
)

// RevisionRows says what a revision changed since the one before it: its entries
// as [Compare] has them, with their fields and files, and the files that became
// invalid; sorted as those of a plan. The error is from files.
func RevisionRows(before, after portolan.Revision, files Files) ([]portolan.Row, error) {
	rows, err := Compare(before.Files, after.Files, files)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Source = after.Source
	}
	for name, b := range after.Files {
		if b.Invalid != nil && !sameInvalidity(before.Files[name], b) {
			rows = append(rows, invalidRow(after.Source, name, b))
		}
	}
	sortRows(rows)
	return rows, nil
}

// Compare says which entries differ between two revisions of one source, as rows
// with an environment, a key, fields and an action: added, updated or deleted. A
// renamed entry is one deleted and one added. The error is from files.
func Compare(before, after map[string]portolan.BaseFile, files Files) ([]portolan.Row, error) {
	changed := map[string]bool{} // environments; the others need no reading
	for name, f := range after {
		if old := before[name]; old.SHA != f.SHA || old.Environment != f.Environment {
			changed[f.Environment], changed[old.Environment] = true, true
		}
	}
	for name, f := range before {
		if _, ok := after[name]; !ok {
			changed[f.Environment] = true
		}
	}
	was, err := entriesOf(before, changed, files)
	if err != nil {
		return nil, err
	}
	is, err := entriesOf(after, changed, files)
	if err != nil {
		return nil, err
	}
	rows := []portolan.Row{}
	row := func(it item, action portolan.Action, fields []portolan.FieldChange) {
		rows = append(rows, portolan.Row{Environment: it.env, File: it.file, Key: it.key, Kind: "forward", Action: action, Fields: fields})
	}
	for p, it := range is {
		if old, ok := was[p]; !ok {
			row(it, portolan.Added, portolan.Diff(portolan.Entry{}, it.entry))
		} else if !it.entry.Equal(old.entry) {
			row(it, portolan.Updated, portolan.Diff(old.entry, it.entry))
		}
	}
	for p, it := range was {
		if _, ok := is[p]; !ok {
			row(it, portolan.Deleted, portolan.Diff(it.entry, portolan.Entry{}))
		}
	}
	return rows, nil
}

// entriesOf are the entries of some environments.
func entriesOf(base map[string]portolan.BaseFile, environments map[string]bool, files Files) (map[place]item, error) {
	some := maps.Clone(base)
	maps.DeleteFunc(some, func(_ string, f portolan.BaseFile) bool { return !environments[f.Environment] })
	inv, err := take(&portolan.Source{}, portolan.Base{Files: some}, files)
	if err != nil {
		return nil, err
	}
	entries := make(map[place]item, len(inv.items))
	for _, it := range inv.items {
		entries[it.place] = it
	}
	return entries, nil
}
