package merge

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// EmptySource is the effect of a [portolan.Consent] to a commit without a single
// environment file; its value is the commit's SHA.
const EmptySource = "empty-source"

// CodeEmptySource is the code of the fault that [AllowEmpty] answers.
const CodeEmptySource = "source-empty"

// Options are what a plan needs from outside.
type Options struct {
	Now   time.Time          // of what the sync supersedes, and of the sync itself
	NewID func() portolan.ID // random and never the same
}

// Decision is what a snapshot changes. The zero Decision changes nothing.
type Decision struct {
	// Rows say everything that changes for a person, sorted by environment, file
	// and key; an entry that stays as it is has no row, and neither has one of an
	// environment that does not appear.
	Rows []portolan.Row

	// Refused is set when a policy or a limit applies nothing of this commit, and
	// says why. There are no rows then.
	Refused *portolan.Fault

	source     string
	changed    bool
	after      portolan.Source
	edits      map[portolan.ID]*portolan.Edit // nil: the edit goes
	local      map[portolan.ID]portolan.Local // the zero Local goes
	superseded []portolan.Superseded
}

// Changed reports whether Apply changes the State. A commit that touches no entry
// has no rows and yet moves the base.
func (d Decision) Changed() bool { return d.changed }

// Apply makes the State what the rows say. It must be the State that was planned
// with; for that, plan and apply inside one update.
func (d Decision) Apply(s *portolan.State) {
	if !d.changed {
		return
	}
	*s.Source(d.source) = d.after
	for id, edit := range d.edits {
		if edit == nil {
			delete(s.Edits, id)
		} else {
			s.Edits[id] = *edit
		}
	}
	for id, local := range d.local {
		setLocal(s, id, local)
	}
	s.Superseded = append(s.Superseded, d.superseded...)
}

// setLocal stores what is known about a forward, and forgets it if that is
// nothing.
func setLocal(s *portolan.State, id portolan.ID, l portolan.Local) {
	if l == (portolan.Local{}) {
		delete(s.Local, id)
		return
	}
	if s.Local == nil {
		s.Local = map[portolan.ID]portolan.Local{}
	}
	s.Local[id] = l
}

// Plan decides what a snapshot of a source changes. The source's repository
// wins: after Apply, what came from the source is what the snapshot holds, but
// for what a policy keeps; see the package comment for what is never touched. It
// changes neither s nor snap. The files of the snapshot need not be readable
// through files; those of the base in force must be.
func Plan(s *portolan.State, snap portolan.Snapshot, files Files, opt Options) (Decision, error) {
	src := s.Source(snap.Source)
	if src == nil {
		return Decision{}, UnknownSource(s, snap.Source)
	}
	files = withSnapshot(snap, files)
	base, after, err := versions(src, snap, files)
	if err != nil {
		return Decision{}, err
	}
	p, err := newPlanner(s, src, base, after, files, opt)
	if err != nil {
		return Decision{}, err
	}
	for _, name := range sortedKeys(base.Files) {
		if base.Files[name].Invalid != nil {
			p.invalid = append(p.invalid, name)
		}
	}
	if fault := p.refuse(); fault != nil {
		return Decision{Refused: fault}, nil
	}
	if err := p.decide(); err != nil {
		return Decision{}, err
	}
	return p.finish(), nil
}

// withSnapshot reads a snapshot's own files from the snapshot.
func withSnapshot(snap portolan.Snapshot, files Files) Files {
	own := make(map[string]portolan.SnapshotFile, len(snap.Files))
	for _, f := range snap.Files {
		own[f.Path] = f
	}
	return func(path, sha string) (*portolan.File, error) {
		if f, ok := own[path]; ok && f.SHA == sha {
			return f.File, nil
		}
		return files(path, sha)
	}
}

// planner is a decision under way.
type planner struct {
	Options
	Decision
	state  *portolan.State
	src    *portolan.Source
	base   portolan.Base
	before *inventory
	now    *inventory // without what will be kept
	from   []int      // of now.items, into before.items; see match

	invalid []string // files of the commit
	exact   bool     // no policy keeps what the commit lacks
}

func newPlanner(s *portolan.State, src *portolan.Source, base portolan.Base, now *inventory, files Files, opt Options) (*planner, error) {
	before, err := take(src, src.Base, files)
	if err != nil {
		return nil, err
	}
	return &planner{
		Options: opt, state: s, src: src, base: base,
		before: before, now: now, from: match(before.items, now.items),
		Decision: Decision{
			source: src.Name,
			edits:  map[portolan.ID]*portolan.Edit{},
			local:  map[portolan.ID]portolan.Local{},
		},
	}, nil
}

