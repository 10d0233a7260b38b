package merge_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// enough is how often each action, and each pair that is known to be hard, must have
// come before the laws count as tried.
const enough = 100

// tally counts what happened in histories.
type tally map[string]int

// hard are the pairs of a tally, beside the actions of rows.
const (
	movedBesideInvalid = "moved while a file is invalid"
	renamedWithEdit    = "renamed under an edit"
	deletedWhileWanted = "deleted while it runs"
)

// TestLaws plays random histories of a team and of a person, and holds every
// sync in them to the laws of the package: as many as it takes for everything to
// have happened often enough.
func TestLaws(t *testing.T) {
	seen, policies := tally{}, map[[4]string]bool{}
	for _, what := range []portolan.Action{
		portolan.Added, portolan.Updated, portolan.Renamed, portolan.Deleted,
		portolan.Overruled, portolan.Kept, portolan.Invalid,
	} {
		seen[string(what)] = 0
	}
	for _, what := range []string{"confirmed", "refused", "worked out anew", movedBesideInvalid, renamedWithEdit, deletedWhileWanted} {
		seen[what] = 0
	}
	const most = 20 // rounds; a few do
	allPolicies := 3 * 3 * 2 * 2
	for round := 0; round < most && (seen.least() < enough || len(policies) < allPolicies); round++ {
		rapid.Check(t, func(t *rapid.T) {
			h := newHistory(t)
			if rapid.Bool().Draw(t, "other policies") {
				h.policy()
			}
			for range rapid.IntRange(10, 60).Draw(t, "steps") {
				before, had := stored(h.state), h.forwards()
				h.step()
				seen["worked out anew"] += h.renews(&before, had)
				if rapid.IntRange(0, 2).Draw(t, "sync") == 0 {
					before := h.state
					seen.sync(before, h.sync(), h.state)
					policies[policiesOf(h.state)] = true
				}
			}
		})
	}
	t.Logf("%v under %d policies", seen, len(policies))
	if seen.least() < enough {
		t.Errorf("the histories are too tame: %v", seen)
	}
	if len(policies) != allPolicies {
		t.Errorf("%d of %d combinations of policies were tried", len(policies), allPolicies)
	}
}

// least is how often the rarest came.
func (n tally) least() int { return slices.Min(slices.Collect(maps.Values(n))) }

// sync counts what a sync did.
func (n tally) sync(before *portolan.State, d merge.Decision, after *portolan.State) {
	if d.Refused != nil {
		n["refused"]++
	}
	invalid := len(after.Source("team").Base.Invalid()) > 0
	for _, r := range d.Rows {
		n[string(r.Action)]++
		_, edited := before.Edits[r.ID]
		for what, is := range map[string]bool{
			"confirmed":        r.Confirm,
			movedBesideInvalid: r.Action == portolan.Renamed && invalid,
			renamedWithEdit:    r.Action == portolan.Renamed && edited,
			deletedWhileWanted: r.Action == portolan.Deleted && before.Local[r.ID].Wanted,
		} {
			if is {
				n[what]++
			}
		}
	}
}

// policiesOf is the combination of policies that a source has.
func policiesOf(s *portolan.State) (combination [4]string) {
	src := s.Source("team")
	return [4]string{
		cmp.Or(string(src.OnMissing), string(portolan.DeleteMissing)), cmp.Or(string(src.OnInvalid), string(portolan.KeepLastGood)),
		cmp.Or(string(src.OnEdit), string(portolan.RepoWins)), fmt.Sprint(src.Protected),
	}
}

// history is a team that commits and a person who works, step by step.
type history struct {
	*rapid.T
	repo  *repo
	state *portolan.State
	ever  map[portolan.ID]bool // ids given so far
}

var paths = []string{"dev.json", "prod.json", "dev/a.json", "dev/b.json"}

func newHistory(t *rapid.T) *history {
	h := &history{T: t, repo: newRepo(), ever: map[portolan.ID]bool{}}
	h.state = fresh(portolan.SourceConfig{})
	h.state.Contexts = map[string]map[string]string{"prod": {"": "my-prod"}}
	h.state.Sources = append(h.state.Sources, portolan.Source{SourceConfig: portolan.SourceConfig{Name: "other"},
		IDs: map[string]map[string]portolan.ID{"dev": {"api": "other-1"}}})
	for range rapid.IntRange(1, 8).Draw(t, "entries") {
		h.addEntry()
	}
	return h
}

func (h *history) pick(label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(h.T, label)
}

