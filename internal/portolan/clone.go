package portolan

import (
	"bytes"
	"maps"
	"slices"
)

// Clone returns a deep copy, so that a failed update leaves nothing behind. At
// 10,000 entries it is made at every command: that is why it is written out.
func (s State) Clone() State {
	s.Sources = each(s.Sources, Source.clone)
	s.Mine = each(s.Mine, func(m MyEntry) MyEntry {
		m.Entry = m.Entry.clone()
		return m
	})
	s.Edits = eachValue(s.Edits, func(e Edit) Edit {
		e.Fields = each(e.Fields, FieldChange.clone)
		return e
	})
	s.Local = maps.Clone(s.Local)
	for id, l := range s.Local {
		if l.Approved != nil { // few of thousands
			approved := *l.Approved
			l.Approved = &approved
			s.Local[id] = l
		}
	}
	s.Superseded = each(s.Superseded, func(x Superseded) Superseded {
		x.Fields, x.Entry = each(x.Fields, FieldChange.clone), x.Entry.clone()
		return x
	})
	s.Consents = slices.Clone(s.Consents)
	s.Contexts = eachValue(s.Contexts, maps.Clone[map[string]string])
	s.Hosts = each(s.Hosts, func(h Host) Host {
		h.Scopes = slices.Clone(h.Scopes)
		return h
	})
	return s
}

func (s Source) clone() Source {
	s.Include, s.Exclude = slices.Clone(s.Include), slices.Clone(s.Exclude)
	s.Rename = maps.Clone(s.Rename)
	s.Protected, s.Enabled, s.Signers = slices.Clone(s.Protected), slices.Clone(s.Enabled), slices.Clone(s.Signers)
	s.Base = s.Base.clone()
	s.IDs = eachValue(s.IDs, maps.Clone[map[string]ID])
	if s.Waiting != nil {
		s.Waiting = &WaitingCommit{s.Waiting.Base.clone(), s.Waiting.At}
	}
	if s.Held != nil {
		held := *s.Held
		s.Held = &held
	}
	return s
}

func (b Base) clone() Base {
	b.Files = eachValue(b.Files, func(f BaseFile) BaseFile {
		f.Invalid = f.Invalid.clone()
		return f
	})
	b.Kept = each(b.Kept, func(k KeptEntry) KeptEntry {
		k.Entry = k.Entry.clone()
		return k
	})
	return b
}

func (f *Fault) clone() *Fault {
	if f == nil {
		return nil
	}
	c := *f
	c.Problems = slices.Clone(f.Problems)
	return &c
}

func (e Entry) clone() Entry {
	e.Tags = slices.Clone(e.Tags)
	e.Rest = each(e.Rest, func(m Member) Member {
		m.Value = bytes.Clone(m.Value)
		return m
	})
	return e
}

func (c FieldChange) clone() FieldChange {
	c.Before, c.After = bytes.Clone(c.Before), bytes.Clone(c.After)
	return c
}

// each copies a list element by element; nil stays nil.
func each[T any](list []T, clone func(T) T) []T {
	list = slices.Clone(list)
	for i := range list {
		list[i] = clone(list[i])
	}
	return list
}

// eachValue copies a map value by value; nil stays nil.
func eachValue[K comparable, V any](m map[K]V, clone func(V) V) map[K]V {
	m = maps.Clone(m)
	for k, v := range m {
		m[k] = clone(v)
	}
	return m
}
