package merge

import (
	"reflect"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

func isError(p portolan.Problem) bool { return p.Severity == portolan.SeverityError }

// versions decides which version of each file of a snapshot is in force: its
// own, or, of an invalid one, the last good one. A file may be sound by itself
// and clash with another; then those of the two that are not the version in
// force so far count as invalid, whatever their order. The last good versions
// were in force together, so giving way ends.
func versions(src *portolan.Source, snap portolan.Snapshot, files Files) (portolan.Base, *inventory, error) {
	next := portolan.Base{Commit: snap.Commit, Selection: snap.Selection, Files: make(map[string]portolan.BaseFile, len(snap.Files))}
	found := make(map[string]portolan.SnapshotFile, len(snap.Files))
	for _, f := range snap.Files {
		found[f.Path] = f
		if f.Fault == nil {
			next.Files[f.Path] = portolan.BaseFile{Environment: f.Environment, SHA: f.SHA}
		} else {
			next.Files[f.Path] = fallBack(src, f, f.Fault)
		}
	}
	for {
		inv, err := take(src, next, files)
		if err != nil {
			return next, nil, err
		}
		blamed := slices.DeleteFunc(blame(src, inv.clashes, found), func(name string) bool { return next.Files[name].Invalid != nil })
		if len(blamed) == 0 {
			return next, inv, nil
		}
		for _, name := range blamed {
			next.Files[name] = fallBack(src, found[name], clashFault(name, inv.clashes))
		}
	}
}

// fallBack is what is in force of a file that is invalid at a commit.
func fallBack(src *portolan.Source, f portolan.SnapshotFile, fault *portolan.Fault) portolan.BaseFile {
	prev, known := src.Base.Files[f.Path]
	b := portolan.BaseFile{Environment: f.Environment, Invalid: fault, BadSHA: f.SHA}
	switch {
	case src.OnInvalid == portolan.SkipEntry && !f.File.Broken:
		b.SHA = f.SHA
	case known:
		b.SHA, b.Environment = prev.SHA, prev.Environment
	}
	return b
}

// blame names the files that brought a clash about, sorted: those that are not
// the version in force so far, or were blamed for it before. Where no file changed, which only other settings
// can bring about, it names all.
func blame(src *portolan.Source, clashes []portolan.Problem, found map[string]portolan.SnapshotFile) []string {
	var all, changed []string
	for _, p := range clashes {
		prev, f := src.Base.Files[p.File], found[p.File]
		all = append(all, p.File)
		if prev.SHA != f.SHA || prev.BadSHA == f.SHA || prev.Environment != f.Environment {
			changed = append(changed, p.File)
		}
	}
	if changed != nil {
		all = changed
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// clashFault is what makes a file invalid that is sound by itself.
func clashFault(name string, clashes []portolan.Problem) *portolan.Fault {
	f := &portolan.Fault{Kind: portolan.Failed, Code: "duplicate-identity"}
	for _, p := range clashes {
		if p.File != name {
			continue
		}
		if f.Problems == nil {
			f.Message, f.Hint = name+": "+p.Message, p.Hint
		}
		f.Problems = append(f.Problems, p)
	}
	return f
}

// sameInvalidity reports whether there is nothing new to say about a file.
func sameInvalidity(a, b portolan.BaseFile) bool {
	return a.BadSHA == b.BadSHA && reflect.DeepEqual(a.Invalid, b.Invalid)
}
