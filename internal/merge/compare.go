package merge

import (
	"maps"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// RevisionRows says what differs between two revisions of one source, as the rows
// of a plan that leads from the one to the other: entries with their fields and
// files, and the files that became invalid. The rows have no ids. The error is from
// files.
func RevisionRows(before, after portolan.Revision, files Files) ([]portolan.Row, error) {
	changed := changedEnvironments(before, after)
	was, err := entriesOf(before, changed, files)
	if err != nil {
		return nil, err
	}
	is, err := entriesOf(after, changed, files)
	if err != nil {
		return nil, err
	}
	rows := compare(was, is)
	for name, b := range after.Files {
		if b.Invalid != nil && !sameInvalidity(before.Files[name], b) {
			rows = append(rows, invalidRow("", name, b))
		}
	}
	for i := range rows {
		rows[i].Source = after.Source
	}
	sortRows(rows)
	return rows, nil
}

// compare lists what became of entries.
func compare(was, is []item) []portolan.Row {
	rows := []portolan.Row{}
	row := func(it item, action portolan.Action, reason string, fields []portolan.FieldChange) {
		rows = append(rows, portolan.Row{Environment: it.env, File: it.file, Key: it.key, Kind: "forward",
			Action: action, Reason: reason, Fields: fields})
	}
	continued := make([]bool, len(was))
	for i, j := range match(was, is) {
		if j < 0 {
			row(is[i], portolan.Added, "", portolan.Diff(portolan.Entry{}, is[i].entry))
			continue
		}
		continued[j] = true
		if action, reason, fields := became(was[j], is[i]); action != portolan.Unchanged {
			row(is[i], action, reason, fields)
		}
	}
	for j, it := range was {
		if !continued[j] {
			row(it, portolan.Deleted, "", portolan.Diff(it.entry, portolan.Entry{}))
		}
	}
	return rows
}

// changedEnvironments are those in which two revisions can differ; the others need
// no reading.
func changedEnvironments(before, after portolan.Revision) map[string]bool {
	changed := map[string]bool{}
	for name, f := range after.Files {
		if old, ok := before.Files[name]; old.SHA != f.SHA || old.Environment != f.Environment {
			changed[f.Environment] = true
			if ok {
				changed[old.Environment] = true
			}
		}
	}
	for name, f := range before.Files {
		if _, ok := after.Files[name]; !ok {
			changed[f.Environment] = true
		}
	}
	for _, k := range slices.Concat(before.Kept, after.Kept) {
		changed[k.Environment] = true
	}
	return changed
}

// entriesOf are the entries of a revision in some environments.
func entriesOf(r portolan.Revision, environments map[string]bool, files Files) ([]item, error) {
	some := maps.Clone(r.Files)
	maps.DeleteFunc(some, func(_ string, f portolan.BaseFile) bool { return !environments[f.Environment] })
	inv, err := take(&portolan.Source{}, portolan.Base{Files: some, Kept: r.Kept}, files)
	if err != nil {
		return nil, err
	}
	for i := range inv.items {
		inv.items[i].id = "met" // match passes over what no sync has met
	}
	return inv.items, nil
}
