package merge_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// TestTakingAllBack is the law of Reverse: whatever a person does, taking it all
// back in turn gives the state before, ids included.
func TestTakingAllBack(t *testing.T) {
	changes := 0
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		for range rapid.IntRange(0, 8).Draw(t, "earlier") {
			h.step()
			h.sync()
		}
		var done []merge.Reverse
		before := stored(h.state)
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			done = append(done, h.recorded())
		}
		for i := len(done) - 1; i >= 0; i-- {
			if !done[i].IsZero() {
				changes++
			}
			if !done[i].Fits(h.state) {
				h.Fatalf("change %d does not fit the state that it left", i)
			}
			done[i].Apply(h.state)
			after := stored(h.state)
			h.state = &after
		}
		h.unchanged(&before, "doing and taking back")
	})
	if changes < 100 {
		t.Errorf("the histories are too tame: %d changes", changes)
	}
}

// TestTakingBackAmongOthers: what still fits after other things happened leaves a
// state that holds together, and what came meanwhile is there still.
func TestTakingBackAmongOthers(t *testing.T) {
	fits, over := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		h.sync()
		done := h.recorded()
		for range rapid.IntRange(1, 6).Draw(t, "others") {
			if h.state.Source("team") == nil { // nobody to sync with
				h.recorded()
				continue
			}
			h.step()
			h.sync()
		}
		if done.IsZero() {
			return
		}
		if !done.Fits(h.state) {
			over++
			return
		}
		fits++
		before := stored(h.state)
		done.Apply(h.state)
		after := stored(h.state)
		h.state = &after
		h.forwards()
		again := reverseOf(before, &after)
		if !again.Fits(&after) {
			h.Fatal("the change of taking back does not fit")
		}
		again.Apply(&after)
		after = stored(&after)
		h.state = &after
		h.unchanged(&before, "taking back and doing again")
	})
	if fits < 10 || over < 1 {
		t.Errorf("the histories are too tame: %d fit, %d do not", fits, over)
	}
}

// recorded does one thing that a person does on this machine, and returns what
// takes it back.
func (h *history) recorded() merge.Reverse {
	before := stored(h.state)
	rapid.SampledFrom([]func(){
		h.edit, h.edit, h.override, h.addMine, h.addMine, h.wantAll, h.removeMine, h.removeMine, h.answer, h.removeSource, h.confirm, h.favourite, h.orderFavourites,
	}).Draw(h.T, "change")()
	return reverseOf(before, h.state)
}

// reverseOf is what takes a change back from the state as it is now, which may
// change on.
func reverseOf(before portolan.State, now *portolan.State) merge.Reverse {
	after := stored(now)
	return merge.ReverseOf(&before, &after)
}

func (h *history) wantAll() {
	var ids []portolan.ID
	for _, f := range h.forwards() {
		ids = append(ids, f.ID)
	}
	merge.Want(h.state, ids, rapid.Bool().Draw(h.T, "wanted"))
}

func (h *history) favourite() {
	if f, ok := h.anyForward(); ok {
		if err := merge.SetFavourite(h.state, h.repo.files, f.ID, !f.Local.Favourite); err != nil {
			h.Fatalf("SetFavourite: %v", err)
		}
	}
}