func (h *history) entry() portolan.Entry {
	e := svc(h.pick("alias", "api", "db", "web", "", "cache", "queue"), h.pick("namespace", "", "one", "two"),
		h.pick("service", "api", "db", "web"), rapid.SampledFrom([]int{80, 443}).Draw(h.T, "port"))
	e.LocalPort = rapid.SampledFrom([]int{0, 8080}).Draw(h.T, "local port")
	e.Context = h.pick("context", "", "", "c1")
	e.Description = h.pick("description", "", "", "words")
	return e
}

func (h *history) path() string { return h.pick("path", paths...) }

func (h *history) addEntry() {
	name := h.path()
	h.repo.entries[name] = append(h.repo.entries[name], h.entry())
}

// anyEntry picks an entry of the repository.
func (h *history) anyEntry() (name string, i int, ok bool) {
	name = h.path()
	n := len(h.repo.entries[name])
	if n == 0 {
		return name, 0, false
	}
	return name, rapid.IntRange(0, n-1).Draw(h.T, "index"), true
}

// step does one thing that a team or a person does.
func (h *history) step() {
	steps := []func(){
		h.addEntry, h.addEntry, h.removeEntry, h.change, h.change, h.change, h.change, h.rename, h.renameEdited, h.renameEdited, h.renameEdited, h.renameEdited, h.removeWanted, h.move, h.move, h.copyEntry, h.reorder,
		h.breakFile, h.repair, h.repair, h.dropFile, h.protect, h.policy,
		h.edit, h.edit, h.edit, h.override, h.want, h.want, h.want, h.want, h.want, h.addMine, h.confirm, h.press,
	}
	rapid.SampledFrom(steps).Draw(h.T, "step")()
}

func (h *history) removeEntry() {
	if name, i, ok := h.anyEntry(); ok {
		h.repo.entries[name] = slices.Delete(h.repo.entries[name], i, i+1)
	}
}

func (h *history) change() {
	if name, i, ok := h.anyEntry(); ok {
		alias := h.repo.entries[name][i].Alias
		h.repo.entries[name][i] = h.entry()
		h.repo.entries[name][i].Alias = alias
	}
}

func (h *history) rename() {
	if name, i, ok := h.anyEntry(); ok {
		h.repo.entries[name][i].Alias = h.pick("alias", "api", "new", "other", "")
	}
}

// renameEdited renames an entry that the person has edited.
func (h *history) renameEdited() {
	if f, i, ok := h.first(func(f portolan.Forward) bool { return f.Edited }); ok {
		h.repo.entries[f.File][i].Alias = h.pick("alias", "new", "other", "newer")
	}
}

// removeWanted removes an entry whose forward runs.
func (h *history) removeWanted() {
	if f, i, ok := h.first(func(f portolan.Forward) bool { return f.Local.Wanted }); ok {
		h.repo.entries[f.File] = slices.Delete(h.repo.entries[f.File], i, i+1)
	}
}

// first is the first forward like that whose entry the repository still has, and
// where in its file.
func (h *history) first(like func(portolan.Forward) bool) (f portolan.Forward, i int, ok bool) {
	for _, f := range h.forwards() {
		i := slices.IndexFunc(h.repo.entries[f.File], func(e portolan.Entry) bool { return e.Equal(f.Team) })
		if i >= 0 && like(f) {
			return f, i, true
		}
	}
	return f, 0, false
}

func (h *history) move() {
	if name, i, ok := h.anyEntry(); ok {
		e := h.repo.entries[name][i]
		h.repo.entries[name] = slices.Delete(h.repo.entries[name], i, i+1)
		to := h.path()
		h.repo.entries[to] = append(h.repo.entries[to], e)
	}
}

func (h *history) copyEntry() {
	if name, i, ok := h.anyEntry(); ok {
		to := h.path()
		h.repo.entries[to] = append(h.repo.entries[to], h.repo.entries[name][i])
	}
}

func (h *history) reorder() {
	list := h.repo.entries[h.path()]
	slices.Reverse(list)
}

func (h *history) breakFile() {
	name := h.path()
	if _, ok := h.repo.entries[name]; ok {
		h.repo.broken[name] = h.pick("text", `[{"alias": "api"`, `[{"alias":"api","service":"api","remote_port":99999},{"alias":"ok","service":"web","remote_port":80}]`)
	}
}

func (h *history) repair() {
	for _, name := range paths {
		delete(h.repo.broken, name)
	}
}