// refuse applies the settings under which nothing of a commit is taken.
func (p *planner) refuse() *portolan.Fault {
	src := p.src
	if len(p.base.Files) == 0 && len(src.Base.Files) > 0 && !consents(p.state, src.Name, EmptySource, p.base.Commit.SHA) {
		return &portolan.Fault{
			Kind: portolan.Failed, Code: CodeEmptySource,
			Message: fmt.Sprintf("%s has no environment file at commit %s, and had %d: nothing is deleted", src.Name, short(p.base.Commit.SHA), len(src.Base.Files)),
			Hint:    "check the source's ref, path, include and exclude; if the files are really gone, say so with: portolan source confirm " + src.Name,
		}
	}
	if len(p.now.items) > portolan.MaxEntries {
		return &portolan.Fault{
			Kind: portolan.Failed, Code: "too-many-entries",
			Message: fmt.Sprintf("%s has %d entries at commit %s; the limit is %d a source", src.Name, len(p.now.items), short(p.base.Commit.SHA), portolan.MaxEntries),
			Hint:    "split it into several sources with path, include or exclude",
		}
	}
	if len(p.invalid) > 0 {
		if src.OnInvalid == portolan.FailInvalid {
			return p.refuseInvalid()
		}
		return nil // nothing can be missing while a file is invalid
	}
	if src.OnMissing != portolan.FailMissing {
		return nil
	}
	return p.refuseMissing()
}

func (p *planner) refuseInvalid() *portolan.Fault {
	var problems []portolan.Problem
	for _, name := range p.invalid {
		problems = append(problems, p.base.Files[name].Invalid.Problems...)
	}
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "invalid-files",
		Message:  fmt.Sprintf("commit %s of %s has invalid files, and on_invalid is fail: %s", short(p.base.Commit.SHA), p.src.Name, listed(p.invalid)),
		Hint:     "correct the files; until then everything stays as it was",
		Problems: problems,
	}
}

func (p *planner) refuseMissing() *portolan.Fault {
	var missing []string
	for _, it := range p.gone() {
		missing = append(missing, it.env+"/"+it.key)
	}
	if missing == nil {
		return nil
	}
	slices.Sort(missing)
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "missing-entries",
		Message: fmt.Sprintf("commit %s of %s lacks %d entries that are in force, and on_missing is fail: %s", short(p.base.Commit.SHA), p.src.Name, len(missing), listed(missing)),
		Hint:    "put the entries back, or set on_missing to delete or keep; until then everything stays as it was",
	}
}

// gone lists the entries before that no entry continues.
func (p *planner) gone() []item {
	continued := make([]bool, len(p.before.items))
	for _, j := range p.from {
		if j >= 0 {
			continued[j] = true
		}
	}
	var gone []item
	for j, it := range p.before.items {
		if !continued[j] && it.id != "" {
			gone = append(gone, it)
		}
	}
	return gone
}

// decide fills the decision entry by entry.
func (p *planner) decide() error {
	p.invalidFiles()
	for i, j := range p.from {
		if j < 0 {
			continue
		}
		p.now.items[i].id = p.before.items[j].id
		if err := p.survivor(p.before.items[j], p.now.items[i]); err != nil {
			return err
		}
	}
	p.arrivals()
	for _, it := range p.gone() {
		if err := p.missing(it); err != nil {
			return err
		}
	}
	return nil
}

// invalidFiles has a row for each file whose invalidity is news.
func (p *planner) invalidFiles() {
	for name, b := range p.base.Files {
		if b.Invalid == nil || sameInvalidity(p.src.Base.Files[name], b) {
			continue
		}
		p.Rows = append(p.Rows, invalidRow(p.src.Name, name, b))
	}
}

// invalidRow is the row of a file that became invalid.
func invalidRow(source, name string, b portolan.BaseFile) portolan.Row {
	return portolan.Row{
		Source: source, Environment: b.Environment, File: name,
		Kind: "file", Action: portolan.Invalid,
		Reason: b.Invalid.Message, Problems: b.Invalid.Problems,
	}
}

// sortRows brings rows into the order in which people read them.
func sortRows(rows []portolan.Row) {
	slices.SortStableFunc(rows, func(a, b portolan.Row) int {
		return cmp.Or(strings.Compare(a.Environment, b.Environment), strings.Compare(a.File, b.File),
			strings.Compare(a.Key, b.Key), strings.Compare(string(a.Action), string(b.Action)))
	})
}

// arrivals gives an id to what is new, in the order of identity, so that the
// order in the files does not matter.
func (p *planner) arrivals() {
	var fresh []*item
	for i, j := range p.from {
		if j < 0 {
			fresh = append(fresh, &p.now.items[i])
		}
	}
	slices.SortFunc(fresh, func(a, b *item) int {
		return cmp.Or(strings.Compare(a.env, b.env), strings.Compare(a.key, b.key))
	})
	for _, it := range fresh {
		it.id = p.NewID()
		p.local[it.id] = portolan.Local{New: true}
		p.row(*it, portolan.Added).Fields = portolan.Diff(portolan.Entry{}, it.entry)
	}
}

