package engine

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

// chronicle is a ledger and a view as somebody holds it from each of several
// revisions.
type chronicle struct {
	*rapid.T
	*ledger
	held []portolan.View
}

// TestAnyHeldViewCatchesUp is the law of Changes: whoever holds a view of any
// revision, and applies what became of it since, holds the view of now.
func TestAnyHeldViewCatchesUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &chronicle{T: t, ledger: newLedger(1_000_000), held: []portolan.View{{}, {Revision: 999}, {Revision: 1 << 60}}}
		t.Repeat(map[string]func(*rapid.T){
			"replace": func(t *rapid.T) { c.T = t; c.replace(c.anyView()) },
			"status":  func(t *rapid.T) { c.T = t; c.setForward(c.forward(c.id())) },
			"renew":   func(t *rapid.T) { c.T = t; c.renewSome() },
			"step":    func(t *rapid.T) { c.T = t; c.setSource(c.source(c.name())) },
			"sign":    func(t *rapid.T) { c.T = t; c.sign(c.anyAccounts()) },
			"pause":   func(t *rapid.T) { c.T = t; v := c.view(); v.Paused = !v.Paused; c.ledger.replace(v) },
			"ask":     func(t *rapid.T) { c.T = t; c.ask(rapid.SampledFrom([]string{"", "unlock", "allow"}).Draw(t, "asking")) },
			"hold":    func(*rapid.T) { c.held = append(c.held, c.view()) },
			"catchUp": func(t *rapid.T) { c.T = t; c.catchUp(rapid.IntRange(0, len(c.held)-1).Draw(t, "holder")) },
			"age":     func(t *rapid.T) { c.T = t; c.age() },
		})
		for i := range c.held {
			c.catchUp(i)
		}
	})
}

// catchUp brings one held view up to date, and holds the law.
func (c *chronicle) catchUp(holder int) {
	c.Helper()
	v := &c.held[holder]
	since := v.Revision
	v.Apply(c.changes(since))
	if want := c.view(); !reflect.DeepEqual(*v, want) {
		c.Fatalf("since %d: holds\n%+v\nwant\n%+v", since, *v, want)
	}
}

// renewSome replaces forwards, some of them there, with all that a command may
// change beside them.
func (c *chronicle) renewSome() {
	var forwards []portolan.ForwardView
	for range rapid.IntRange(0, 3).Draw(c.T, "renewed") {
		forwards = append(forwards, c.forward(c.id()))
	}
	before := c.view()
	if changed := c.renew(forwards, c.anyView()); changed != (c.revision != before.Revision) {
		c.Fatalf("a new revision %v, and reported %v", c.revision != before.Revision, changed)
	}
}

// age lets many revisions pass.
func (c *chronicle) age() {
	if len(c.forwards.rows) == 0 {
		return
	}
	f := c.forwards.rows[0]
	for i := range 2 * memory {
		f.Status.Notice = fmt.Sprint(i)
		c.setForward(f)
	}
}

func (c *chronicle) name() string {
	return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(c.T, "name")
}
func (c *chronicle) id() portolan.ID {
	return portolan.ID(rapid.StringMatching("[1-9]").Draw(c.T, "id"))
}

func (c *chronicle) source(name string) portolan.SourceView {
	return portolan.SourceView{SourceConfig: portolan.SourceConfig{Name: name}, Forwards: rapid.IntRange(0, 2).Draw(c.T, "forwards")}
}

func (c *chronicle) anyAccounts() (all []portolan.Host) {
	for range rapid.IntRange(0, 2).Draw(c.T, "accounts") {
		all = append(all, portolan.Host{Host: "github.com", Login: c.name()})
	}
	return all
}

func (c *chronicle) forward(id portolan.ID) portolan.ForwardView {
	return portolan.ForwardView{Forward: portolan.Forward{ID: id},
		Status: portolan.Status{Notice: rapid.SampledFrom([]string{"", "x", "y"}).Draw(c.T, "notice")}}
}