func (h *history) dropFile() {
	name := h.path()
	delete(h.repo.entries, name)
	delete(h.repo.broken, name)
}

func (h *history) protect() {
	name := h.path()
	h.repo.protected[name] = !h.repo.protected[name]
}

func (h *history) policy() {
	src := h.state.Source("team")
	src.OnMissing = rapid.SampledFrom([]portolan.OnMissing{"", portolan.KeepMissing, portolan.FailMissing}).Draw(h.T, "on_missing")
	src.OnInvalid = rapid.SampledFrom([]portolan.OnInvalid{"", portolan.SkipEntry, portolan.FailInvalid}).Draw(h.T, "on_invalid")
	src.OnEdit = rapid.SampledFrom([]portolan.OnEdit{"", portolan.KeepUntilChanged}).Draw(h.T, "on_edit")
	src.Protected = nil
	if rapid.Bool().Draw(h.T, "protected") {
		src.Protected = []string{"pro*"}
	}
}

// forwards is what is in force now.
func (h *history) forwards() []portolan.Forward { return h.inForce(h.state) }

func (h *history) inForce(s *portolan.State) []portolan.Forward {
	all, err := merge.Forwards(s, h.repo.files)
	if err != nil {
		h.Fatalf("Forwards: %v", err)
	}
	return all
}

func (h *history) anyForward() (f portolan.Forward, ok bool) {
	all := h.forwards()
	if len(all) == 0 {
		return f, false
	}
	return rapid.SampledFrom(all).Draw(h.T, "forward"), true
}

func (h *history) edit() {
	f, ok := h.anyForward()
	if !ok {
		return
	}
	fields := rapid.SampledFrom([]map[string]json.RawMessage{
		{"namespace": raw("mine")}, {"namespace": raw("two"), "description": raw("mine")},
		{"local_port": raw(7777)}, {"description": nil}, {"alias": raw("mine")}, {"service": raw("web")},
	}).Draw(h.T, "fields")
	fields = maps.Clone(fields)
	for name, v := range fields {
		if v == nil {
			fields[name] = json.RawMessage("null")
		}
	}
	before := stored(h.state)
	if err := merge.EditEntry(h.state, h.repo.files, f.ID, fields, noon); err != nil {
		h.Logf("EditEntry: %v", err)
		h.unchanged(&before, "a refused edit")
	}
}

func (h *history) override() {
	if f, ok := h.anyForward(); ok {
		fields := rapid.SampledFrom([]map[string]json.RawMessage{
			{"local_port": raw(6000)}, {"local_address": raw("127.0.0.2")}, {"context": raw("my-own")}, {"context": json.RawMessage("null")},
		}).Draw(h.T, "override")
		if err := merge.SetOverride(h.state, h.repo.files, f.ID, fields); err != nil {
			h.Fatalf("SetOverride: %v", err)
		}
	}
}

func (h *history) want() {
	if f, ok := h.anyForward(); ok {
		merge.Want(h.state, []portolan.ID{f.ID}, rapid.IntRange(0, 3).Draw(h.T, "wanted") > 0)
	}
}

// press moves a forward that is wanted to another namespace.
func (h *history) press() {
	f, ok := h.anyForward()
	if !ok || f.Source != "team" {
		return
	}
	merge.Want(h.state, []portolan.ID{f.ID}, true)
	for i := range h.repo.entries[f.File] {
		if e := &h.repo.entries[f.File][i]; e.Alias == f.Team.Alias {
			e.Namespace += "-b"
		}
	}
}

func (h *history) addMine() {
	before := stored(h.state)
	if _, err := merge.AddEntry(h.state, h.pick("environment", "dev", "prod"), h.entry(), h.repo.newID); err != nil {
		h.unchanged(&before, "a refused entry")
	}
}

func (h *history) confirm() {
	if f, ok := h.anyForward(); ok {
		if err := merge.Confirm(h.state, h.repo.files, f.ID, noon); (err == nil) != (f.Local.Approved != nil) {
			h.Fatalf("Confirm of %+v: %v", f, err)
		}
	}
}

// renews holds the law of Touched and Renew: the list before a step, with what the
// step touched renewed, is the list after it. It returns how many were renewed.
func (h *history) renews(before *portolan.State, list []portolan.Forward) (renewed int) {
	h.Helper()
	ids, ok := merge.Touched(before, h.state)
	if !ok {
		return 0
	}
	for i, f := range list {
		if !slices.Contains(ids, f.ID) {
			continue
		}
		var err error
		if list[i], err = merge.Renew(h.state, f); err != nil {
			h.Fatalf("Renew: %v", err)
		}
		renewed++
	}
	if now := h.forwards(); !reflect.DeepEqual(list, now) {
		h.Fatalf("renewed %v:\n%+v\nwant\n%+v", ids, list, now)
	}
	return renewed
}