// row appends a row about an entry and returns it to be completed.
func (p *planner) row(it item, action portolan.Action) *portolan.Row {
	p.Rows = append(p.Rows, portolan.Row{
		Source: p.src.Name, Environment: it.env, File: it.file, Key: it.key, ID: it.id,
		Kind: "forward", Action: action,
	})
	return &p.Rows[len(p.Rows)-1]
}

// survivor is an entry that was in force and is: changed by the team perhaps,
// edited here perhaps, moved perhaps.
func (p *planner) survivor(was, is item) error {
	edit, edited := p.state.Edits[is.id]
	local := p.state.Local[is.id]
	if !edited && was.place == is.place && was.file == is.file && was.kept == is.kept && was.entry.Equal(is.entry) {
		return nil
	}
	survive, lost, err := settle(p.src.OnEdit, edit.Fields, was.entry, is.entry)
	if err != nil {
		return err
	}
	mine, err := effective(was.entry, edit.Fields, local.Override)
	if err != nil {
		return err
	}
	theirs, err := effective(is.entry, survive, local.Override)
	if err != nil {
		return err
	}
	confirm := p.retarget(was, is, local, mine, theirs)
	p.describe(was, is, confirm)
	if local.Wanted && !p.src.Shows(is.env) {
		local.Wanted, local.Approved = false, nil
		p.local[is.id] = local
	}
	if edited {
		p.keepEdit(is.id, edit, survive)
	}
	if len(lost) > 0 {
		r := p.row(is, portolan.Overruled)
		r.Fields, r.Confirm = swap(lost), confirm
		return p.supersede(was, edit, lost)
	}
	return nil
}

// describe has the row of what the team changed in an entry, if anything.
func (p *planner) describe(was, is item, confirm bool) {
	if action, reason, fields := became(was, is); action != portolan.Unchanged {
		r := p.row(is, action)
		r.Fields, r.Reason, r.Confirm = fields, reason, confirm
	}
}

// became says what happened to an entry that is in force before and after.
func became(was, is item) (action portolan.Action, reason string, fields []portolan.FieldChange) {
	fields = portolan.Diff(was.entry, is.entry)
	switch {
	case was.env != is.env:
		return portolan.Renamed, "moved from " + was.env, fields
	case was.key != is.key:
		return portolan.Renamed, "was " + was.key, fields
	case is.kept != "" && is.kept != was.kept:
		return portolan.Kept, is.kept, fields
	case was.kept != "" && is.kept == "":
		return portolan.Updated, "the repository has it again", fields
	case was.file != is.file:
		return portolan.Updated, "moved from " + was.file, fields
	case len(fields) == 0:
		return portolan.Unchanged, "", nil
	}
	return portolan.Updated, "", fields
}

// retarget notes a wanted forward that this sync moves, so that it waits for a
// yes, and reports whether it does. A forward that already waits goes on waiting
// until it leads where it led when it last had a yes.
func (p *planner) retarget(was, is item, local portolan.Local, mine, theirs portolan.Entry) bool {
	from := TargetOf(p.state, portolan.Forward{Environment: was.env, Entry: mine, Local: local})
	to := TargetOf(p.state, portolan.Forward{Environment: is.env, Entry: theirs, Local: local})
	if !local.Wanted || from == to {
		return false
	}
	protected := p.protects(was.env) || p.protects(is.env)
	switch approved := local.Approved; {
	case approved != nil && *approved == to:
		local.Approved = nil
	case approved == nil && Moves(from, to, protected):
		local.Approved = &from
	}
	p.local[is.id] = local
	return local.Approved != nil
}

// keepEdit stores what survives of an edit.
func (p *planner) keepEdit(id portolan.ID, edit portolan.Edit, survive []portolan.FieldChange) {
	switch {
	case len(survive) == 0:
		p.edits[id] = nil
	case !reflect.DeepEqual(survive, edit.Fields):
		p.edits[id] = &portolan.Edit{At: edit.At, Fields: survive}
	}
}

// supersede records the lost fields of an edit for the person to answer.
func (p *planner) supersede(was item, edit portolan.Edit, lost []portolan.FieldChange) error {
	whole, err := apply(was.entry, edit.Fields)
	if err != nil {
		return err
	}
	p.superseded = append(p.superseded, portolan.Superseded{
		Forward: was.id, Source: p.src.Name,
		Environment: was.env, Alias: was.entry.Alias, Commit: p.base.Commit,
		EditedAt: edit.At, At: p.Now, Fields: lost, Entry: whole,
	})
	return nil
}

