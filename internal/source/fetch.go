package source

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"weak"

	"golang.org/x/sync/errgroup"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/layout"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Codes of faults that fetching finds by itself.
const (
	pathMissing = "path-missing"
	badSettings = "source-setting"
	tooBig      = "file-too-big"
)

const (
	atOnce        = 4              // GitHub asks for few requests at a time
	identityCheck = 24 * time.Hour // how often a repository's number is compared
)

// version names one parsed file: problems carry the path, so it counts.
type version struct{ path, sha string }

// memory is what a follower remembers from sync to sync only to ask and to work
// less. Losing it costs requests and nothing else.
type memory struct {
	files    map[version]*portolan.File
	ignore   map[string][]byte // the ignore file last read, by SHA
	pending  *fetched          // read and not taken: refused, or the store failed
	settled  settled
	declined portolan.Commit // the head whose signature does not do, not read any further
	verified time.Time       // when the repository's number was last compared
	doubt    bool            // compare it again: the name was not found meanwhile
}

// fetched is what one look at the repository brought.
type fetched struct {
	repo     portolan.Repository // as it is called now
	snapshot portolan.Snapshot
	blobs    map[string][]byte  // read anew, by SHA
	problems []portolan.Problem // about paths, not content
	rests    bool               // nothing is new, here or there: there is no snapshot
}

// settled is what the last sync left that had nothing to change. While the state and
// the head stay the same there is nothing to plan: a plan depends on nothing else.
type settled struct {
	state weak.Pointer[portolan.State] // weak: an older state is of no use to anybody
	at    time.Time
}

// wholeCheck is how often a poll that finds nothing new looks whether everything that
// is held can still be read. A sync that a person asks for always does.
const wholeCheck = time.Hour

// mayRest reports whether a sync is done if it finds the head unchanged.
func (f *Follower) mayRest(ctx context.Context) bool {
	_, asked := portolan.PersonOf(ctx)
	return !asked && f.pending == nil && f.settled.state.Value() == f.shelf.Peek() && f.cfg.Now().Sub(f.settled.at) < wholeCheck
}

// remember keeps what was read and not taken, so that it need not be read again,
// and forgets files that nothing names any more.
func (f *Follower) remember(pending *fetched) {
	f.pending = pending
	named := map[version]bool{}
	if pending != nil {
		for _, file := range pending.snapshot.Files {
			named[version{file.Path, file.SHA}] = true
		}
	}
	if src := f.shelf.Peek().Source(f.cfg.Name); src != nil {
		bases := []portolan.Base{src.Base}
		if src.Waiting != nil {
			bases = append(bases, src.Waiting.Base)
		}
		for _, base := range bases {
			for name, b := range base.Files {
				named[version{name, b.SHA}], named[version{name, b.BadSHA}] = true, true
			}
		}
	}
	maps.DeleteFunc(f.files, func(v version, _ *portolan.File) bool { return !named[v] })
}

// file parses a blob once. It looks in fresh, then asks blob.
func (f *Follower) file(path, sha string, fresh map[string][]byte, blob func(string) ([]byte, error)) (*portolan.File, error) {
	if file := f.files[version{path, sha}]; file != nil {
		return file, nil
	}
	data, ok := fresh[sha]
	if !ok {
		var err error
		if data, err = blob(sha); err != nil {
			return nil, err
		}
	}
	file := portolan.Parse(path, data)
	f.files[version{path, sha}] = file
	return file, nil
}

// look is one fetch under way.
type look struct {
	*Follower
	step    func(string) // told what comes next
	mayRest bool         // with an unchanged head
	remote  Remote
	src     *portolan.Source
	got     *fetched
}