func (h *history) unchanged(before *portolan.State, what string) {
	h.Helper()
	if now := stored(h.state); !reflect.DeepEqual(*before, now) {
		h.Fatalf("%s changed the state:\n%+v\n%+v", what, *before, now)
	}
}

// sync takes the repository's present state, and holds the law.
func (h *history) sync() merge.Decision { return h.take(h.repo.snapshot()) }

// take is sync of a state that the repository has or had.
func (h *history) take(snap portolan.Snapshot) merge.Decision {
	before := stored(h.state)
	ids := h.repo.ids
	d := h.plan(&before, snap)
	h.unchanged(&before, "planning")
	after := stored(&before)
	d.Apply(&after)
	h.orderFree(snap, ids, d, &after)
	h.hidingLosesNothing(snap, ids, d, &after)
	after = stored(&after)
	if d.Refused != nil {
		if d.Changed() || len(d.Rows) > 0 || !reflect.DeepEqual(before, after) {
			h.Fatalf("a refused plan changes something: %+v", d)
		}
		return d
	}
	h.idempotent(&after, snap)
	h.othersUntouched(&before, &after)
	h.planIsApply(&before, &after, d)
	h.stable(&before, &after)
	h.repoWins(&after, snap)
	h.noEditLost(&before, &after)
	h.invalidIsNotMissing(&after, d)
	h.nothingMoves(&before, &after)
	h.state = &after
	return d
}

func (h *history) plan(s *portolan.State, snap portolan.Snapshot) merge.Decision {
	h.Helper()
	d, err := merge.Plan(s, snap, h.repo.files, h.repo.options())
	if err != nil {
		h.Fatalf("Plan: %v", err)
	}
	return d
}

func (h *history) idempotent(after *portolan.State, snap portolan.Snapshot) {
	held, err := merge.Held("team", after.Source("team").Base, h.repo.files)
	if err != nil {
		h.Fatalf("Held: %v", err)
	}
	for _, again := range []portolan.Snapshot{snap, held} {
		d := h.plan(after, again)
		// What only settings forbid may be refused now that it has happened.
		if len(d.Rows) > 0 || d.Changed() {
			h.Fatalf("the second sync changes something: %+v\n%+v\n%+v", d.Rows, d, after)
		}
		twice := stored(after)
		d.Apply(&twice)
		if !reflect.DeepEqual(*after, twice) {
			h.Fatalf("applying nothing changes the state")
		}
	}
}

// orderFree plans with the files and the entries in another order.
func (h *history) orderFree(snap portolan.Snapshot, ids int, d merge.Decision, after *portolan.State) {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(h.T, "order"), 0))
	mixed := snap
	mixed.Files = slices.Clone(snap.Files)
	random.Shuffle(len(mixed.Files), func(i, j int) { mixed.Files[i], mixed.Files[j] = mixed.Files[j], mixed.Files[i] })
	for i, f := range mixed.Files {
		shuffled := *f.File
		shuffled.Entries = slices.Clone(f.File.Entries)
		random.Shuffle(len(shuffled.Entries), func(i, j int) {
			shuffled.Entries[i], shuffled.Entries[j] = shuffled.Entries[j], shuffled.Entries[i]
		})
		mixed.Files[i].File = &shuffled
	}
	now := h.repo.ids
	h.repo.ids = ids
	other := h.plan(h.state, mixed)
	h.repo.ids = max(now, h.repo.ids)
	got := stored(h.state)
	other.Apply(&got)
	if (other.Refused == nil) != (d.Refused == nil) || !slices.EqualFunc(aboutForwards(other.Rows), aboutForwards(d.Rows), func(a, b portolan.Row) bool { return reflect.DeepEqual(a, b) }) {
		h.Fatalf("the order matters to the rows:\n%+v %+v\n%+v %+v", d.Rows, d.Refused, other.Rows, other.Refused)
	}
	if !reflect.DeepEqual(withoutFaults(got), withoutFaults(*after)) {
		h.Fatalf("the order matters to the state:\n%+v\n%+v", *after, got)
	}
}

