package merge_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// TestReviewLaws plays histories in which what a sync finds waits: for a yes, or
// because the source is held or was taken back to a revision. Whatever is taken in
// the end is held to the laws of a sync.
func TestReviewLaws(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := &reviewed{history: newHistory(t), seen: seen}
		h.poll() // the first sync, which nobody reviews
		for range rapid.IntRange(15, 40).Draw(t, "steps") {
			h.step()
			rapid.SampledFrom([]func(){h.poll, h.poll, h.poll, h.poll, h.approve, h.approve, h.approve, h.approve,
				h.hold, h.resume, h.resume, h.resume, h.restore, h.turn, h.turn, h.revert}).Draw(t, "act")()
		}
		h.settle()
	})
	t.Logf("%v", seen)
	for _, what := range []string{"waits for review", "waits while held", "approved", "approved later", "refused yes", "held", "resumed", "restored",
		"restored with rows", "restored by deleting", "restored over kept", "nothing waits any more"} {
		if seen[what] < 3 {
			t.Errorf("the histories are too tame: %d times %q", seen[what], what)
		}
	}
}

// reviewed is a history whose source does not take all by itself.
type reviewed struct {
	*history
	seen      map[string]int
	revisions []past
	taken     repo // as it was at the last sync that was taken
}

// past is a revision and what was in force then.
type past struct {
	portolan.Revision
	inForce []shared
}

// shared is an entry as the team has it.
type shared struct {
	env, key string
	entry    string // as JSON
}

func (h *reviewed) src() *portolan.Source { return h.state.Source("team") }

func (h *reviewed) shared() []shared {
	list := []shared{}
	for _, f := range h.forwards() {
		if f.Source == "team" {
			list = append(list, shared{f.Environment, f.Key, string(portolan.Encode([]portolan.Entry{f.Team}))})
		}
	}
	slices.SortFunc(list, func(a, b shared) int { return slices.Compare([]string{a.env, a.key}, []string{b.env, b.key}) })
	return list
}

// revise appends the revision of what is in force now.
func (h *reviewed) revise() {
	r := h.src().Revision(noon, "")
	r.Number = uint64(len(h.revisions) + 1)
	h.revisions = append(h.revisions, past{r, h.shared()})
}

// poll does what a sync does, whatever the source's state.
func (h *reviewed) poll() {
	snap := h.repo.snapshot()
	before := stored(h.state)
	d := h.plan(&before, snap)
	waits := d.Waits(h.src())
	if waits == "" || d.Refused != nil {
		h.sync()
		h.revise()
		h.taken = repo{entries: clonedEntries(h.repo.entries), broken: maps.Clone(h.repo.broken), protected: maps.Clone(h.repo.protected)}
		return
	}
	after := stored(&before)
	changed := d.Await(&after, snap, noon)
	if changed != !reflect.DeepEqual(before, after) {
		h.Fatalf("Await says that it changed: %v", changed)
	}
	again := stored(&after)
	if h.plan(&after, snap).Await(&again, snap, noon.Add(time.Hour)) || !reflect.DeepEqual(after, again) {
		h.Fatalf("the second poll changes something")
	}
	h.onlyWaits(&before, &after)
	if after.Source("team").Waiting == nil {
		if slices.ContainsFunc(d.Rows, func(r portolan.Row) bool { return r.Action != portolan.Overruled }) {
			h.Fatalf("%+v should wait", d.Rows)
		}
		h.seen["nothing waits any more"]++
	} else {
		h.seen[map[portolan.Wait]string{portolan.WaitsReview: "waits for review", portolan.WaitsHeld: "waits while held"}[waits]]++
	}
	h.state = &after
}

// revert is a team that takes back what it did since.
func (h *reviewed) revert() {
	h.repo.entries, h.repo.broken, h.repo.protected = clonedEntries(h.taken.entries), maps.Clone(h.taken.broken), maps.Clone(h.taken.protected)
	h.poll()
}

func clonedEntries(files map[string][]portolan.Entry) map[string][]portolan.Entry {
	files = maps.Clone(files)
	for name := range files {
		files[name] = slices.Clone(files[name])
	}
	return files
}

// onlyWaits holds that nothing is in force, edited or superseded that was not.
func (h *reviewed) onlyWaits(before, after *portolan.State) {
	a, b := stored(before), stored(after)
	a.Source("team").Waiting, b.Source("team").Waiting = nil, nil
	if !reflect.DeepEqual(a, b) {
		h.Fatalf("what waits has an effect:\n%+v\n%+v", a, b)
	}
}

