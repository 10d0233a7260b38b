package merge

import (
	"maps"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Compare says which entries differ between two revisions of one source, as rows
// with an environment, a key and an action: added, updated or deleted. A renamed
// entry is one deleted and one added. The error is from files.
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
	var rows []portolan.Row
	row := func(p place, action portolan.Action) {
		rows = append(rows, portolan.Row{Environment: p.env, Key: p.key, Kind: "forward", Action: action})
	}
	for p, e := range is {
		if old, ok := was[p]; !ok {
			row(p, portolan.Added)
		} else if !e.Equal(old) {
			row(p, portolan.Updated)
		}
	}
	for p := range was {
		if _, ok := is[p]; !ok {
			row(p, portolan.Deleted)
		}
	}
	return rows, nil
}

// entriesOf are the entries of some environments.
func entriesOf(base map[string]portolan.BaseFile, environments map[string]bool, files Files) (map[place]portolan.Entry, error) {
	some := maps.Clone(base)
	maps.DeleteFunc(some, func(_ string, f portolan.BaseFile) bool { return !environments[f.Environment] })
	inv, err := take(&portolan.Source{}, portolan.Base{Files: some}, files)
	if err != nil {
		return nil, err
	}
	entries := make(map[place]portolan.Entry, len(inv.items))
	for _, it := range inv.items {
		entries[it.place] = it.entry
	}
	return entries, nil
}