// missing is an entry that was in force and that the commit lacks.
func (p *planner) missing(was item) error {
	if reason := p.keepReason(was); reason != "" {
		is := was
		is.kept = reason
		p.base.Kept = append(p.base.Kept, portolan.KeptEntry{
			Environment: is.env, File: is.file, Key: is.key, Entry: is.entry, Reason: reason,
			Protected: p.protects(is.env),
		})
		p.now.items = append(p.now.items, is)
		return p.survivor(was, is)
	}
	p.row(was, portolan.Deleted).Fields = portolan.Diff(was.entry, portolan.Entry{})
	p.local[was.id] = portolan.Local{}
	edit, edited := p.state.Edits[was.id]
	if !edited {
		return nil
	}
	p.edits[was.id] = nil
	p.row(was, portolan.Overruled).Fields = swap(edit.Fields)
	return p.supersede(was, edit, edit.Fields)
}

// keepReason says why an entry that the commit lacks stays, or "".
func (p *planner) keepReason(it item) string {
	switch {
	case p.exact:
		return ""
	case len(p.invalid) > 0:
		return "it may have moved into a file that is invalid: " + listed(p.invalid)
	case p.src.OnMissing == portolan.KeepMissing:
		return "on_missing is keep"
	case p.protects(it.env):
		return it.env + " is protected"
	}
	return ""
}

// protects reports whether an environment is protected before or after: a commit
// cannot lift the protection and profit from that.
func (p *planner) protects(env string) bool { return p.before.protected[env] || p.now.protected[env] }

// finish completes the source as it will be, and sorts the rows.
func (p *planner) finish() Decision {
	p.after = *p.src
	p.after.IDs = map[string]map[string]portolan.ID{}
	for _, it := range p.now.items {
		if p.after.IDs[it.env] == nil {
			p.after.IDs[it.env] = map[string]portolan.ID{}
		}
		p.after.IDs[it.env][it.key] = it.id
	}
	slices.SortFunc(p.base.Kept, func(a, b portolan.KeptEntry) int {
		return cmp.Or(strings.Compare(a.Environment, b.Environment), strings.Compare(a.Key, b.Key))
	})
	sortRows(p.Rows)
	slices.SortFunc(p.superseded, func(a, b portolan.Superseded) int { return strings.Compare(string(a.Forward), string(b.Forward)) })
	for i := range p.superseded {
		p.superseded[i].ID = string(p.NewID())
	}
	p.after.Base, p.after.Waiting = p.base, nil
	p.changed = len(p.Rows) > 0 || len(p.edits) > 0 || !sameBase(p.src.Base, p.base) || p.src.Waiting != nil
	if p.changed {
		p.after.SyncedAt = p.Now
	}
	p.leaveHidden()
	return p.Decision
}

// leaveHidden drops the rows about what appears neither before nor after.
func (p *planner) leaveHidden() {
	if len(p.src.Enabled) == 0 {
		return
	}
	appeared := map[portolan.ID]bool{}
	for _, it := range p.before.items {
		appeared[it.id] = p.src.Shows(it.env)
	}
	p.Rows = slices.DeleteFunc(p.Rows, func(r portolan.Row) bool {
		return !p.src.Shows(r.Environment) && (r.ID == "" || !appeared[r.ID])
	})
}

// sameBase reports whether two bases hold the same. Nil and empty are the same.
func sameBase(a, b portolan.Base) bool {
	return a.Commit.SHA == b.Commit.SHA && a.Selection == b.Selection && SameFiles(a, b)
}

// SameFiles reports whether two bases have the same in force, and the same that is
// wrong.
func SameFiles(a, b portolan.Base) bool {
	return len(a.Files) == len(b.Files) && (len(a.Files) == 0 || reflect.DeepEqual(a.Files, b.Files)) &&
		slices.EqualFunc(a.Kept, b.Kept, func(a, b portolan.KeptEntry) bool {
			return a.Environment == b.Environment && a.File == b.File && a.Key == b.Key && a.Reason == b.Reason && a.Protected == b.Protected && a.Entry.Equal(b.Entry)
		})
}

// listed names the first few, and how many there are more.
func listed(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// short is a commit's SHA as people write it.
func short(sha string) string { return sha[:min(len(sha), 7)] }

// UnknownSource is the fault of a name that no source of the state has.
func UnknownSource(s *portolan.State, name string) *portolan.Fault {
	hint := "add one with: portolan source add OWNER/NAME"
	if len(s.Sources) > 0 {
		names := make([]string, len(s.Sources))
		for i := range s.Sources {
			names[i] = s.Sources[i].Name
		}
		hint = "there are: " + strings.Join(names, ", ")
	}
	return &portolan.Fault{
		Kind: portolan.Usage, Code: "source-unknown",
		Message: fmt.Sprintf("there is no source %q", name), Hint: hint,
	}
}
