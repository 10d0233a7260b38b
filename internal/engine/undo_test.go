package engine_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// settled is what a person would compare: all that is wanted, without what no
// undo promises.
func settled(t *testing.T, w *world) portolan.State {
	t.Helper()
	state := w.Stored().State()
	for id, l := range state.Local {
		l.Port, l.Loopback = 0, ""
		if state.Local[id] = l; l == (portolan.Local{}) {
			delete(state.Local, id)
		}
	}
	if len(state.Local) == 0 {
		state.Local = nil
	}
	return state
}

// undoAll takes everything back that the view offers, and returns what it was.
func undoAll(t *testing.T, w *world) (texts []string) {
	t.Helper()
	for {
		v, err := w.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v.Undo == nil {
			return texts
		}
		texts = append(texts, v.Undo.Text)
		if err := w.Undo(t.Context(), v.Undo.ID); err != nil {
			t.Fatalf("%s: %v", v.Undo.Text, err)
		}
	}
}

// keepEdits lets an edit live until the team changes the same field, so that the
// sync which may follow the first one at once leaves it.
func keepEdits(t *testing.T, w *world) {
	t.Helper()
	v, err := w.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config := v.Sources[0].SourceConfig
	config.OnEdit = portolan.KeepUntilChanged
	if err := w.SetSource(t.Context(), config); err != nil {
		t.Fatal(err)
	}
}

// TestUndoAll does one of each of what can be taken back, and takes it all back.
func TestUndoAll(t *testing.T) {
	w := newWorld(t)
	before := settled(t, w)
	keepEdits(t, w)
	ctx, shop := t.Context(), w.forward(t, "development/shop")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	added, err := w.Add(ctx, "dev", entry("own"))
	must(err)
	_, err = w.Edit(ctx, added.ID, api.Fields{"description": value("x")}, false)
	must(err)
	_, err = w.Edit(ctx, shop.ID, api.Fields{"description": value("mine")}, false)
	must(err)
	_, err = w.Edit(ctx, shop.ID, api.Fields{"local_port": value(0)}, true)
	must(err)
	_, err = w.Import(ctx, "dev", []byte(`[{"alias":"a","service":"a","remote_port":80},{"alias":"b","service":"b","remote_port":80}]`))
	must(err)
	_, err = w.Start(ctx, api.Selection{Environment: "development"})
	must(err)
	must(w.Remove(ctx, added.ID))
	must(w.RemoveSource(ctx, "team", false))

	got := undoAll(t, w)
	want := []string{"removed the source team", "removed dev/own", "started 4 forwards", "imported 2 forwards into dev",
		"changed description of development/shop", "changed description of dev/own", "added dev/own", "changed the settings of team"}
	if !slices.Equal(got, want) {
		t.Errorf("took back\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if after := settled(t, w); !reflect.DeepEqual(before, after) {
		t.Errorf("left\n%+v\nwant\n%+v", after, before)
	}
	if f := w.forward(t, "development/shop"); f.ID != shop.ID || !w.Follows("team") {
		t.Errorf("the source is back as %+v, followed: %v", f, w.Follows("team"))
	}
	if results, err := w.Sync(ctx, nil); err != nil || len(results) != 1 || results[0].Fault != nil || results[0].Changed {
		t.Errorf("the next sync: %+v, %v", results, err)
	}
}

// What something else has changed meanwhile cannot be taken back, and is not
// offered.
func TestUndoIsOver(t *testing.T) {
	w := newWorld(t)
	keepEdits(t, w)
	ctx := t.Context()
	shop := w.forward(t, "development/shop")
	if _, err := w.Edit(ctx, shop.ID, api.Fields{"description": value("mine")}, false); err != nil {
		t.Fatal(err)
	}
	v, err := w.View(ctx)
	if err != nil || v.Undo == nil || v.Undo.Text != "changed description of development/shop" || v.Undo.At.IsZero() {
		t.Fatalf("%+v, %v", v.Undo, err)
	}
	w.commit(t, "development.json", "The web shop", "The shop on the web")
	if _, err := w.Sync(ctx, nil); err != nil { // which overrules the edit
		t.Fatal(err)
	}
	if now, err := w.View(ctx); err != nil || now.Undo != nil {
		t.Errorf("still offered: %+v, %v", now.Undo, err)
	}
	for _, id := range []string{v.Undo.ID, "", "nothing"} {
		if f := portolan.AsFault(w.Undo(ctx, id)); f == nil || f.Code != "undo-over" {
			t.Errorf("Undo(%q): %+v", id, f)
		}
	}
	if w.forward(t, "development/shop").Edited {
		t.Error("the overruled edit is back")
	}
}

// Only so many are kept, and a failed first sync is nobody's deed.
func TestUndoIsBounded(t *testing.T) {
	w := newWorld(t)
	if _, err := w.AddSource(t.Context(), api.AddSource{Repository: w.RepoURL + "-nowhere", Config: portolan.SourceConfig{Name: "second"}}); err == nil {
		t.Fatal("a repository that is not there was added")
	}
	for i := range 25 {
		if _, err := w.Add(t.Context(), "dev", entry(fmt.Sprint("own-", i))); err != nil {
			t.Fatal(err)
		}
	}
	got := undoAll(t, w)
	if len(got) != 20 || got[0] != "added dev/own-24" || got[19] != "added dev/own-5" {
		t.Errorf("%d: %v", len(got), got)
	}
}

// One forward is started and stopped by the same click; of several that were
// asked for, those count that turned.
func TestUndoOfOneStart(t *testing.T) {
	w := newWorld(t)
	for _, do := range []func(context.Context, api.Selection) ([]portolan.ForwardView, error){w.Start, w.Stop} {
		if _, err := do(t.Context(), api.Selection{Names: []string{"development/shop"}}); err != nil {
			t.Fatal(err)
		}
		if v, err := w.View(t.Context()); err != nil || v.Undo != nil {
			t.Errorf("offered: %+v, %v", v.Undo, err)
		}
	}
	if _, err := w.Start(t.Context(), api.Selection{Names: []string{"development/shop", "development/echo"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Stop(t.Context(), api.Selection{All: true}); err != nil {
		t.Fatal(err)
	}
	if v, err := w.View(t.Context()); err != nil || v.Undo == nil || v.Undo.Text != "stopped 2 forwards" {
		t.Fatalf("offered: %+v, %v", v.Undo, err)
	} else if err := w.Undo(t.Context(), v.Undo.ID); err != nil {
		t.Fatal(err)
	}
	if f := w.forward(t, "development/echo"); !f.Local.Wanted || len(f.Status.Addresses) == 0 {
		t.Errorf("it does not run again: %+v", f)
	}
}

// A change of a view's undo reaches a face that waits.
func TestUndoRaisesARevision(t *testing.T) {
	w := newWorld(t)
	v, err := w.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(t.Context(), "dev", entry("own")); err != nil {
		t.Fatal(err)
	}
	c, err := w.Changes(t.Context(), v.Revision)
	if err != nil || c.Undo == nil || c.Undo.Text != "added dev/own" {
		t.Errorf("%+v, %v", c.Undo, err)
	}
}