// approve says yes to what waits, if anything does, after a yes to something else.
func (h *reviewed) approve() {
	waiting := h.src().Waiting
	before := stored(h.state)
	if waiting == nil || h.src().Held != nil {
		code := "review-moved"
		if waiting != nil {
			code = "source-held"
		}
		if _, err := merge.Approve(h.state, "team", "", h.repo.files, h.repo.options()); portolan.AsFault(err).Code != code {
			h.Fatalf("%v, want %s", err, code)
		}
		h.seen["refused yes"]++
		return
	}
	if _, err := merge.Approve(h.state, "team", "another", h.repo.files, h.repo.options()); portolan.AsFault(err).Code != "review-moved" {
		h.Fatalf("a yes to another commit: %v", err)
	}
	snap, err := merge.Held("team", waiting.Base, h.repo.files)
	if err != nil {
		h.Fatalf("Held: %v", err)
	}
	ids := h.repo.ids
	yes, err := merge.Approve(h.state, "team", waiting.Commit.SHA, h.repo.files, h.repo.options())
	if err != nil {
		h.Fatalf("Approve: %v", err)
	}
	h.unchanged(&before, "planning a yes")
	h.repo.ids = ids
	if d := h.take(snap); !reflect.DeepEqual(yes.Rows, d.Rows) || (yes.Refused == nil) != (d.Refused == nil) {
		h.Fatalf("the yes is to\n%+v\nand what is taken is\n%+v", yes.Rows, d.Rows)
	} else if d.Refused != nil {
		return // a policy has changed since
	}
	if h.src().Waiting != nil {
		h.Fatalf("what was taken still waits")
	}
	h.revise()
	h.seen["approved"]++
	if snap.Commit.SHA != h.repo.snapshot().Commit.SHA {
		h.seen["approved later"]++
	}
}

func (h *reviewed) hold() {
	if err := merge.Hold(h.state, "team", uint64(len(h.revisions)), noon); err != nil {
		h.Fatalf("Hold: %v", err)
	}
	h.seen["held"]++
}

func (h *reviewed) resume() {
	held := h.src().Held != nil
	if err := merge.Resume(h.state, "team"); (err == nil) != held {
		h.Fatalf("Resume: %v", err)
	}
	if held {
		h.seen["resumed"]++
		h.poll()
	}
}

func (h *reviewed) turn() {
	h.src().Apply = rapid.SampledFrom([]portolan.Apply{"", portolan.ApplyAuto, portolan.ApplyReview, portolan.ApplyReview}).Draw(h.T, "apply")
}

// restore goes back to some revision, and holds that it is exactly that one.
func (h *reviewed) restore() {
	r := rapid.SampledFrom(h.revisions).Draw(h.T, "revision")
	before := stored(h.state)
	d, err := merge.Restore(h.state, r.Revision, h.repo.files, h.repo.options())
	if err != nil || d.Refused != nil {
		h.Fatalf("Restore: %v, %+v", err, d.Refused)
	}
	h.unchanged(&before, "planning a restore")
	after := stored(&before)
	d.Apply(&after)
	after = stored(&after)
	h.othersUntouched(&before, &after)
	h.planIsApply(&before, &after, d)
	h.stable(&before, &after)
	h.noEditLost(&before, &after)
	h.nothingMoves(&before, &after)
	h.state = &after
	if now := h.shared(); !slices.Equal(now, r.inForce) {
		h.Fatalf("restored\n%+v\nand in force is\n%+v", r.inForce, now)
	}
	if held := h.src().Held; held == nil || held.Number != r.Number || held.Why != portolan.HeldRestored || held.Commit.SHA != r.Commit.SHA {
		h.Fatalf("restored, and held is %+v", held)
	}
	if again, err := merge.Restore(h.state, r.Revision, h.repo.files, h.repo.options()); err != nil || len(again.Rows) > 0 {
		h.Fatalf("restored twice, %+v, %v", again.Rows, err)
	}
	h.revise()
	h.seen["restored"]++
	if len(d.Rows) > 0 {
		h.seen["restored with rows"]++
	}
	if len(before.Source("team").Base.Kept) > 0 {
		h.seen["restored over kept"]++
	}
	if slices.ContainsFunc(d.Rows, func(r portolan.Row) bool { return r.Action == portolan.Deleted }) {
		h.seen["restored by deleting"]++
	}
}

// settle lets the source go on by itself, so that the laws of a sync say what is
// in force: what the repository holds.
func (h *reviewed) settle() {
	h.src().Held, h.src().Apply = nil, portolan.ApplyAuto
	h.poll()
	if d := h.plan(h.state, h.repo.snapshot()); d.Refused == nil && (d.Changed() || h.src().Waiting != nil) {
		h.Fatalf("it went on, and something is left: %+v", d.Rows)
	}
}
