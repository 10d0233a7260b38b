package merge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

// LocalRows says what a person's change did, from the states before and after it:
// local-only entries, edits and overrides of synced ones, superseded edits that
// were answered, and sources that went or came back. What is wanted to run, marked
// or allowed is no change of what a forward is.
func LocalRows(before, after *portolan.State) ([]portolan.Row, error) {
	rows, err := mineRows(before, after)
	if err != nil {
		return nil, err
	}
	rows = slices.Concat(rows, editRows(before, after), answeredRows(before, after), sourceRows(before, after))
	sortRows(rows)
	return rows, nil
}

// mineRows compares the local-only entries, but for those that came from a source
// or went back to it.
func mineRows(before, after *portolan.State) ([]portolan.Row, error) {
	if slices.EqualFunc(before.Mine, after.Mine, portolan.MyEntry.Equal) {
		return nil, nil
	}
	was, err := ownItems(before, after)
	if err != nil {
		return nil, err
	}
	is, err := ownItems(after, before)
	if err != nil {
		return nil, err
	}
	var rows []portolan.Row
	row := func(it item, action portolan.Action, reason string, fields []portolan.FieldChange) {
		rows = append(rows, portolan.Row{Source: portolan.Mine, Environment: it.env, Key: it.key, ID: it.id, Kind: "forward",
			Action: action, Reason: reason, Fields: fields})
	}
	for id, it := range is {
		old, ok := was[id]
		if !ok {
			row(it, portolan.Added, "", portolan.Diff(portolan.Entry{}, it.entry))
		} else if action, reason, fields := became(old, it); action != portolan.Unchanged {
			row(it, action, reason, fields)
		}
	}
	for id, it := range was {
		if _, ok := is[id]; !ok {
			row(it, portolan.Deleted, "", portolan.Diff(it.entry, portolan.Entry{}))
		}
	}
	return rows, nil
}

// ownItems are the local-only entries of a state that are no source's in another.
func ownItems(s, other *portolan.State) (map[portolan.ID]item, error) {
	forwards, err := ofThisMachine(s)
	if err != nil {
		return nil, err
	}
	elsewhere := sites(other)
	own := make(map[portolan.ID]item, len(forwards))
	for _, f := range forwards {
		if at, ok := elsewhere[f.ID]; !ok || at.source == portolan.Mine {
			own[f.ID] = item{place: place{f.Environment, f.Key}, id: f.ID, entry: f.Team}
		}
	}
	return own, nil
}

// site is where an entry is.
type site struct {
	source string
	place
}

// sites finds all entries by id; a local-only one's key is its alias.
func sites(s *portolan.State) map[portolan.ID]site {
	found := map[portolan.ID]site{}
	for i := range s.Sources {
		for env, keys := range s.Sources[i].IDs {
			for key, id := range keys {
				found[id] = site{s.Sources[i].Name, place{env, key}}
			}
		}
	}
	for _, m := range s.Mine {
		found[m.ID] = site{portolan.Mine, place{m.Environment, m.Entry.Alias}}
	}
	return found
}

// editRows compares the edits of synced entries, and the overrides of all.
func editRows(before, after *portolan.State) (rows []portolan.Row) {
	changed := map[portolan.ID]bool{}
	differing(changed, before.Edits, after.Edits, func(a, b portolan.Edit) bool { return sameEdit(&a, &b) })
	differing(changed, before.Local, after.Local, func(a, b portolan.Local) bool { return a.Override == b.Override })
	if len(changed) == 0 {
		return nil
	}
	had, has := sites(before), sites(after)
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		at, ok := has[id]
		if was, had := had[id]; !ok || !had || was.source != at.source {
			continue
		}
		row := portolan.Row{Source: at.source, Environment: at.env, Key: at.key, ID: id, Kind: "forward", Action: portolan.Updated}
		if fields := editedFields(before.Edits[id].Fields, after.Edits[id].Fields); len(fields) > 0 {
			row.Fields = fields
			rows = append(rows, row)
		}
		if fields := portolan.Diff(overridden(before.Local[id]), overridden(after.Local[id])); len(fields) > 0 {
			row.Fields, row.Reason = fields, "for this machine"
			rows = append(rows, row)
		}
	}
	return rows
}

// editedFields is how one edit became another: what neither holds is as the team
// has it.
func editedFields(before, after []portolan.FieldChange) (fields []portolan.FieldChange) {
	type values struct{ was, is json.RawMessage }
	all := map[string]values{}
	for _, c := range before {
		all[c.Name] = values{c.After, c.Before}
	}
	for _, c := range after {
		v, ok := all[c.Name]
		if !ok {
			v.was = c.Before
		}
		v.is = c.After
		all[c.Name] = v
	}
	for _, name := range sortedKeys(all) {
		if v := all[name]; !bytes.Equal(v.was, v.is) {
			fields = append(fields, portolan.FieldChange{Name: name, Before: v.was, After: v.is})
		}
	}
	return fields
}

// overridden is an entry that has nothing but what is overridden.
func overridden(l portolan.Local) portolan.Entry {
	return portolan.Entry{LocalPort: l.Override.LocalPort, LocalAddress: l.Override.LocalAddress, Context: l.Override.Context}
}

// answeredRows has a row for each superseded edit that was answered.
func answeredRows(before, after *portolan.State) (rows []portolan.Row) {
	for _, old := range before.Superseded {
		if !slices.ContainsFunc(after.Superseded, func(x portolan.Superseded) bool { return x.ID == old.ID }) {
			rows = append(rows, portolan.Row{Source: old.Source, Environment: old.Environment, Key: old.Alias, ID: old.Forward,
				Kind: "forward", Action: portolan.Overruled, Fields: swap(old.Fields), Reason: "answered"})
		}
	}
	return rows
}

// sourceRows has a row for each source that went, or came back.
func sourceRows(before, after *portolan.State) (rows []portolan.Row) {
	row := func(src *portolan.Source, action portolan.Action, reason string) {
		rows = append(rows, portolan.Row{Source: src.Name, Key: src.Name, Kind: "source", Action: action, Reason: reason})
	}
	for i := range before.Sources {
		src := &before.Sources[i]
		if after.Source(src.Name) != nil {
			continue
		}
		reason := "its forwards are removed"
		if n := countMine(after, src); n > 0 {
			reason = fmt.Sprintf("%d forwards of it are kept as your own", n)
		}
		row(src, portolan.Deleted, reason)
	}
	for i := range after.Sources {
		if src := &after.Sources[i]; before.Source(src.Name) == nil {
			row(src, portolan.Added, strings.Trim(src.Repo.Owner+"/"+src.Repo.Name, "/"))
		}
	}
	return rows
}

// countMine is how many entries of a source are local-only ones.
func countMine(s *portolan.State, src *portolan.Source) (n int) {
	ids := map[portolan.ID]bool{}
	for _, keys := range src.IDs {
		for _, id := range keys {
			ids[id] = true
		}
	}
	for _, m := range s.Mine {
		if ids[m.ID] {
			n++
		}
	}
	return n
}
