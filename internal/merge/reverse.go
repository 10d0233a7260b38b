package merge

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Reverse takes one change of a State back, without knowing how it came about: it
// holds what was before and after in each place that the change touched. It
// covers what a person does to entries, edits, overrides, wishes, superseded
// edits, consents, and to a source as a whole. The zero Reverse does nothing.
type Reverse struct {
	places  []changedPlace
	added   []portolan.ID // local-only entries that the change brought
	removed []string      // sources that the change took away
}

// changedPlace is a place of a State that a change touched.
type changedPlace interface {
	// stands reports whether the place is as the change left it.
	stands(s *portolan.State) bool
	// back makes it what it was before.
	back(s *portolan.State)
}

// ReverseOf compares the states before and after a change. It keeps parts of both,
// which must not change any more.
func ReverseOf(before, after *portolan.State) Reverse {
	var r Reverse
	sources := lined[string, portolan.Source]{func(s *portolan.State) *[]portolan.Source { return &s.Sources }, sourceName, sameSource}
	mine := lined[portolan.ID, portolan.MyEntry]{func(s *portolan.State) *[]portolan.MyEntry { return &s.Mine }, mineID, portolan.MyEntry.Equal}
	superseded := lined[string, portolan.Superseded]{func(s *portolan.State) *[]portolan.Superseded { return &s.Superseded },
		portolan.SupersededKey, func(_, _ portolan.Superseded) bool { return true }}
	consents := lined[portolan.Consent, portolan.Consent]{func(s *portolan.State) *[]portolan.Consent { return &s.Consents },
		consentKey, func(_, _ portolan.Consent) bool { return true }}
	r.places = slices.Concat(sources.compare(before, after), mine.compare(before, after),
		superseded.compare(before, after), consents.compare(before, after), editPlaces(before, after), localPlaces(before, after))
	for _, m := range after.Mine {
		if mineIndex(before, m.ID) < 0 {
			r.added = append(r.added, m.ID)
		}
	}
	for i := range before.Sources {
		if name := before.Sources[i].Name; after.Source(name) == nil {
			r.removed = append(r.removed, name)
		}
	}
	return r
}

// IsZero reports whether the change touched nothing that can be taken back.
func (r Reverse) IsZero() bool { return len(r.places) == 0 }

// Fits reports whether everything that the change touched is still as it left it,
// so that nothing else is lost by taking it back.
func (r Reverse) Fits(s *portolan.State) bool {
	return !slices.ContainsFunc(r.places, func(p changedPlace) bool { return !p.stands(s) })
}

// Apply takes the change back. The State must be one that it fits.
func (r Reverse) Apply(s *portolan.State) {
	for _, p := range r.places {
		p.back(s)
	}
	for _, id := range r.added { // with what was known of it since, unless a source has it again
		if !hasID(s, id) {
			delete(s.Local, id)
			delete(s.Edits, id)
		}
	}
}

// Sources names the sources that come back.
func (r Reverse) Sources() []string { return r.removed }

// hasID reports whether a source has given the id to one of its entries.
func hasID(s *portolan.State, id portolan.ID) bool {
	for i := range s.Sources {
		for _, keys := range s.Sources[i].IDs {
			for _, known := range keys {
				if known == id {
					return true
				}
			}
		}
	}
	return false
}

// lined is one of a State's lists.
type lined[K comparable, T any] struct {
	list func(*portolan.State) *[]T
	key  func(T) K
	same func(a, b T) bool
}

// row is a changed row of a list. Nil stands for none.
type row[K comparable, T any] struct {
	lined[K, T]
	id            K
	at            int // before
	before, after *T
}

// compare lists the rows that came, then those that changed, then those that
// went, in their order: taken back in this order, every row is where it was.
func (l lined[K, T]) compare(before, after *portolan.State) []changedPlace {
	was, is := *l.list(before), *l.list(after)
	places := make(map[K]int, len(was))
	for i := range was {
		places[l.key(was[i])] = i
	}
	var came, changed, went []changedPlace
	for i := range is {
		id := l.key(is[i])
		at, ok := places[id]
		delete(places, id)
		switch {
		case !ok:
			came = append(came, row[K, T]{l, id, 0, nil, &is[i]})
		case !l.same(was[at], is[i]):
			changed = append(changed, row[K, T]{l, id, at, &was[at], &is[i]})
		}
	}
	for _, at := range slices.Sorted(maps.Values(places)) {
		went = append(went, row[K, T]{l, l.key(was[at]), at, &was[at], nil})
	}
	return slices.Concat(came, changed, went)
}

func (r row[K, T]) index(s *portolan.State) int {
	return slices.IndexFunc(*r.list(s), func(t T) bool { return r.key(t) == r.id })
}

