package github

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/portolan-app/portolan/internal/portolan"
)

// EntryKind is what a path in a tree is.
type EntryKind string

// The kinds of tree entry. Directories are not listed: their content is.
const (
	BlobEntry      EntryKind = "blob"
	SymlinkEntry   EntryKind = "symlink" // its blob holds the path it leads to
	SubmoduleEntry EntryKind = "submodule"
)

// TreeEntry is one file of a tree.
type TreeEntry struct {
	Path string // from the root of the repository, with slashes
	SHA  string // of the blob; for a submodule, of the other repository's commit
	Kind EntryKind
	Size int64 // in bytes; 0 for a submodule
}

// mostTrees bounds a walk. A repository may name the same trees over and over, so
// that a few of them hold billions of files (a "git bomb"); its reader's requests
// must not be spent on that.
const mostTrees = 1000

// longestPath in bytes is what Linux opens, which git can check out.
const longestPath = 4096

// Tree returns the entries of a whole tree that are at or below dir ("" = all;
// dir may be a file), in the tree's order; none if there is no dir. It takes one
// request, unless GitHub cuts the list short (over 100,000 entries or 7 MB): then
// the trees below dir are read one by one, 1,000 at most. A list is complete or an
// error, and no path is in it twice.
func (c *Client) Tree(ctx context.Context, r portolan.Repository, tree, dir string) ([]TreeEntry, error) {
	if err := checkSHA(r, tree); err != nil {
		return nil, err
	}
	w := walk{c: c, repo: r, dir: strings.Trim(dir, "/")}
	if err := w.tree(ctx, tree, ""); err != nil {
		return nil, err
	}
	paths := make([]string, len(w.found))
	for i, e := range w.found {
		paths[i] = e.Path
	}
	slices.Sort(paths)
	for i := 1; i < len(paths); i++ {
		if paths[i] == paths[i-1] {
			return nil, c.badAnswer(w.about(tree), "it holds the path %q twice", c.clean(paths[i]))
		}
	}
	return w.found, nil
}

// walk collects the entries below dir.
type walk struct {
	c     *Client
	repo  portolan.Repository
	dir   string
	found []TreeEntry
	asked int // trees
}

// tree collects from the tree that is at prefix, the whole of it at once if
// GitHub gives it.
func (w *walk) tree(ctx context.Context, sha, prefix string) error {
	got, err := w.list(ctx, sha, true)
	if err != nil {
		return err
	}
	if !got.GetTruncated() {
		return w.add(got.Entries, prefix)
	}
	if got, err = w.list(ctx, sha, false); err != nil {
		return err
	}
	if got.GetTruncated() {
		return tooManyFiles("the directory " + path.Join("/", prefix) + " of " + w.about(sha).String() + " holds more files than " + w.c.host + " lists")
	}
	if err := w.add(got.Entries, prefix); err != nil {
		return err
	}
	for _, e := range got.Entries {
		below := path.Join(prefix, e.GetPath())
		if e.GetType() == "tree" && (inside(below, w.dir) || inside(w.dir, below)) {
			if err := w.tree(ctx, e.GetSHA(), below); err != nil {
				return err
			}
		}
	}
	return nil
}

// list reads one tree and makes sure that it is the one asked for: an empty
// answer must not pass for an empty tree.
func (w *walk) list(ctx context.Context, sha string, recursive bool) (*gh.Tree, error) {
	about := w.about(sha)
	if err := checkSHA(w.repo, sha); err != nil {
		return nil, w.c.badAnswer(about, "a tree in it has no SHA")
	}
	if w.asked++; w.asked > mostTrees {
		return nil, tooManyFiles(fmt.Sprintf("%s/%s holds more than %d directories at or below %s", w.repo.Owner, w.repo.Name, mostTrees, path.Join("/", w.dir)))
	}
	var got *gh.Tree
	_, err := w.c.call(ctx, about, treeBody, func(ctx context.Context, api *gh.Client) (resp *gh.Response, err error) {
		got, resp, err = api.Git.GetTree(ctx, w.repo.Owner, w.repo.Name, sha, recursive)
		return resp, err
	})
	if err != nil {
		return nil, err
	}
	if got.GetSHA() != sha {
		return nil, w.c.badAnswer(about, "it is not that tree")
	}
	return got, nil
}

func tooManyFiles(message string) error {
	return &portolan.Fault{Kind: portolan.Failed, Code: "github-tree-too-large", Message: message,
		Hint: "move the environment files into a directory of their own, and follow that"}
}

func (w *walk) about(sha string) subject { return subject{repo: w.repo, ref: "tree " + sha} }

// add takes over the files among entries whose paths are relative to prefix.
func (w *walk) add(entries []*gh.TreeEntry, prefix string) error {
	for _, e := range entries {
		name := e.GetPath()
		full := path.Join(prefix, name)
		if name == "" || path.Clean("/"+name) != "/"+name || strings.ContainsRune(name, 0) || len(full) > longestPath {
			return w.c.badAnswer(w.about(e.GetSHA()), "a tree holds the path %q", w.c.clean(name))
		}
		kind := entryKind(e)
		if kind == "" || !inside(full, w.dir) {
			continue
		}
		if !shaForm.MatchString(e.GetSHA()) {
			return w.c.badAnswer(w.about(e.GetSHA()), "the file %q has no SHA", w.c.clean(full))
		}
		w.found = append(w.found, TreeEntry{Path: full, SHA: e.GetSHA(), Kind: kind, Size: int64(e.GetSize())})
	}
	return nil
}

// entryKind reads the mode that git gives; "" is a directory.
func entryKind(e *gh.TreeEntry) EntryKind {
	switch {
	case e.GetType() == "tree":
		return ""
	case e.GetType() == "commit":
		return SubmoduleEntry
	case e.GetMode() == "120000":
		return SymlinkEntry
	}
	return BlobEntry
}

// inside reports whether p is dir or below it.
func inside(p, dir string) bool {
	return dir == "" || p == dir || strings.HasPrefix(p, dir+"/")
}
