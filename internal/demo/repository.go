package demo

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// repo is the repository as one request finds it on disk.
type repo struct {
	*git.Repository
	github *GitHub
}

// reading opens the repository for serve, so that each request sees what a
// person has just committed.
func (g *GitHub) reading(serve func(repo, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		opened, err := git.PlainOpen(g.config.Dir)
		if err != nil {
			writeProblem(w, http.StatusNotFound, "Not Found")
			return
		}
		serve(repo{opened, g}, w, r)
	}
}

// resolve is the commit that a branch, a tag, "heads/BRANCH", "tags/TAG" or a
// full SHA names. A branch goes before a tag of the same name, as on GitHub.
func (r repo) resolve(ref string) (*object.Commit, error) {
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/", ""} {
		if prefix == "" && ref != "HEAD" {
			continue
		}
		found, err := r.Reference(plumbing.ReferenceName(prefix+ref), true)
		if err == nil {
			return r.peel(found.Hash())
		}
	}
	if !plumbing.IsHash(ref) {
		return nil, plumbing.ErrReferenceNotFound
	}
	return r.peel(plumbing.NewHash(ref))
}

// peel is the commit that hash is, or that an annotated tag leads to.
func (r repo) peel(hash plumbing.Hash) (*object.Commit, error) {
	tag, err := r.TagObject(hash)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return r.CommitObject(hash)
	}
	if err != nil {
		return nil, err
	}
	return tag.Commit()
}

// fail answers for an object that could not be read.
func (r repo) fail(w http.ResponseWriter, err error, code int, message string) {
	if errors.Is(err, plumbing.ErrReferenceNotFound) || errors.Is(err, plumbing.ErrObjectNotFound) {
		writeProblem(w, code, message)
		return
	}
	r.github.config.Log.Error("cannot read the demo repository", "dir", r.github.config.Dir, "error", err)
	writeProblem(w, http.StatusInternalServerError, "Server Error")
}

// path is the address of something in the repository, in the API.
func (r repo) path(format string, args ...any) string {
	config := r.github.config
	return r.github.APIURL() + "repos/" + config.Owner + "/" + config.Name + fmt.Sprintf(format, args...)
}

func (r repo) serveRepository(w http.ResponseWriter, _ *http.Request) {
	head, err := r.Reference(plumbing.HEAD, false)
	if err != nil {
		r.fail(w, err, http.StatusNotFound, "Not Found")
		return
	}
	config, branch := r.github.config, head.Target().Short()
	if head.Type() == plumbing.HashReference {
		branch = "HEAD" // a person checked out a commit; there is no branch to name
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"id": 1, "name": config.Name, "full_name": config.Owner + "/" + config.Name,
		"owner":   map[string]any{"login": config.Owner, "id": 1, "type": "Organization"},
		"private": config.Token != "", "default_branch": branch,
		"html_url": r.github.URL(), "clone_url": config.Dir, "url": r.path(""),
		"permissions": map[string]bool{"pull": true, "push": false, "admin": false},
	})
}

// serveBranches answers GET branches, all on one page.
func (r repo) serveBranches(w http.ResponseWriter, _ *http.Request) {
	list := []map[string]any{}
	branches, err := r.Branches()
	if err == nil {
		err = branches.ForEach(func(b *plumbing.Reference) error {
			sha := b.Hash().String()
			list = append(list, map[string]any{"name": b.Name().Short(), "protected": false,
				"commit": map[string]any{"sha": sha, "url": r.path("/commits/%s", sha)}})
			return nil
		})
	}
	if err != nil {
		r.fail(w, err, http.StatusNotFound, "Not Found")
		return
	}
	writeJSON(w, http.StatusOK, list)
}

// serveCommit answers GET commits/{ref}: as JSON, or with the SHA-1 alone, whose
// ETag is the SHA-1, for the media type made for polling.
func (r repo) serveCommit(w http.ResponseWriter, req *http.Request) {
	ref := req.PathValue("ref")
	commit, err := r.resolve(ref)
	if err != nil {
		r.fail(w, err, http.StatusUnprocessableEntity, "No commit found for SHA: "+ref)
		return
	}
	sha := commit.Hash.String()
	if accepts(req, "application/vnd.github.sha", "application/vnd.github.v3.sha") {
		w.Header().Set("Content-Type", "application/vnd.github.sha; charset=utf-8")
		w.Header().Set("ETag", `"`+sha+`"`)
		_, _ = io.WriteString(w, sha)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"sha": sha, "url": r.path("/commits/%s", sha), "html_url": r.github.URL() + "/commit/" + sha,
		"commit": r.commit(commit), "author": nil, "committer": nil, "parents": r.parents(commit),
	})
}

func (r repo) serveGitCommit(w http.ResponseWriter, req *http.Request) {
	commit, err := r.CommitObject(plumbing.NewHash(req.PathValue("sha")))
	if err != nil {
		r.fail(w, err, http.StatusNotFound, "Not Found")
		return
	}
	answer := r.commit(commit)
	answer["sha"] = commit.Hash.String()
	answer["html_url"] = r.github.URL() + "/commit/" + commit.Hash.String()
	answer["parents"] = r.parents(commit)
	writeJSON(w, http.StatusOK, answer)
}

