package merge_test

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// planIsApply recomputes the rows from the states before and after, without
// looking at how the plan came to them.
func (h *history) planIsApply(before, after *portolan.State, d merge.Decision) {
	want := h.rowsBetween(before, after)
	got := slices.Clone(d.Rows)
	for i := range got {
		got[i].Reason, got[i].Problems = "", nil
	}
	for _, rows := range [][]portolan.Row{want, got} {
		slices.SortFunc(rows, func(a, b portolan.Row) int {
			return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.File, b.File), cmp.Compare(a.Action, b.Action))
		})
	}
	if len(want) != len(got) || len(want) > 0 && !reflect.DeepEqual(want, got) {
		h.Fatalf("the plan says\n%+v\nand applying it does\n%+v", got, want)
	}
}

func (h *history) rowsBetween(before, after *portolan.State) []portolan.Row {
	was, is := map[portolan.ID]portolan.Forward{}, map[portolan.ID]portolan.Forward{}
	for _, f := range h.inForce(before) {
		was[f.ID] = f
	}
	var rows []portolan.Row
	keptWas, keptIs := keptReasons(before), keptReasons(after)
	for _, f := range h.inForce(after) {
		is[f.ID] = f
		old, ok := was[f.ID]
		row := rowOf(f)
		switch {
		case f.Source != "team":
			continue
		case !ok:
			row.Action, row.Fields = portolan.Added, portolan.Diff(portolan.Entry{}, f.Team)
			rows = append(rows, row)
			continue
		case old.Environment != f.Environment || old.Key != f.Key:
			row.Action = portolan.Renamed
		case keptIs[f.ID] != "" && keptIs[f.ID] != keptWas[f.ID]:
			row.Action = portolan.Kept
		case old.File != f.File || keptWas[f.ID] != keptIs[f.ID] || !old.Team.Equal(f.Team):
			row.Action = portolan.Updated
		}
		row.Confirm = f.Local.Approved != nil && merge.TargetOf(before, old) != merge.TargetOf(after, f)
		if row.Action != "" {
			row.Fields = portolan.Diff(old.Team, f.Team)
			rows = append(rows, row)
		}
	}
	for id, f := range was {
		if _, ok := is[id]; !ok {
			row := rowOf(f)
			row.Action, row.Fields = portolan.Deleted, portolan.Diff(f.Team, portolan.Entry{})
			rows = append(rows, row)
		}
	}
	for _, old := range after.Superseded[len(before.Superseded):] {
		f, ok := is[old.Forward]
		row := rowOf(f)
		if !ok {
			row = rowOf(was[old.Forward])
		}
		row.Action = portolan.Overruled
		row.Confirm = ok && f.Local.Approved != nil && merge.TargetOf(before, was[f.ID]) != merge.TargetOf(after, f)
		for _, c := range old.Fields {
			row.Fields = append(row.Fields, portolan.FieldChange{Name: c.Name, Before: c.After, After: c.Before})
		}
		rows = append(rows, row)
	}
	for name, f := range after.Source("team").Base.Files {
		old := before.Source("team").Base.Files[name]
		if f.Invalid != nil && (old.BadSHA != f.BadSHA || !reflect.DeepEqual(old.Invalid, f.Invalid)) {
			rows = append(rows, portolan.Row{Source: "team", Environment: f.Environment, File: name, Kind: "file", Action: portolan.Invalid})
		}
	}
	return rows
}

func rowOf(f portolan.Forward) portolan.Row {
	return portolan.Row{Source: "team", Environment: f.Environment, File: f.File, Key: f.Key, ID: f.ID, Kind: "forward"}
}

func keptReasons(s *portolan.State) map[portolan.ID]string {
	reasons := map[portolan.ID]string{}
	src := s.Source("team")
	for _, k := range src.Base.Kept {
		reasons[src.IDs[k.Environment][k.Key]] = k.Reason
	}
	return reasons
}