// fetch looks at the repository, telling step what it does. It changes nothing
// but the memory. With mayRest it brings nothing where the head is unchanged.
func (f *Follower) fetch(ctx context.Context, step func(string), mayRest bool) (*fetched, Result, error) {
	state := f.shelf.Peek()
	src := state.Source(f.cfg.Name)
	if src == nil {
		return nil, Result{}, errRemoved(f.cfg.Name)
	}
	remote, err := f.cfg.Remote(src.SourceConfig)
	if err != nil {
		return nil, Result{}, err
	}
	ctx, cancel := withTimeout(ctx, src.SourceConfig)
	defer cancel()
	before := remote.Requests()
	l := &look{Follower: f, step: step, mayRest: mayRest, remote: remote, src: src, got: &fetched{repo: src.Repo, blobs: map[string][]byte{}}}
	err = l.run(ctx)
	result := Result{Requests: remote.Requests() - before, Quota: remote.Allowance(), Commit: l.got.snapshot.Commit}
	if err != nil {
		f.doubt = f.doubt || portolan.AsFault(err).Code == "github-not-found"
		if fault := (*portolan.Fault)(nil); errors.Is(ctx.Err(), context.DeadlineExceeded) && errors.As(context.Cause(ctx), &fault) {
			err = fault
		}
		return nil, result, err
	}
	result.Problems = slices.Clone(l.got.problems)
	for _, file := range l.got.snapshot.Files {
		for _, p := range file.File.Problems {
			if p.Severity != portolan.SeverityError {
				result.Problems = append(result.Problems, p)
			}
		}
	}
	return l.got, result, nil
}

// run takes the steps in order.
func (l *look) run(ctx context.Context) error {
	l.step("checking")
	if err := l.meet(ctx); err != nil {
		return err
	}
	selected := selection(l.src.SourceConfig)
	read := l.src.Base
	if w := l.src.Waiting; w != nil {
		read = w.Base
	}
	held, heldAs := read.Commit, read.Selection
	if p := l.pending; p != nil {
		held, heldAs = p.snapshot.Commit, p.snapshot.Selection
	}
	sha := l.src.Ref
	if !pinned(sha) {
		var err error
		if sha, _, err = l.remote.Head(ctx, l.got.repo, l.src.Ref, cmp.Or(l.declined.SHA, held.SHA)); err != nil {
			return err
		}
		l.followRename()
	}
	if l.mayRest && sha == held.SHA && heldAs == selected && l.got.repo == l.src.Repo {
		l.got.rests, l.got.snapshot.Commit = true, held
		return nil
	}
	if err := l.mend(ctx); err != nil {
		return err
	}
	if l.pending == nil && l.src.Waiting != nil && l.lost(l.src.Waiting.Base) {
		heldAs = "" // of no settings, so that it is read again
	}
	if sha != held.SHA || heldAs != selected {
		commit, err := l.judge(ctx, sha, held)
		if err != nil {
			return err
		}
		l.got.snapshot = portolan.Snapshot{Source: l.src.Name, Commit: commit, Selection: selected}
		return l.read(ctx)
	}
	if l.pending != nil {
		l.got.snapshot, l.got.problems = l.pending.snapshot, l.pending.problems
		maps.Copy(l.got.blobs, l.pending.blobs)
		return nil
	}
	return l.hold(read)
}

// judge returns the commit of that SHA, which may be the one held, if this source
// takes it.
func (l *look) judge(ctx context.Context, sha string, held portolan.Commit) (portolan.Commit, error) {
	var commit portolan.Commit
	for _, known := range []portolan.Commit{held, l.declined} {
		if known.SHA == sha && (known.Verification != "" || !l.src.RequireVerified) {
			commit = known
		}
	}
	if commit.SHA == "" {
		var err error
		if commit, err = l.remote.Commit(ctx, l.got.repo, sha); err != nil {
			return portolan.Commit{}, err
		}
	}
	l.declined = portolan.Commit{}
	err := l.src.Trusts(commit)
	if err != nil {
		l.declined = commit
	}
	return commit, err
}

