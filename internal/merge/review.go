package merge

import (
	"fmt"
	"slices"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Waits says why a source does not take a decision by itself, or "" where it
// does. A source that is held takes none; a reviewed one takes its first, for
// which a person has just asked, and what changes nothing that they could see.
func (d Decision) Waits(src *portolan.Source) portolan.Wait {
	switch {
	case src.Held != nil:
		return portolan.WaitsHeld
	case src.Apply == portolan.ApplyReview && src.Base.Commit.SHA != "" && len(d.Rows) > 0:
		return portolan.WaitsReview
	}
	return ""
}

// Await keeps the snapshot that was planned with as what waits for a person, in
// place of applying the decision, and reports whether that changes the State. It
// must be the State that was planned with. A snapshot that would change nothing
// leaves nothing waiting; nor does the one that is in force, of which only a
// person's own edits differ: these live on until the next yes.
func (d Decision) Await(s *portolan.State, snap portolan.Snapshot, now time.Time) (changed bool) {
	src := s.Source(d.source)
	was := src.Waiting
	if sameBase(src.Base, d.after.Base) {
		src.Waiting = nil
		return was != nil
	}
	read := portolan.Base{Commit: snap.Commit, Selection: snap.Selection, Files: make(map[string]portolan.BaseFile, len(snap.Files))}
	for _, f := range snap.Files {
		file := portolan.BaseFile{Environment: f.Environment, SHA: f.SHA}
		if f.Fault != nil {
			file.SHA, file.BadSHA, file.Invalid = "", f.SHA, f.Fault
		}
		read.Files[f.Path] = file
	}
	if was != nil && sameBase(was.Base, read) {
		return false
	}
	src.Waiting = &portolan.WaitingCommit{Base: read, At: now}
	return true
}

// Restore decides what bringing a revision of a source back changes: after Apply,
// what came from the source is exactly what that revision has, whatever the
// source's policies say, and the source is held there. For what is this machine's
// the rules are those of [Plan]. The files of both must be readable through files.
func Restore(s *portolan.State, r portolan.Revision, files Files, opt Options) (Decision, error) {
	src := s.Source(r.Source)
	if src == nil {
		return Decision{}, UnknownSource(s, r.Source)
	}
	base := portolan.Base{Commit: r.Commit, Selection: r.Selection, Files: r.Files, Kept: slices.Clone(r.Kept)}
	after, err := take(src, base, files)
	if err != nil {
		return Decision{}, err
	}
	p, err := newPlanner(s, src, base, after, files, opt)
	if err != nil {
		return Decision{}, err
	}
	p.exact = true
	if err := p.decide(); err != nil {
		return Decision{}, err
	}
	d := p.finish()
	d.changed = true
	d.after.Waiting = src.Waiting
	d.after.Held = &portolan.Held{At: opt.Now, Why: portolan.HeldRestored, Number: r.Number, Commit: r.Commit}
	return d, nil
}

// Hold keeps a source at what is in force, of which number is the revision. One
// that is held stays as it is. The error is a Fault: no such source, or no sync
// has brought anything yet.
func Hold(s *portolan.State, name string, number uint64, now time.Time) error {
	src := s.Source(name)
	switch {
	case src == nil:
		return UnknownSource(s, name)
	case src.Held != nil:
		return nil
	case src.Base.Commit.SHA == "":
		return &portolan.Fault{Kind: portolan.Failed, Code: "nothing-to-hold",
			Message: name + " has no commit yet that it could be held at", Hint: "see why with: portolan source show " + name}
	}
	src.Held = &portolan.Held{At: now, Why: portolan.HeldHere, Number: number, Commit: src.Base.Commit}
	return nil
}

// Resume lets a source that is held go on. The error is a Fault: no such source,
// or it is not held.
func Resume(s *portolan.State, name string) error {
	src := s.Source(name)
	switch {
	case src == nil:
		return UnknownSource(s, name)
	case src.Held == nil:
		return &portolan.Fault{Kind: portolan.Failed, Code: "not-held",
			Message: name + " is not held", Hint: "bring what its repository holds with: portolan sync " + name}
	}
	src.Held = nil
	return nil
}

// Pending plans with the commit of a source that waits: what taking it would
// change now. The error is a Fault with the code "review-moved" where none waits,
// or from files.
func Pending(s *portolan.State, name string, files Files, opt Options) (Decision, error) {
	src := s.Source(name)
	switch {
	case src == nil:
		return Decision{}, UnknownSource(s, name)
	case src.Waiting == nil:
		return Decision{}, moved(fmt.Sprintf("no commit of %s waits for a yes", name), name)
	}
	snap, err := Held(name, src.Waiting.Base, files)
	if err != nil {
		return Decision{}, err
	}
	return Plan(s, snap, files, opt)
}

// Approve is [Pending] for a yes to exactly one commit. That another one waits is a
// Fault with the code "review-moved", that the source is held one with
// "source-held", and that it trusts the commit no longer one as of a sync.
func Approve(s *portolan.State, name, sha string, files Files, opt Options) (Decision, error) {
	src := s.Source(name)
	switch {
	case src == nil || src.Waiting == nil:
	case src.Held != nil:
		return Decision{}, &portolan.Fault{Kind: portolan.Failed, Code: "source-held",
			Message: fmt.Sprintf("%s is held at %s and takes nothing", name, short(src.Held.Commit.SHA)),
			Hint:    "let it go on with: portolan resume " + name}
	case src.Waiting.Commit.SHA != sha:
		return Decision{}, moved(fmt.Sprintf("%s has moved on: commit %s waits, not %s", name, short(src.Waiting.Commit.SHA), short(sha)), name)
	default:
		if err := src.Trusts(src.Waiting.Commit); err != nil { // whom to trust was set since
			return Decision{}, err
		}
	}
	return Pending(s, name, files, opt)
}

func moved(message, name string) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Failed, Code: "review-moved", Message: message,
		Hint: "look at what there is now with: portolan review " + name}
}
