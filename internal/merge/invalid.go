package merge

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

// spot is where an entry stands.
type spot struct {
	file  string
	index int
}

// clash is one identity that entries of one environment claim with different
// content. None of them is in force: to pick one would make the result depend on
// their order.
type clash struct {
	files    []string // sorted
	problems []portolan.Problem
}

// findClashes finds the entries behind the errors of [portolan.Identify], and
// marks where they stand in barred.
func findClashes(files []*portolan.File, problems []portolan.Problem, barred map[spot]bool) []clash {
	type identity struct {
		alias, tuple string
		port         int
	}
	claims := map[identity][]spot{}
	byPath := map[string]*portolan.File{}
	var order []identity
	for _, f := range files {
		byPath[f.Path] = f
		for i, e := range f.Entries {
			id := identity{e.Alias, portolan.Tuple(e), e.LocalPort}
			if claims[id] == nil {
				order = append(order, id)
			}
			claims[id] = append(claims[id], spot{f.Path, i})
		}
	}
	var clashes []clash
	for _, id := range order {
		spots := claims[id]
		first := byPath[spots[0].file].Entries[spots[0].index]
		if !slices.ContainsFunc(spots, func(s spot) bool { return !byPath[s.file].Entries[s.index].Equal(first) }) {
			continue
		}
		var c clash
		for _, s := range spots {
			barred[s] = true
			c.files = append(c.files, s.file)
			at := byPath[s.file].Positions[s.index]
			for _, p := range problems {
				if isError(p) && p.File == s.file && p.Position == at {
					c.problems = append(c.problems, p)
				}
			}
		}
		slices.Sort(c.files)
		c.files = slices.Compact(c.files)
		clashes = append(clashes, c)
	}
	return clashes
}

func isError(p portolan.Problem) bool { return p.Severity == portolan.SeverityError }

// usable returns the file without the entries that have errors. A file whose
// errors are not of single entries, such as a syntax error, has none.
func usable(f *portolan.File) *portolan.File {
	if f.Fault() == nil {
		return f
	}
	bad := map[portolan.Position]bool{}
	good := &portolan.File{Path: f.Path, Environment: f.Environment}
	for _, p := range f.Problems {
		if !isError(p) {
			continue
		}
		i := entryOf(f, p)
		if i < 0 {
			return good
		}
		bad[f.Positions[i]] = true
	}
	for i, e := range f.Entries {
		if !bad[f.Positions[i]] {
			good.Entries = append(good.Entries, e)
			good.Positions = append(good.Positions, f.Positions[i])
		}
	}
	return good
}

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
		settled := true
		for _, c := range inv.clashes {
			for _, name := range blamed(src, c, found) {
				if next.Files[name].Invalid == nil {
					next.Files[name] = fallBack(src, found[name], clashFault(name, inv.clashes))
					settled = false
				}
			}
		}
		if settled {
			return next, inv, nil
		}
	}
}

// fallBack is what is in force of a file that is invalid at a commit.
func fallBack(src *portolan.Source, f portolan.SnapshotFile, fault *portolan.Fault) portolan.BaseFile {
	prev, known := src.Base.Files[f.Path]
	b := portolan.BaseFile{Environment: f.Environment, Invalid: fault, BadSHA: f.SHA}
	switch {
	case src.OnInvalid == portolan.SkipEntry && len(usable(f.File).Entries) > 0:
		b.SHA = f.SHA
	case known:
		b.SHA, b.Environment = prev.SHA, prev.Environment
	}
	return b
}

// blamed are the files of a clash that changed it into one. Where none changed,
// which only other settings can bring about, all are.
func blamed(src *portolan.Source, c clash, found map[string]portolan.SnapshotFile) []string {
	var changed []string
	for _, name := range c.files {
		prev, f := src.Base.Files[name], found[name]
		if prev.SHA != f.SHA || prev.Environment != f.Environment {
			changed = append(changed, name)
		}
	}
	if changed == nil {
		return c.files
	}
	return changed
}

// clashFault says with whom a file clashes.
func clashFault(name string, clashes []clash) *portolan.Fault {
	f := &portolan.Fault{
		Kind: portolan.Failed,
		Code: "duplicate-identity",
		Hint: "give each entry an alias of its own, or remove one",
	}
	others := map[string]bool{}
	for _, c := range clashes {
		if !slices.Contains(c.files, name) {
			continue
		}
		f.Problems = append(f.Problems, c.problems...)
		for _, other := range c.files {
			others[other] = true
		}
	}
	delete(others, name)
	f.Message = name + " has several different entries with one identity"
	if len(others) > 0 {
		f.Message = name + " and " + strings.Join(sortedKeys(others), ", ") + " have different entries with one identity"
	}
	return f
}

// sameInvalidity reports whether there is nothing new to say about a file.
func sameInvalidity(a, b portolan.BaseFile) bool {
	return a.BadSHA == b.BadSHA && reflect.DeepEqual(a.Invalid, b.Invalid)
}

// entryOf returns the index of the entry that a problem is about, or -1 if it is
// about the file.
func entryOf(f *portolan.File, p portolan.Problem) int {
	for i, at := range f.Positions {
		if at == p.Position {
			return i
		}
	}
	for token := range strings.SplitSeq(p.Pointer, "/") {
		if i, err := strconv.Atoi(token); err == nil && i < len(f.Entries) {
			return i
		}
	}
	return -1
}
