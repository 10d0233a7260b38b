package engine_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// set changes the settings of the team's source, and waits for the sync that
// follows.
func (w *world) set(t *testing.T, change func(*portolan.SourceConfig)) {
	t.Helper()
	config := w.team(t).SourceConfig
	change(&config)
	if err := w.SetSource(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	w.sync(t)
}

func (w *world) team(t *testing.T) portolan.SourceView {
	t.Helper()
	v, err := w.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v.Sources[0]
}

func (w *world) sync(t *testing.T) api.SyncResult {
	t.Helper()
	results, err := w.Sync(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

// same compares rows, but for the ids of what is not there yet.
func same(a, b []portolan.Row) bool {
	return slices.EqualFunc(a, b, func(a, b portolan.Row) bool {
		if a.Action == portolan.Added {
			a.ID, b.ID = "", ""
		}
		return reflect.DeepEqual(a, b)
	})
}

func reviewed(c *portolan.SourceConfig) { c.Apply = portolan.ApplyReview }

// A reviewed source takes nothing without a yes to exactly the commit that waits,
// and what the yes is to is what is done.
func TestReview(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.set(t, reviewed)
	if got := w.team(t); got.Review != nil || len(got.Environments) == 0 {
		t.Fatalf("after the first sync, %+v", got.Review)
	}
	shop := w.forward(t, "development/shop")
	before := w.team(t).Commit

	w.commit(t, "development.json", `"The web shop"`, `"first"`)
	got := w.sync(t)
	if got.Waits != portolan.WaitsReview || got.Changed || got.Fault != nil || len(got.Rows) != 1 {
		t.Fatalf("%+v", got)
	}
	if review := w.team(t).Review; review == nil || review.Changes != 1 || review.Commit.SHA != got.Commit.SHA || review.Since.IsZero() {
		t.Fatalf("%+v", review)
	}
	if w.team(t).Commit != before || !w.forward(t, "development/shop").Equal(shop) {
		t.Error("what waits has an effect")
	}
	if events, err := w.Events(ctx, shop.ID); err != nil || len(events) != 1 { // that it came
		t.Errorf("%+v, %v", events, err)
	}

	// A person edits what the commit overrules, and the team goes on.
	if _, err := w.Edit(ctx, shop.ID, api.Fields{"description": value("mine")}, false); err != nil {
		t.Fatal(err)
	}
	if review := w.team(t).Review; review.Changes != 2 {
		t.Errorf("the edit that it overrules does not count: %+v", review)
	}
	first := got.Commit.SHA
	w.commit(t, "development.json", `"first"`, `"second"`)
	if got = w.sync(t); len(got.Rows) != 2 || got.Commit.SHA == first {
		t.Fatalf("%+v", got)
	}
	if f := w.forward(t, "development/shop"); !f.Edited || f.Entry.Description != "mine" {
		t.Errorf("an edit is overruled without a yes: %+v", f.Entry)
	}
	for _, sha := range []string{"", first} {
		if f := portolan.AsFault(second(w.Approve(ctx, "team", sha))); f == nil || f.Code != "review-moved" {
			t.Errorf("yes to %q: %+v", sha, f)
		}
	}
	review, err := w.Review(ctx, "team")
	if err != nil || review.Commit.SHA != got.Commit.SHA || !same(review.Rows, got.Rows) {
		t.Fatalf("%+v, %v", review, err)
	}
	done, err := w.Approve(ctx, "team", review.Commit.SHA)
	if err != nil || !done.Changed || done.Waits != "" || !same(done.Rows, review.Rows) {
		t.Fatalf("%+v, %v", done, err)
	}
	if f := w.forward(t, "development/shop"); f.Edited || f.Entry.Description != "second" || f.ID != shop.ID {
		t.Errorf("%+v", f)
	}
	if v, err := w.View(ctx); err != nil || len(v.Superseded) != 1 || v.Sources[0].Review != nil {
		t.Errorf("%+v, %v", v.Superseded, err)
	}
	if again := w.sync(t); again.Waits != "" || len(again.Rows) > 0 {
		t.Errorf("%+v", again)
	}
	if review, err = w.Review(ctx, "team"); err != nil || review.Commit.SHA != "" || len(review.Rows) > 0 {
		t.Errorf("%+v, %v", review, err)
	}
}

// Whoever takes a source off review gets what waited.
func TestReviewNoMore(t *testing.T) {
	w := newWorld(t)
	w.set(t, reviewed)
	w.commit(t, "development.json", `The web shop`, `new`)
	w.sync(t)
	w.set(t, func(c *portolan.SourceConfig) { c.Apply = portolan.ApplyAuto })
	if got := w.team(t); got.Review != nil || w.forward(t, "development/shop").Entry.Description != "new" {
		t.Errorf("%+v", got)
	}
}

// The first sync of a source that is reviewed is what its person has just asked
// for.
func TestReviewedFromTheStart(t *testing.T) {
	w := newWorld(t)
	got, err := w.AddSource(t.Context(), api.AddSource{Repository: w.RepoURL, Config: portolan.SourceConfig{Name: "again", Apply: portolan.ApplyReview}})
	if err != nil || !got.Changed || got.Waits != "" || len(got.Rows) == 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A held source stays where it is, and says what waits until it goes on.
func TestHold(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.sync(t)
	held := w.team(t).Commit
	for range 2 { // the second changes nothing
		if err := w.HoldSource(ctx, "team"); err != nil {
			t.Fatal(err)
		}
	}
	w.commit(t, "development.json", `The web shop`, `new`)
	if got := w.sync(t); got.Waits != portolan.WaitsHeld || got.Changed || len(got.Rows) != 1 {
		t.Fatalf("%+v", got)
	}
	got := w.team(t).Held
	if got == nil || got.Why != portolan.HeldHere || got.Commit.SHA != held.SHA || got.Changes != 1 || got.Newer.SHA == "" || got.Newer.SHA == held.SHA || got.Number == 0 {
		t.Fatalf("%+v", got)
	}
	if review, err := w.Review(ctx, "team"); err != nil || len(review.Rows) != 1 || review.Commit.SHA != got.Newer.SHA {
		t.Errorf("%+v, %v", review, err)
	}
	if f := portolan.AsFault(second(w.Approve(ctx, "team", got.Newer.SHA))); f == nil || f.Code != "source-held" {
		t.Errorf("%+v", f)
	}
	result, err := w.ResumeSource(ctx, "team")
	if err != nil || !result.Changed || result.Commit.SHA != got.Newer.SHA {
		t.Fatalf("%+v, %v", result, err)
	}
	if s := w.team(t); s.Held != nil || s.Commit.SHA != got.Newer.SHA || w.forward(t, "development/shop").Entry.Description != "new" {
		t.Errorf("%+v", s)
	}
	if f := portolan.AsFault(second(w.ResumeSource(ctx, "team"))); f == nil || f.Code != "not-held" {
		t.Errorf("%+v", f)
	}
}

// A hold and a restore are taken back like any change of a person's own, and the
// source catches up.
func TestRestore(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	shop := w.forward(t, "development/shop")
	if _, err := w.Start(ctx, api.Selection{Names: []string{"development/shop"}}); err != nil {
		t.Fatal(err)
	}
	w.commit(t, "development.json", `"alias": "shop"`, `"alias": "store"`)
	w.sync(t)
	newest := w.team(t).Commit
	history, err := w.History(ctx, "team", 10)
	if err != nil || len(history) != 2 {
		t.Fatalf("%+v, %v", history, err)
	}
	rows, err := w.Diff(ctx, api.DiffQuery{Source: "team", From: history[1].Number})
	if err != nil || len(rows) != 1 || rows[0].Action != portolan.Renamed || rows[0].Key != "store" {
		t.Errorf("%+v, %v", rows, err)
	}

	got, err := w.Restore(ctx, "team", history[1].Number)
	if err != nil || !got.Changed || len(got.Rows) != 1 || got.Rows[0].Action != portolan.Renamed || got.Commit != history[1].Commit {
		t.Fatalf("%+v, %v", got, err)
	}
	if f := w.forward(t, "development/shop"); f.ID != shop.ID || !f.Local.Wanted || !f.Status.Phase.Up() {
		t.Errorf("it does not go on: %+v", f)
	}
	if got := w.sync(t); got.Waits != portolan.WaitsHeld {
		t.Errorf("%+v", got)
	}
	if held := w.team(t).Held; held == nil || held.Why != portolan.HeldRestored || held.Number != history[1].Number || held.Newer.SHA != newest.SHA || held.Changes != 1 {
		t.Errorf("%+v", held)
	}
	if history, err = w.History(ctx, "team", 10); err != nil || len(history) != 3 || history[0].Text == "" || history[0].Updated != 1 || history[0].Commit != got.Commit {
		t.Errorf("%+v, %v", history, err)
	}
	if rows, err = w.Diff(ctx, api.DiffQuery{Source: "team", From: history[2].Number, To: history[0].Number}); err != nil || len(rows) != 0 {
		t.Errorf("%+v, %v", rows, err)
	}

	v, err := w.View(ctx)
	if err != nil || v.Undo == nil {
		t.Fatalf("%+v, %v", v.Undo, err)
	}
	if err := w.Undo(ctx, v.Undo.ID); err != nil {
		t.Fatal(err)
	}
	if s := w.team(t); s.Held != nil || s.Commit.SHA != newest.SHA || w.forward(t, "development/store").ID != shop.ID {
		t.Errorf("%+v", s)
	}
	if history, err = w.History(ctx, "team", 10); err != nil || len(history) != 4 || history[0].Commit.SHA != newest.SHA {
		t.Errorf("%+v, %v", history, err)
	}
}

// What there is not cannot be brought back or compared.
func TestNoSuchRevision(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	for source, code := range map[string]string{"team": "revision-unknown", "nowhere": "source-unknown", portolan.Mine: "revision-mine"} {
		if f := portolan.AsFault(second(w.Restore(ctx, source, 999))); f == nil || f.Code != code {
			t.Errorf("Restore of %s: %+v", source, f)
		}
		if f := portolan.AsFault(second(w.Diff(ctx, api.DiffQuery{Source: source, From: 999}))); f == nil || f.Code != code {
			t.Errorf("Diff of %s: %+v", source, f)
		}
	}
	for _, name := range []string{"nowhere", portolan.Mine} {
		errs := []error{second(w.Review(ctx, name)), second(w.Approve(ctx, name, "x")), w.HoldSource(ctx, name), second(w.ResumeSource(ctx, name))}
		for i, err := range errs {
			if f := portolan.AsFault(err); f == nil || f.Code != "source-unknown" {
				t.Errorf("%d of %s: %v", i, name, err)
			}
		}
	}
}

// What a person changes here is history too.
func TestHistoryOfMine(t *testing.T) {
	w := newWorld(t)
	keepEdits(t, w)
	ctx := t.Context()
	shop := w.forward(t, "development/shop")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	added, err := w.Add(ctx, "dev", entry("own"))
	must(err)
	must(second(w.Edit(ctx, shop.ID, api.Fields{"description": value("mine")}, false)))
	must(second(w.Edit(ctx, shop.ID, api.Fields{"local_port": value(0)}, true)))
	must(w.Remove(ctx, added.ID))
	v, err := w.View(ctx)
	must(err)
	must(w.Undo(ctx, v.Undo.ID))
	must(w.RemoveSource(ctx, "team", true))

	history, err := w.History(ctx, portolan.Mine, 10)
	must(err)
	var texts []string
	for _, r := range history {
		texts = append(texts, r.Text)
		rows, err := w.RevisionRows(ctx, portolan.Mine, r.Number)
		if err != nil || len(rows) == 0 || !r.Known {
			t.Errorf("%s: %+v, %v", r.Text, rows, err)
		}
	}
	if want := []string{"removed the source team", "took back: removed dev/own", "removed dev/own",
		"changed description of development/shop", "added dev/own"}; !slices.Equal(texts, want) {
		t.Errorf("%q\nwant %q", texts, want)
	}
	if all, err := w.History(ctx, "", 10); err != nil || len(all) != len(history) {
		t.Errorf("%+v, %v", all, err)
	}
}