// anyView has any objects in any order: often those of before, with a little
// difference.
func (c *chronicle) anyView() portolan.View {
	var v portolan.View
	for _, name := range shuffled(c.T, c.sources.rows, portolan.SourceKey, c.name) {
		v.Sources = append(v.Sources, c.source(name))
	}
	for _, id := range shuffled(c.T, c.forwards.rows, portolan.ForwardKey, c.id) {
		v.Forwards = append(v.Forwards, c.forward(id))
	}
	for _, id := range shuffled(c.T, c.superseded.rows, portolan.SupersededKey, c.name) {
		v.Superseded = append(v.Superseded, portolan.Superseded{ID: id})
	}
	v.Accounts = c.anyAccounts()
	v.Paused = rapid.Bool().Draw(c.T, "paused")
	if rapid.Bool().Draw(c.T, "undo") {
		v.Undo = &portolan.Undo{ID: c.name()}
	}
	return v
}

func shuffled[K comparable, T any](t *rapid.T, rows []T, key func(T) K, other func() K) []K {
	var keys []K
	for _, row := range rows {
		if rapid.IntRange(0, 5).Draw(t, "stays") > 0 {
			keys = append(keys, key(row))
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		if k := other(); !slices.Contains(keys, k) {
			keys = slices.Insert(keys, rapid.IntRange(0, len(keys)).Draw(t, "at"), k)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "move") == 0 {
		keys = rapid.Permutation(keys).Draw(t, "order")
	}
	return keys
}

// A change costs what it changes: one status brings one forward, and a removal
// its id.
func TestChangesHoldWhatChanged(t *testing.T) {
	l := newLedger(1)
	var v portolan.View
	for i := range 100 {
		v.Forwards = append(v.Forwards, portolan.ForwardView{Forward: portolan.Forward{ID: portolan.ID(fmt.Sprint(i))}})
	}
	l.replace(v)
	since := l.revision
	if l.setForward(v.Forwards[7]) || l.revision != since {
		t.Error("the same status again is a new revision")
	}
	f := v.Forwards[7]
	f.Status.Phase = portolan.Ready
	l.setForward(f)
	v = l.view()
	v.Forwards = slices.Delete(v.Forwards, 3, 5)
	l.replace(v)
	c := l.changes(since)
	want := portolan.Changes{Revision: since + 2, Sources: []portolan.SourceView{}, Superseded: []portolan.Superseded{},
		Notices: []portolan.Notice{}, Accounts: []portolan.Host{}, Forwards: []portolan.ForwardView{f}, Removed: portolan.Keys{Forwards: []portolan.ID{"3", "4"}}}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
	if l.replace(l.view()) {
		t.Error("the same view again is a new revision")
	}
}

// A removal is remembered for a while, and then whoever has not heard of it gets
// the whole.
func TestRemovalsAreRemembered(t *testing.T) {
	l := newLedger(1)
	f := portolan.ForwardView{Forward: portolan.Forward{ID: "1"}}
	l.replace(portolan.View{Forwards: []portolan.ForwardView{f, {Forward: portolan.Forward{ID: "2"}}}})
	before := l.revision
	l.replace(portolan.View{Forwards: []portolan.ForwardView{f}})
	after := l.revision
	for i := range memory {
		f.Status.Notice = fmt.Sprint(i)
		l.replace(portolan.View{Forwards: []portolan.ForwardView{f}})
		if whole := l.changes(before).Whole; whole != (i == memory-1) {
			t.Fatalf("%d revisions after the removal: whole is %v", i+1, whole)
		}
	}
	if c := l.changes(after); c.Whole || len(c.Forwards) != 1 {
		t.Errorf("who knows of the removal gets %+v", c)
	}
}

// Whoever waits hears of an account that came or went and of what a person is
// asked for, and of nothing when they are as they were.
func TestAccountsAndAskingAreTold(t *testing.T) {
	l := newLedger(1)
	ann := []portolan.Host{{Host: "github.com", Login: "ann", Scopes: []string{"repo"}}}
	for _, step := range []struct {
		name string
		do   func() bool
		new  bool
	}{
		{"an account", func() bool { return l.sign(ann) }, true},
		{"the same again", func() bool { return l.sign(slices.Clone(ann)) }, false},
		{"the same with the rest", func() bool { return l.replace(portolan.View{Accounts: ann}) }, false},
		{"asking", func() bool { return l.ask("unlock your keyring") }, true},
		{"asking the same", func() bool { return l.ask("unlock your keyring") }, false},
		{"answered", func() bool { return l.ask("") }, true},
		{"signed out", func() bool { return l.replace(portolan.View{}) }, true},
	} {
		before := l.revision
		if got := step.do(); got != step.new || (l.revision > before) != step.new {
			t.Errorf("%s: a new revision is %v, want %v", step.name, got, step.new)
		}
	}
}