func (h *history) orderFavourites() {
	var ids []portolan.ID
	for _, f := range h.forwards() {
		if f.Local.Favourite {
			ids = append(ids, f.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	ids = rapid.Permutation(ids).Draw(h.T, "order")
	if err := merge.OrderFavourites(h.state, ids[:rapid.IntRange(0, len(ids)).Draw(h.T, "named")]); err != nil {
		h.Fatalf("OrderFavourites: %v", err)
	}
}

func (h *history) removeMine() {
	if f, ok := h.anyForward(); ok {
		before := stored(h.state)
		if err := merge.RemoveEntry(h.state, f.ID); err != nil {
			h.unchanged(&before, "a refused removal")
		}
	}
}

func (h *history) answer() {
	if len(h.state.Superseded) == 0 {
		return
	}
	before := stored(h.state)
	old := rapid.SampledFrom(h.state.Superseded).Draw(h.T, "superseded")
	if err := merge.AnswerSuperseded(h.state, old.ID, rapid.Bool().Draw(h.T, "keep"), h.repo.newID); err != nil {
		h.unchanged(&before, "a refused answer")
	}
}

func (h *history) removeSource() {
	name := h.pick("source", "team", "other")
	if h.state.Source(name) == nil {
		return
	}
	if err := merge.RemoveSource(h.state, name, rapid.Bool().Draw(h.T, "keep"), h.repo.files, h.repo.newID); err != nil {
		h.Fatalf("RemoveSource: %v", err)
	}
}

// A port that is picked meanwhile is no conflict, and stays; a wish that changed
// is one.
func TestReverseLooksAtWhatTheChangeTouched(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{})
	before := stored(c.state)
	merge.Want(c.state, []portolan.ID{id}, true)
	r := reverseOf(before, c.state)
	l := c.state.Local[id]
	l.Port, l.Favourite = 4711, true
	c.state.Local[id] = l
	if !r.Fits(c.state) {
		t.Fatal("a picked port and a favourite stand in the way")
	}
	r.Apply(c.state)
	if want := (portolan.Local{New: true, Port: 4711, Favourite: true}); !reflect.DeepEqual(c.state.Local[id], want) {
		t.Errorf("%+v, want %+v", c.state.Local[id], want)
	}
	if r.Fits(c.state) {
		t.Error("it can be taken back twice")
	}
}

func TestReverseOfARemovedSource(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{Interval: 7})
	if err := merge.EditEntry(c.state, c.files, id, fields{"local_port": raw(9000)}, noon); err != nil {
		t.Fatal(err)
	}
	for _, keep := range []bool{false, true} {
		before := stored(c.state)
		if err := merge.RemoveSource(c.state, "team", keep, c.files, c.newID); err != nil {
			t.Fatal(err)
		}
		r := reverseOf(before, c.state)
		if !reflect.DeepEqual(r.Sources(), []string{"team"}) {
			t.Errorf("keep %v: brings back %v", keep, r.Sources())
		}
		r.Apply(c.state)
		if after := stored(c.state); !reflect.DeepEqual(before, after) {
			t.Errorf("keep %v: \n%+v\nwant\n%+v", keep, after, before)
		}
	}
	before := stored(c.state)
	if err := merge.RemoveSource(c.state, "team", true, c.files, c.newID); err != nil {
		t.Fatal(err)
	}
	r := reverseOf(before, c.state)
	c.state.Sources = append(c.state.Sources, portolan.Source{SourceConfig: portolan.SourceConfig{Name: "team"}})
	if r.Fits(c.state) {
		t.Error("a new source of the name is no conflict")
	}
}

func TestEnvironments(t *testing.T) {
	texts := map[string]string{
		"b.json":     `{"environment": {"title": "Beta", "color": "#123456", "order": 2}, "forwards": []}`,
		"b2.json":    `{"environment": {"title": "Other", "description": "words"}, "forwards": []}`,
		"a.json":     `[{"alias":"x","service":"x","remote_port":80}]`,
		"first.json": `{"environment": {"order": 1, "protected": true}, "forwards": []}`,
	}
	files := func(path, _ string) (*portolan.File, error) { return portolan.Parse(path, []byte(texts[path])), nil }
	src := &portolan.Source{SourceConfig: portolan.SourceConfig{Protected: []string{"b*"}}, Base: portolan.Base{
		Files: map[string]portolan.BaseFile{"b.json": {Environment: "b", SHA: "1"}, "b2.json": {Environment: "b", SHA: "2"},
			"a.json": {Environment: "a", SHA: "3"}, "first.json": {Environment: "first", SHA: "4"}, "bad.json": {Environment: "bad"}},
		Kept: []portolan.KeptEntry{{Environment: "old", Protected: true}},
	}}
	got, err := merge.Environments(src, files)
	if err != nil {
		t.Fatal(err)
	}
	want := []portolan.EnvironmentView{
		{Name: "a", File: "a.json"},
		{Name: "bad", File: "bad.json", Protected: true},
		{Name: "old", Protected: true},
		{Name: "first", Order: 1, Protected: true, File: "first.json"},
		{Name: "b", Title: "Beta", Description: "words", Color: "#123456", Order: 2, Protected: true, File: "b.json"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n%+v\nwant\n%+v", got, want)
	}
}
