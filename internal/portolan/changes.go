package portolan

import (
	"reflect"
	"slices"
)

// Changes is what became of a [View] since a revision. Whoever holds the view of
// that revision, or of a later one, has the newest after [View.Apply].
//
// The lists hold the objects that are new or differ, each whole, in view order.
type Changes struct {
	Revision   int64         `json:"revision"` // of the view as it is now
	Whole      bool          `json:"whole"`    // the lists hold everything; what was held is void
	Sources    []SourceView  `json:"sources"`
	Forwards   []ForwardView `json:"forwards"`
	Superseded []Superseded  `json:"superseded"`

	// All of them, always: they are few and small.
	Notices  []Notice `json:"notices"`
	Accounts []Host   `json:"accounts"`
	Asking   string   `json:"asking,omitempty"`
	Paused   bool     `json:"paused"`
	Undo     *Undo    `json:"undo,omitempty"`

	// Removed names what is no longer there.
	Removed Keys `json:"removed,omitzero"`

	// Order names all that is in a list, in view order, where something came or
	// moved since; else the list is empty, and the order is as it was.
	Order Keys `json:"order,omitzero"`
}

// Keys names objects of a view: sources by name, the others by id.
type Keys struct {
	Sources    []string `json:"sources,omitempty"`
	Forwards   []ID     `json:"forwards,omitempty"`
	Superseded []string `json:"superseded,omitempty"`
}

// IsZero reports whether nothing is named.
func (k Keys) IsZero() bool {
	return len(k.Sources)+len(k.Forwards)+len(k.Superseded) == 0
}

// Apply brings a view up to date with changes that were asked for with the
// view's revision, or with one before it. It works on the view's own lists, and
// may take over those of c.
func (v *View) Apply(c Changes) {
	v.Revision, v.Notices, v.Accounts, v.Asking = c.Revision, c.Notices, c.Accounts, c.Asking
	v.Paused, v.Undo = c.Paused, c.Undo
	if c.Whole {
		v.Sources, v.Forwards, v.Superseded = c.Sources, c.Forwards, c.Superseded
		return
	}
	v.Sources = applied(v.Sources, SourceKey, c.Sources, c.Removed.Sources, c.Order.Sources)
	v.Forwards = applied(v.Forwards, ForwardKey, c.Forwards, c.Removed.Forwards, c.Order.Forwards)
	v.Superseded = applied(v.Superseded, SupersededKey, c.Superseded, c.Removed.Superseded, c.Order.Superseded)
}

// SourceKey is the name of a source.
func SourceKey(s SourceView) string { return s.Name }

// ForwardKey is the id of a forward.
func ForwardKey(f ForwardView) ID { return f.ID }

// SupersededKey is the id of a superseded edit.
func SupersededKey(s Superseded) string { return s.ID }

// applied is one list of a view with its changes.
func applied[K comparable, T any](held []T, key func(T) K, changed []T, removed, order []K) []T {
	if len(changed)+len(removed)+len(order) == 0 {
		return held
	}
	fresh := make(map[K]T, len(changed))
	for _, t := range changed {
		fresh[key(t)] = t
	}
	if len(order) > 0 {
		for _, t := range held {
			if _, ok := fresh[key(t)]; !ok {
				fresh[key(t)] = t
			}
		}
		arranged := make([]T, 0, len(order))
		for _, k := range order {
			arranged = append(arranged, fresh[k])
		}
		return arranged
	}
	if len(removed) > 0 {
		gone := make(map[K]bool, len(removed))
		for _, k := range removed {
			gone[k] = true
		}
		held = slices.DeleteFunc(held, func(t T) bool { return gone[key(t)] })
	}
	for i := range held {
		if t, ok := fresh[key(held[i])]; ok {
			held[i] = t
		}
	}
	return held
}

// Equal reports whether the two would be drawn alike.
func (f ForwardView) Equal(o ForwardView) bool {
	return f.ID == o.ID && f.Source == o.Source && f.Environment == o.Environment && f.File == o.File && f.Key == o.Key &&
		f.Edited == o.Edited && f.Protected == o.Protected && f.Local.Equal(o.Local) && f.Status.equal(o.Status) &&
		f.Entry.Equal(o.Entry) && f.Team.Equal(o.Team) && slices.Equal(f.Holders, o.Holders)
}

// Equal reports whether the two say the same.
func (l Local) Equal(o Local) bool {
	if (l.Approved == nil) != (o.Approved == nil) || l.Approved != nil && *l.Approved != *o.Approved {
		return false
	}
	l.Approved, o.Approved = nil, nil
	return l == o
}

func (s Status) equal(o Status) bool {
	return s.Phase == o.Phase && s.Pod == o.Pod && s.Leg == o.Leg && s.Notice == o.Notice && s.Since.Equal(o.Since) &&
		slices.Equal(s.Addresses, o.Addresses) && (s.Fault == o.Fault || reflect.DeepEqual(s.Fault, o.Fault))
}

// Equal reports whether the two would be drawn alike.
func (s SourceView) Equal(o SourceView) bool { return reflect.DeepEqual(s, o) }

// Equal reports whether the two would be drawn alike.
func (h Host) Equal(o Host) bool { return reflect.DeepEqual(h, o) }

// Equal reports whether the two would be drawn alike.
func (s Superseded) Equal(o Superseded) bool { return reflect.DeepEqual(s, o) }