// meet makes sure that the name leads to the repository that it led to at the
// first contact, when that is due.
func (l *look) meet(ctx context.Context) error {
	now := l.cfg.Now()
	if l.verified.IsZero() {
		l.verified = now // a start is no reason to ask
	}
	if l.src.Repo.ID != 0 && !l.doubt && now.Sub(l.verified) < identityCheck {
		return nil
	}
	found, _, err := l.remote.Repository(ctx, l.src.Repo.Owner, l.src.Repo.Name)
	if err != nil {
		return err
	}
	if l.src.Repo.ID != 0 && found.ID != l.src.Repo.ID {
		return &portolan.Fault{Kind: portolan.Failed, Code: replaced,
			Message: fmt.Sprintf("%s/%s on %s is now another repository than the one that was added", l.src.Repo.Owner, l.src.Repo.Name, l.src.Repo.Host),
			Hint:    "if that is meant to be followed, add it as a new source"}
	}
	l.verified, l.doubt = now, false
	l.rename(found)
	return nil
}

// followRename takes over the new name of a repository whose old one redirects.
func (l *look) followRename() {
	if now, moved := l.remote.Moved(l.got.repo); moved {
		l.rename(now)
	}
}

// rename keeps the host's own names as the person gave them.
func (l *look) rename(now portolan.Repository) {
	r := &l.got.repo
	if r.ID != 0 && (r.Owner != now.Owner || r.Name != now.Name) {
		l.cfg.Log.Info("the repository was renamed", "from", r.Owner+"/"+r.Name, "to", now.Owner+"/"+now.Name)
	}
	r.Owner, r.Name, r.ID = now.Owner, now.Name, now.ID
}

// read brings every selected file of the snapshot's commit.
func (l *look) read(ctx context.Context) error {
	l.step("reading the tree")
	config := l.src.SourceConfig
	tree, err := l.remote.Tree(ctx, l.got.repo, l.got.snapshot.Commit.Tree, strings.Trim(config.Path, "/"))
	if err != nil {
		return err
	}
	if len(tree) == 0 && strings.Trim(config.Path, "/") != "" {
		return &portolan.Fault{Kind: portolan.Failed, Code: pathMissing,
			Message: fmt.Sprintf("%s/%s has no %s at commit %.7s", l.got.repo.Owner, l.got.repo.Name, config.Path, l.got.snapshot.Commit.SHA),
			Hint:    "check the source's path and ref; what was read before stays"}
	}
	files := make([]layout.File, len(tree))
	sizes := make(map[string]int64, len(tree))
	for i, e := range tree {
		files[i] = layout.File{Path: e.Path, SHA: e.SHA, Kind: kind(e.Kind)}
		sizes[e.Path] = e.Size
	}
	ignore, err := l.readIgnore(ctx, config, files)
	if err != nil {
		return err
	}
	selected, problems := layout.Select(config, ignore, files)
	for _, p := range problems {
		if p.Code == badSettings {
			return &portolan.Fault{Kind: portolan.Failed, Code: badSettings, Message: p.Message, Hint: p.Hint, Problems: problems}
		}
	}
	l.got.problems = problems
	return l.readFiles(ctx, selected, sizes)
}

func kind(k github.EntryKind) layout.Kind {
	switch k {
	case github.SymlinkEntry:
		return layout.Symlink
	case github.SubmoduleEntry:
		return layout.Submodule
	case github.BlobEntry:
	}
	return layout.Blob
}

// readIgnore reads the ignore file, if there is one that is not known.
func (l *look) readIgnore(ctx context.Context, config portolan.SourceConfig, files []layout.File) ([]byte, error) {
	found, ok := layout.Ignore(config, files)
	if !ok {
		return nil, nil
	}
	if data, ok := l.ignore[found.SHA]; ok {
		return data, nil
	}
	data, err := l.remote.Blob(ctx, l.got.repo, found.SHA, portolan.MaxFileBytes)
	if err != nil {
		return nil, err
	}
	l.ignore = map[string][]byte{found.SHA: data}
	return data, nil
}

// readFiles fetches what is not held, and parses everything.
func (l *look) readFiles(ctx context.Context, selected []layout.Selected, sizes map[string]int64) error {
	var want []string
	for _, s := range selected {
		if sizes[s.Path] <= portolan.MaxFileBytes {
			want = append(want, s.SHA)
		}
	}
	if err := l.readBlobs(ctx, l.lacking(want)); err != nil {
		return err
	}
	for _, s := range selected {
		file := tooBigFile(s.Path, sizes[s.Path])
		if sizes[s.Path] <= portolan.MaxFileBytes {
			var err error
			if file, err = l.file(s.Path, s.SHA, l.got.blobs, l.shelf.Blob); err != nil {
				return err
			}
		}
		l.add(s, file)
	}
	return nil
}