func (r row[K, T]) stands(s *portolan.State) bool {
	i := r.index(s)
	if i < 0 || r.after == nil {
		return i < 0 && r.after == nil
	}
	return r.same((*r.list(s))[i], *r.after)
}

func (r row[K, T]) back(s *portolan.State) {
	list, i := r.list(s), r.index(s)
	switch {
	case r.before == nil:
		*list = slices.Delete(*list, i, i+1)
	case r.after == nil:
		*list = slices.Insert(*list, min(r.at, len(*list)), *r.before)
	default:
		(*list)[i] = *r.before
	}
}

func sourceName(s portolan.Source) string   { return s.Name }
func mineID(m portolan.MyEntry) portolan.ID { return m.ID }
func consentKey(c portolan.Consent) portolan.Consent {
	return portolan.Consent{Source: c.Source, Effect: c.Effect, Value: c.Value}
}

func sameSource(a, b portolan.Source) bool {
	return sameBase(a.Base, b.Base) && reflect.DeepEqual(a.SourceConfig, b.SourceConfig) && sameHeld(a.Held, b.Held) &&
		maps.EqualFunc(a.IDs, b.IDs, maps.Equal[map[string]portolan.ID, map[string]portolan.ID])
}

func sameHeld(a, b *portolan.Held) bool {
	return a == b || a != nil && b != nil && a.Why == b.Why && a.Number == b.Number && a.At.Equal(b.At)
}

// editPlace is the edit of one entry; nil is none.
type editPlace struct {
	id            portolan.ID
	before, after *portolan.Edit
}

func editPlaces(before, after *portolan.State) (places []changedPlace) {
	changed := map[portolan.ID]bool{}
	differing(changed, before.Edits, after.Edits, func(a, b portolan.Edit) bool { return sameEdit(&a, &b) })
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		places = append(places, editPlace{id, valueOf(before.Edits, id), valueOf(after.Edits, id)})
	}
	return places
}

func (p editPlace) stands(s *portolan.State) bool { return sameEdit(valueOf(s.Edits, p.id), p.after) }

func (p editPlace) back(s *portolan.State) {
	if p.before == nil {
		delete(s.Edits, p.id)
		return
	}
	if s.Edits == nil {
		s.Edits = map[portolan.ID]portolan.Edit{}
	}
	s.Edits[p.id] = *p.before
}

func sameEdit(a, b *portolan.Edit) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.EqualFunc(a.Fields, b.Fields, portolan.FieldChange.Equal)
}

// localPlace is what this machine knows about one forward. Only the fields that
// the change touched count: a port that is picked meanwhile is no conflict.
type localPlace struct {
	id            portolan.ID
	before, after portolan.Local
}

func localPlaces(before, after *portolan.State) (places []changedPlace) {
	changed := map[portolan.ID]bool{}
	differing(changed, before.Local, after.Local, portolan.Local.Equal)
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if p := (localPlace{id, before.Local[id], after.Local[id]}); !p.before.Equal(p.after) {
			places = append(places, p)
		}
	}
	return places
}

func sameApproved(a, b *portolan.Target) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// stands looks at the fields that a person's change can touch.
func (p localPlace) stands(s *portolan.State) bool {
	b, a, now := p.before, p.after, s.Local[p.id]
	return (b.Wanted == a.Wanted || now.Wanted == a.Wanted) &&
		(b.New == a.New || now.New == a.New) &&
		(b.Favourite == a.Favourite || now.Favourite == a.Favourite) &&
		(b.Rank == a.Rank || now.Rank == a.Rank) &&
		(b.Override == a.Override || now.Override == a.Override) &&
		(sameApproved(b.Approved, a.Approved) || sameApproved(now.Approved, a.Approved))
}

func (p localPlace) back(s *portolan.State) {
	b, a, now := p.before, p.after, s.Local[p.id]
	turn(&now.Wanted, b.Wanted, a.Wanted)
	turn(&now.New, b.New, a.New)
	turn(&now.Favourite, b.Favourite, a.Favourite)
	turn(&now.Rank, b.Rank, a.Rank)
	turn(&now.Override, b.Override, a.Override)
	if !sameApproved(b.Approved, a.Approved) {
		now.Approved = b.Approved
	}
	now.Port, now.Loopback = cmp.Or(now.Port, b.Port), cmp.Or(now.Loopback, b.Loopback)
	setLocal(s, p.id, now)
}

// turn sets a field back if the change touched it.
func turn[T comparable](now *T, before, after T) {
	if before != after {
		*now = before
	}
}

func valueOf[V any](m map[portolan.ID]V, id portolan.ID) *V {
	if v, ok := m[id]; ok {
		return &v
	}
	return nil
}