// hidingLosesNothing plans while only one environment appears: the same comes about,
// but that nothing starts out of sight, and no row says what the others do not.
func (h *history) hidingLosesNothing(snap portolan.Snapshot, ids int, d merge.Decision, after *portolan.State) {
	got := stored(h.state)
	got.Source("team").Enabled = []string{"dev"}
	now := h.repo.ids
	h.repo.ids = ids
	other := h.plan(&got, snap)
	h.repo.ids = max(now, h.repo.ids)
	other.Apply(&got)
	got.Source("team").Enabled = nil
	for _, r := range other.Rows {
		if !slices.ContainsFunc(d.Rows, func(of portolan.Row) bool { return reflect.DeepEqual(r, of) }) {
			h.Fatalf("hiding makes a row: %+v beside %+v", r, d.Rows)
		}
	}
	if (other.Refused == nil) != (d.Refused == nil) || !reflect.DeepEqual(unwanted(got), unwanted(*after)) {
		h.Fatalf("hiding matters to the state:\n%s", gocmp.Diff(unwanted(*after), unwanted(got)))
	}
}

// unwanted is a state in which nothing runs; what runs has the target that was
// approved with it.
func unwanted(s portolan.State) portolan.State {
	s = stored(&s)
	for id, local := range s.Local {
		if local.Wanted, local.Approved = false, nil; reflect.ValueOf(local).IsZero() {
			delete(s.Local, id)
		} else {
			s.Local[id] = local
		}
	}
	return stored(&s)
}

// aboutForwards leaves out the rows about files: they say where something
// stands, and that is another place in another order.
func aboutForwards(rows []portolan.Row) []portolan.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r portolan.Row) bool { return r.Kind == "file" })
}

func withoutFaults(s portolan.State) portolan.State {
	s = stored(&s)
	for i := range s.Sources {
		for name, f := range s.Sources[i].Base.Files {
			if f.Invalid != nil {
				f.Invalid = &portolan.Fault{}
				s.Sources[i].Base.Files[name] = f
			}
		}
	}
	return s
}

func (h *history) othersUntouched(before, after *portolan.State) {
	a, b := stored(before), stored(after)
	for _, s := range []*portolan.State{&a, &b} {
		own := map[portolan.ID]bool{}
		for _, m := range s.Mine {
			own[m.ID] = true
		}
		maps.DeleteFunc(s.Local, func(id portolan.ID, _ portolan.Local) bool { return !own[id] })
		if len(s.Local) == 0 {
			s.Local = nil
		}
		s.Superseded, s.Edits = nil, nil
		src := s.Source("team")
		*src = portolan.Source{SourceConfig: src.SourceConfig}
	}
	if !reflect.DeepEqual(a, b) {
		h.Fatalf("what is not the source's is touched:\n%+v\n%+v", a, b)
	}
	for id, l := range before.Local {
		now, still := after.Local[id]
		l.Approved, now.Approved = nil, nil
		if still && l != now {
			h.Fatalf("a sync changes what this machine knows of %s: %+v, then %+v", id, l, now)
		}
	}
	if n := len(before.Superseded); n > 0 && !reflect.DeepEqual(before.Superseded, after.Superseded[:n]) {
		h.Fatal("a sync changes what was superseded before")
	}
}

// stable checks that who stays under its key keeps its id, and that no id comes
// back.
func (h *history) stable(before, after *portolan.State) {
	type place struct{ env, key string }
	ids := map[place]portolan.ID{}
	for _, f := range h.inForce(before) {
		h.ever[f.ID] = true
		if f.Source == "team" {
			ids[place{f.Environment, f.Key}] = f.ID
		}
	}
	had := map[portolan.ID]bool{}
	for _, id := range ids {
		had[id] = true
	}
	seen := map[portolan.ID]bool{}
	for _, f := range h.inForce(after) {
		if seen[f.ID] {
			h.Fatalf("%s is the id of two forwards", f.ID)
		}
		seen[f.ID] = true
		if f.Source != "team" {
			continue
		}
		if id, ok := ids[place{f.Environment, f.Key}]; ok && id != f.ID {
			h.Fatalf("%s/%s was %s and is %s", f.Environment, f.Key, id, f.ID)
		}
		if !had[f.ID] {
			if h.ever[f.ID] {
				h.Fatalf("the id %s comes back", f.ID)
			}
			if f.Local != (portolan.Local{New: true}) {
				h.Fatalf("what arrives is not just new: %+v", f.Local)
			}
		}
	}
	for id := range after.Local {
		if !seen[id] {
			h.Fatalf("something is known of %s, which is gone", id)
		}
	}
}