// commit is what both forms of a commit have in common.
func (r repo) commit(commit *object.Commit) map[string]any {
	return map[string]any{
		"url":    r.path("/git/commits/%s", commit.Hash),
		"author": person(commit.Author), "committer": person(commit.Committer),
		"message": strings.TrimSuffix(commit.Message, "\n"),
		"tree":    map[string]string{"sha": commit.TreeHash.String(), "url": r.path("/git/trees/%s", commit.TreeHash)},
		"verification": map[string]any{
			"verified": false, "reason": "unsigned", "signature": nil, "payload": nil,
		},
	}
}

func person(s object.Signature) map[string]string {
	return map[string]string{"name": s.Name, "email": s.Email, "date": s.When.UTC().Format(time.RFC3339)}
}

func (r repo) parents(commit *object.Commit) []map[string]string {
	parents := []map[string]string{}
	for _, hash := range commit.ParentHashes {
		parents = append(parents, map[string]string{"sha": hash.String(), "url": r.path("/commits/%s", hash)})
	}
	return parents
}

// serveTree answers GET git/trees/{ref}, where ref may be a tree's SHA too, with
// the whole tree if the query has "recursive", whatever its value.
func (r repo) serveTree(w http.ResponseWriter, req *http.Request) {
	tree, err := r.tree(req.PathValue("ref"))
	if err != nil {
		r.fail(w, err, http.StatusNotFound, "Not Found")
		return
	}
	entries := []map[string]any{}
	walker := object.NewTreeWalker(tree, req.URL.Query().Has("recursive"), nil)
	defer walker.Close()
	for {
		path, entry, err := walker.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.fail(w, err, http.StatusNotFound, "Not Found")
			return
		}
		entries = append(entries, r.treeEntry(path, entry))
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"sha": tree.Hash.String(), "url": r.path("/git/trees/%s", tree.Hash), "tree": entries, "truncated": false,
	})
}

func (r repo) tree(ref string) (*object.Tree, error) {
	commit, err := r.resolve(ref)
	if err == nil {
		return commit.Tree()
	}
	if plumbing.IsHash(ref) {
		return r.TreeObject(plumbing.NewHash(ref))
	}
	return nil, err
}

func (r repo) treeEntry(path string, entry object.TreeEntry) map[string]any {
	answer := map[string]any{"path": path, "mode": fmt.Sprintf("%06o", uint32(entry.Mode)), "sha": entry.Hash.String()}
	switch entry.Mode {
	case filemode.Dir:
		answer["type"] = "tree"
		answer["url"] = r.path("/git/trees/%s", entry.Hash)
	case filemode.Submodule:
		answer["type"] = "commit"
	default:
		answer["type"] = "blob"
		answer["url"] = r.path("/git/blobs/%s", entry.Hash)
		if size, err := r.Storer.EncodedObjectSize(entry.Hash); err == nil {
			answer["size"] = size
		}
	}
	return answer
}

// serveBlob answers GET git/blobs/{sha}: as JSON with base64 in lines of 60, as
// GitHub folds it, or raw.
func (r repo) serveBlob(w http.ResponseWriter, req *http.Request) {
	blob, err := r.BlobObject(plumbing.NewHash(req.PathValue("sha")))
	if err != nil {
		r.fail(w, err, http.StatusNotFound, "Not Found")
		return
	}
	reader, err := blob.Reader()
	if err != nil {
		r.fail(w, err, http.StatusNotFound, "Not Found")
		return
	}
	defer reader.Close()
	data, err := io.ReadAll(reader)
	if err != nil {
		r.fail(w, err, http.StatusNotFound, "Not Found")
		return
	}
	if accepts(req, "application/vnd.github.raw", "application/vnd.github.v3.raw", "application/vnd.github.raw+json") {
		w.Header().Set("Content-Type", "application/vnd.github.raw")
		_, _ = w.Write(data)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"sha": blob.Hash.String(), "size": blob.Size, "url": r.path("/git/blobs/%s", blob.Hash),
		"encoding": "base64", "content": fold(base64.StdEncoding.EncodeToString(data), 60),
	})
}

// fold breaks text into lines of width, each ended by a newline.
func fold(text string, width int) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(width, len(text))
		b.WriteString(text[:n])
		b.WriteByte('\n')
		text = text[n:]
	}
	return b.String()
}

// servePage answers the repository's and a commit's web address, so that links
// lead somewhere.
func (r repo) servePage(w http.ResponseWriter, req *http.Request) {
	ref := req.PathValue("ref")
	if ref == "" {
		ref = "HEAD"
	}
	commit, err := r.resolve(ref)
	if err != nil {
		http.NotFound(w, req)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	config := r.github.config
	fmt.Fprintf(w, "%s/%s, a demo of a GitHub repository\n\nThe repository itself: %s\n\n%s\n", config.Owner, config.Name, config.Dir, commit)
}

// accepts reports whether the request asks for one of the media types.
func accepts(r *http.Request, types ...string) bool {
	for wanted := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		name, _, _ := strings.Cut(wanted, ";")
		for _, known := range types {
			if strings.TrimSpace(name) == known {
				return true
			}
		}
	}
	return false
}
