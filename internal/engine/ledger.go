package engine

import (
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// memory is for how many revisions a removal is remembered. Whoever asks for the
// changes since an earlier one gets the whole view.
const memory = 1000

// ledger is the view as it is now, with the revision at which each of its objects
// last changed. It is not for several goroutines at once.
//
// Objects are replaced and never changed in place, so that what was handed out
// stays as it was.
type ledger struct {
	// first is the revision with which this engine began. It comes from the clock,
	// so that a revision of an engine before this one cannot be taken for one of
	// this one's.
	first    int64
	revision int64

	sources    roll[string, portolan.SourceView]
	forwards   roll[portolan.ID, portolan.ForwardView]
	superseded roll[string, portolan.Superseded]

	// Few and small, and always told whole.
	notices  []portolan.Notice
	accounts []portolan.Host
	asking   string
	paused   bool
	undo     *portolan.Undo
}

func newLedger(first int64) *ledger {
	return &ledger{
		first: first, revision: first,
		sources:    roll[string, portolan.SourceView]{key: portolan.SourceKey, same: portolan.SourceView.Equal},
		forwards:   roll[portolan.ID, portolan.ForwardView]{key: portolan.ForwardKey, same: portolan.ForwardView.Equal},
		superseded: roll[string, portolan.Superseded]{key: portolan.SupersededKey, same: portolan.Superseded.Equal},
	}
}

// view is the whole, with lists of its own.
func (l *ledger) view() portolan.View {
	return portolan.View{
		Revision: l.revision,
		Sources:  listOf(l.sources.rows), Forwards: listOf(l.forwards.rows), Superseded: listOf(l.superseded.rows),
		Notices: listOf(l.notices), Accounts: listOf(l.accounts), Asking: l.asking, Paused: l.paused, Undo: l.undo,
	}
}

// listOf copies rows into a list that is never nil.
func listOf[T any](rows []T) []T { return append(make([]T, 0, len(rows)), rows...) }

// replace makes v the present view, but for its notices and what a person is
// asked, and reports whether that made a new revision.
func (l *ledger) replace(v portolan.View) bool {
	next := l.revision + 1
	changed := l.sources.replace(v.Sources, next)
	changed = l.forwards.replace(v.Forwards, next) || changed
	changed = l.setAsides(v) || changed
	return l.count(changed)
}

// renew replaces forwards that are there, and makes what else the view says, but
// for its sources, the present. It reports whether that made a new revision.
func (l *ledger) renew(forwards []portolan.ForwardView, v portolan.View) bool {
	changed := l.setAsides(v)
	for _, f := range forwards {
		changed = l.forwards.set(f, l.revision+1) || changed
	}
	return l.count(changed)
}

// setAsides takes over what a view says beside its sources and forwards, and
// reports whether that is new.
func (l *ledger) setAsides(v portolan.View) bool {
	changed := l.superseded.replace(v.Superseded, l.revision+1)
	changed = l.setAccounts(v.Accounts) || changed
	changed = changed || l.paused != v.Paused || !sameUndo(l.undo, v.Undo)
	l.paused, l.undo = v.Paused, v.Undo
	return changed
}

// setSource replaces a source that is there, and reports whether that made a new
// revision.
func (l *ledger) setSource(s portolan.SourceView) bool {
	return l.count(l.sources.set(s, l.revision+1))
}

// setForward is setSource for a forward.
func (l *ledger) setForward(f portolan.ForwardView) bool {
	return l.count(l.forwards.set(f, l.revision+1))
}

// tell makes the notices the present ones. It makes a new revision.
func (l *ledger) tell(notices []portolan.Notice) bool {
	l.notices = notices
	return l.count(true)
}

// sign makes the accounts the present ones, and reports whether that made a new
// revision.
func (l *ledger) sign(accounts []portolan.Host) bool {
	return l.count(l.setAccounts(accounts))
}

func (l *ledger) setAccounts(accounts []portolan.Host) bool {
	if slices.EqualFunc(l.accounts, accounts, portolan.Host.Equal) {
		return false
	}
	l.accounts = accounts
	return true
}

// ask makes what a person is asked for the present, "" for nothing, and reports
// whether that made a new revision.
func (l *ledger) ask(asking string) bool {
	changed := l.asking != asking
	l.asking = asking
	return l.count(changed)
}

func sameUndo(a, b *portolan.Undo) bool { return a == b || a != nil && b != nil && a.ID == b.ID }

func (l *ledger) count(changed bool) bool {
	if changed {
		l.revision++
	}
	return changed
}

// changes is what became of the view since a revision.
func (l *ledger) changes(since int64) portolan.Changes {
	c := portolan.Changes{Revision: l.revision, Notices: listOf(l.notices), Accounts: listOf(l.accounts), Asking: l.asking,
		Paused: l.paused, Undo: l.undo}
	forgotten := max(l.first, l.sources.forgotten, l.forwards.forgotten, l.superseded.forgotten)
	if since < forgotten || since > l.revision {
		c.Whole = true
		c.Sources, c.Forwards, c.Superseded = listOf(l.sources.rows), listOf(l.forwards.rows), listOf(l.superseded.rows)
		return c
	}
	c.Sources, c.Removed.Sources, c.Order.Sources = l.sources.since(since)
	c.Forwards, c.Removed.Forwards, c.Order.Forwards = l.forwards.since(since)
	c.Superseded, c.Removed.Superseded, c.Order.Superseded = l.superseded.since(since)
	return c
}

// roll is one list of the view.
type roll[K comparable, T any] struct {
	key  func(T) K
	same func(a, b T) bool

	rows      []T       // in view order
	revisions []int64   // parallel to rows: when each last changed
	places    map[K]int // in rows

	arranged  int64          // when a row last came or moved
	departed  []departure[K] // rows that have gone, oldest first
	forgotten int64          // the newest departure that is no longer remembered
}

// departure is a row that has gone.
type departure[K comparable] struct {
	key      K
	revision int64
}

// get returns the row of that key.
func (r *roll[K, T]) get(key K) (row T, ok bool) {
	i, ok := r.places[key]
	if ok {
		row = r.rows[i]
	}
	return row, ok
}

// pick returns the rows of those keys, in view order.
func (r *roll[K, T]) pick(keys []K) []T {
	var places []int
	for _, key := range keys {
		if i, ok := r.places[key]; ok {
			places = append(places, i)
		}
	}
	slices.Sort(places)
	rows := make([]T, 0, len(places))
	for _, i := range slices.Compact(places) {
		rows = append(rows, r.rows[i])
	}
	return rows
}

// set replaces a row that is there. It reports whether it differs.
func (r *roll[K, T]) set(row T, revision int64) bool {
	i, ok := r.places[r.key(row)]
	if !ok || r.same(r.rows[i], row) {
		return false
	}
	r.rows[i], r.revisions[i] = row, revision
	return true
}

// replace makes rows the list, and reports whether anything differs.
func (r *roll[K, T]) replace(rows []T, revision int64) bool {
	changed, last, kept := false, -1, 0
	revisions, places := make([]int64, len(rows)), make(map[K]int, len(rows))
	for i, row := range rows {
		key := r.key(row)
		places[key] = i
		was, ok := r.places[key]
		if !ok || was < last {
			r.arranged, changed = revision, true
		}
		if ok {
			kept, last = kept+1, max(last, was)
		}
		if ok && r.same(r.rows[was], row) {
			revisions[i] = r.revisions[was]
		} else {
			revisions[i], changed = revision, true
		}
	}
	if kept < len(r.rows) {
		changed = true
		for _, row := range r.rows {
			if key := r.key(row); !has(places, key) {
				r.departed = append(r.departed, departure[K]{key, revision})
			}
		}
	}
	r.rows, r.revisions, r.places = rows, revisions, places
	r.forget(revision - memory)
	return changed
}

func has[K comparable, V any](m map[K]V, key K) bool {
	_, ok := m[key]
	return ok
}

// forget drops the departures up to a revision, and those of rows that are back.
func (r *roll[K, T]) forget(until int64) {
	r.departed = slices.DeleteFunc(r.departed, func(d departure[K]) bool {
		if d.revision <= until {
			r.forgotten = max(r.forgotten, d.revision)
			return true
		}
		return has(r.places, d.key)
	})
}

// since returns the rows that changed after a revision, the keys of those that
// have gone, and, if one came or moved, the keys of all.
func (r *roll[K, T]) since(revision int64) (changed []T, removed, order []K) {
	changed = []T{}
	for i, at := range r.revisions {
		if at > revision {
			changed = append(changed, r.rows[i])
		}
	}
	for _, d := range r.departed {
		if d.revision > revision {
			removed = append(removed, d.key)
		}
	}
	if r.arranged > revision {
		order = make([]K, len(r.rows))
		for i, row := range r.rows {
			order[i] = r.key(row)
		}
	}
	return changed, removed, order
}