// repoWins checks, where no policy keeps anything, that exactly the repository's
// entries are in force.
func (h *history) repoWins(after *portolan.State, snap portolan.Snapshot) {
	src := after.Source("team")
	for _, f := range src.Base.Files {
		if f.Invalid != nil {
			return
		}
	}
	want := map[string]portolan.Entry{}
	byEnv := map[string][]*portolan.File{}
	for _, f := range snap.Files {
		byEnv[f.Environment] = append(byEnv[f.Environment], f.File)
	}
	for env, files := range byEnv {
		entries, _ := portolan.Identify(env, files)
		for _, e := range entries {
			want[env+"\x00"+e.Key] = e.Entry
		}
	}
	for _, k := range src.Base.Kept {
		protected := slices.Contains(src.Protected, "pro*") && k.Environment == "prod" || k.Reason == k.Environment+" is protected"
		if src.OnMissing != portolan.KeepMissing && !protected {
			h.Fatalf("kept without a reason: %+v", k)
		}
		want[k.Environment+"\x00"+k.Key] = k.Entry
	}
	for _, f := range h.inForce(after) {
		if f.Source != "team" {
			continue
		}
		e, ok := want[f.Environment+"\x00"+f.Key]
		if !ok || !e.Equal(f.Team) {
			h.Fatalf("%s/%s is in force, and not in the repository", f.Environment, f.Key)
		}
		delete(want, f.Environment+"\x00"+f.Key)
		if src.OnEdit != portolan.KeepUntilChanged && f.Edited {
			h.Fatalf("an edit outlives a sync: %+v", f)
		}
	}
	if len(want) > 0 {
		h.Fatalf("in the repository and not in force: %v", want)
	}
}

// noEditLost checks that each edited field is still edited, superseded, or what
// the team says by now.
func (h *history) noEditLost(before, after *portolan.State) {
	team := map[portolan.ID]portolan.Entry{}
	for _, f := range h.inForce(after) {
		team[f.ID] = f.Team
	}
	answered := map[string]bool{}
	note := func(id portolan.ID, fields []portolan.FieldChange) {
		for _, c := range fields {
			answered[fmt.Sprint(id, c.Name, string(c.After))] = true
		}
	}
	for id, e := range after.Edits {
		note(id, e.Fields)
	}
	for _, old := range after.Superseded[len(before.Superseded):] {
		note(old.Forward, old.Fields)
	}
	for id, e := range before.Edits {
		for _, c := range e.Fields {
			e, still := team[id]
			adopted := still && !slices.ContainsFunc(portolan.Diff(portolan.Entry{}, e), func(t portolan.FieldChange) bool {
				return t.Name == c.Name && string(t.After) != string(c.After)
			})
			if !adopted && !answered[fmt.Sprint(id, c.Name, string(c.After))] {
				h.Fatalf("the edit of %s of %s is lost: %s", c.Name, id, c.After)
			}
		}
	}
}

// invalidIsNotMissing checks that nothing is deleted while a file is invalid.
func (h *history) invalidIsNotMissing(after *portolan.State, d merge.Decision) {
	for name, f := range after.Source("team").Base.Files {
		if f.Invalid == nil {
			continue
		}
		for _, r := range d.Rows {
			if r.Action == portolan.Deleted {
				h.Fatalf("%s/%s is deleted while %s is invalid", r.Environment, r.Key, name)
			}
		}
	}
}

// nothingMoves checks that no wanted forward goes elsewhere without a yes.
func (h *history) nothingMoves(before, after *portolan.State) {
	was := map[portolan.ID]portolan.Forward{}
	for _, f := range h.inForce(before) {
		was[f.ID] = f
	}
	for _, f := range h.inForce(after) {
		old, ok := was[f.ID]
		if !ok || !f.Local.Wanted {
			continue
		}
		if old.Local.Approved != nil && (f.Local.Approved == nil) == (*old.Local.Approved != merge.TargetOf(after, f)) {
			h.Fatalf("a yes that is waited for is forgotten: %+v, then %+v", old, f)
		}
		from, to := merge.TargetOf(before, old), merge.TargetOf(after, f)
		moved := from.Context != to.Context || from.Namespace != to.Namespace || (old.Protected || f.Protected) && from != to
		if old.Local.Approved == nil && moved != (f.Local.Approved != nil && *f.Local.Approved == from) {
			h.Fatalf("%+v leads to %+v, and asks %+v", from, to, f.Local.Approved)
		}
	}
}
