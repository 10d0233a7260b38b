package merge

import (
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// effective is the entry in force on this machine: the team's, with a local edit
// and what is overridden for this machine.
func effective(team portolan.Entry, edit []portolan.FieldChange, o portolan.Override) (portolan.Entry, error) {
	e, err := apply(team, edit)
	if err != nil {
		return team, err
	}
	if o.LocalPort != 0 {
		e.LocalPort = o.LocalPort
	}
	if o.LocalAddress != "" {
		e.LocalAddress = o.LocalAddress
	}
	if o.Context != "" {
		e.Context = o.Context
	}
	return e, nil
}

// apply sets each field to its value after the change.
func apply(e portolan.Entry, changes []portolan.FieldChange) (portolan.Entry, error) {
	for _, c := range changes {
		value := c.After
		if value == nil {
			value = []byte("null")
		}
		var err error
		if e, err = e.With(c.Name, value); err != nil {
			return e, err
		}
	}
	return e, nil
}

// settle decides what becomes of a local edit at a sync. Lost fields have theirs
// before and mine after; fields in which the team now says the same are neither
// lost nor kept.
//
// Under [portolan.KeepUntilChanged] a field survives as long as the team leaves
// it alone, if the entry that comes out is still a valid one.
func settle(policy portolan.OnEdit, edit []portolan.FieldChange, before, after portolan.Entry) (survive, lost []portolan.FieldChange, err error) {
	mine, err := apply(before, edit)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range portolan.Diff(after, mine) {
		if named(edit, c.Name) {
			lost = append(lost, c)
		}
	}
	if policy != portolan.KeepUntilChanged {
		return nil, lost, nil
	}
	differs := lost
	lost = nil
	team := portolan.Diff(before, after)
	for _, c := range differs {
		if named(team, c.Name) {
			lost = append(lost, c)
		} else {
			survive = append(survive, c)
		}
	}
	merged, err := apply(after, survive)
	if err != nil || slices.ContainsFunc(portolan.Validate(merged), isError) {
		return nil, differs, nil // it no longer fits, and is handed back whole
	}
	return survive, lost, nil
}

func named(changes []portolan.FieldChange, name string) bool {
	return slices.ContainsFunc(changes, func(c portolan.FieldChange) bool { return c.Name == name })
}

// swap exchanges before and after.
func swap(changes []portolan.FieldChange) []portolan.FieldChange {
	out := make([]portolan.FieldChange, len(changes))
	for i, c := range changes {
		out[i] = portolan.FieldChange{Name: c.Name, Before: c.After, After: c.Before}
	}
	return out
}

// TargetOf is where a forward leads on this machine: its entry's target, with
// the team's context name replaced by what this machine maps it to in the
// forward's environment. A context overridden for this machine is already a
// local name.
func TargetOf(s *portolan.State, f portolan.Forward) portolan.Target {
	t := portolan.TargetOf(f.Entry)
	if f.Local.Override.Context != "" {
		return t
	}
	if mine := s.Contexts[f.Environment][t.Context]; mine != "" {
		t.Context = mine
	}
	return t
}

// Moves reports whether going from one target to the other needs a yes: in a
// protected environment any change does, elsewhere another context or namespace.
func Moves(from, to portolan.Target, protected bool) bool {
	if protected {
		return from != to
	}
	return from.Context != to.Context || from.Namespace != to.Namespace
}