// add puts a file into the snapshot.
func (l *look) add(s layout.Selected, file *portolan.File) {
	l.got.snapshot.Files = append(l.got.snapshot.Files, portolan.SnapshotFile{
		Path: s.Path, SHA: s.SHA, Environment: s.Environment, File: file, Fault: file.Fault(),
	})
}

// tooBigFile is a file that is not read for its size.
func tooBigFile(path string, size int64) *portolan.File {
	return &portolan.File{Path: path, Broken: true, Problems: []portolan.Problem{{
		File: path, Position: portolan.Position{Line: 1, Column: 1}, Severity: portolan.SeverityError, Code: tooBig,
		Message: fmt.Sprintf("the file has %d bytes; at most %d are read", size, portolan.MaxFileBytes),
		Hint:    "split it into several files",
	}}}
}

// lacking are those of the blobs that neither the store nor an earlier look has,
// each once.
func (l *look) lacking(shas []string) []string {
	shas = slices.Compact(slices.Sorted(slices.Values(shas)))
	shas = slices.DeleteFunc(shas, func(sha string) bool {
		if l.pending != nil && l.pending.blobs[sha] != nil {
			l.got.blobs[sha] = l.pending.blobs[sha]
		}
		return l.got.blobs[sha] != nil
	})
	return l.shelf.Lacking(shas)
}

// readBlobs fetches blobs, a few at once.
func (l *look) readBlobs(ctx context.Context, shas []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	var mu sync.Mutex
	read := 0
	for _, sha := range shas {
		group.Go(func() error {
			data, err := l.remote.Blob(ctx, l.got.repo, sha, portolan.MaxFileBytes)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			l.got.blobs[sha] = data
			read++
			l.step(fmt.Sprintf("reading %d of %d files", read, len(shas)))
			return nil
		})
	}
	return group.Wait()
}

// mend fetches again what is damaged of the base in force. A plan needs it,
// whatever the repository holds now.
func (l *look) mend(ctx context.Context) error {
	var want []string
	for _, b := range l.src.Base.Files {
		if b.SHA != "" {
			want = append(want, b.SHA)
		}
	}
	lacking := l.lacking(want)
	if len(lacking) == 0 {
		return nil
	}
	l.cfg.Log.Warn("files of the source are damaged or missing and are fetched again", "files", len(lacking))
	return l.readBlobs(ctx, lacking)
}

// lost reports whether a file of what waits can no longer be read.
func (l *look) lost(waiting portolan.Base) bool {
	var want []string
	for _, b := range waiting.Files {
		never := b.Invalid != nil && slices.ContainsFunc(b.Invalid.Problems, func(p portolan.Problem) bool { return p.Code == tooBig })
		if !never {
			want = append(want, cmp.Or(b.SHA, b.BadSHA))
		}
	}
	return len(l.lacking(want)) > 0
}

// hold makes the snapshot from what was read before.
func (l *look) hold(read portolan.Base) error {
	snapshot, err := merge.Held(l.src.Name, read, func(path, sha string) (*portolan.File, error) {
		file, err := l.file(path, sha, l.got.blobs, l.shelf.Blob)
		if err != nil && read.Files[path].BadSHA == sha {
			return &portolan.File{Path: path, Broken: true}, nil // nothing depends on it
		}
		return file, err
	})
	l.got.snapshot = snapshot
	return err
}

// selection is the digest of the settings that decide which commits are taken, which
// files are selected, and how their environments are named.
func selection(c portolan.SourceConfig) string {
	data, err := json.Marshal([]any{c.Repo.Host, c.Repo.APIURL, c.Ref, c.Path, c.Include, c.Exclude, c.Layout, c.Rename, c.RequireVerified, c.Signers})
	if err != nil {
		panic("source: settings do not marshal: " + err.Error()) // strings by construction
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
