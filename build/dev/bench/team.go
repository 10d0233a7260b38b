package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// team is a git repository on disk that holds the big one, and the work tree to
// change it.
type team struct {
	dir  string
	tree *git.Worktree
}

func newTeam(dir string) (*team, error) {
	repository, err := git.PlainInitWithOptions(dir, &git.PlainInitOptions{
		InitOptions: git.InitOptions{DefaultBranch: plumbing.NewBranchReferenceName("main")},
	})
	if err != nil {
		return nil, fmt.Errorf("making the team's repository: %w", err)
	}
	tree, err := repository.Worktree()
	if err != nil {
		return nil, fmt.Errorf("making the team's repository: %w", err)
	}
	t := &team{dir, tree}
	files := map[string][]byte{}
	for i := range bigFiles {
		files[bigName(i)] = bigFile(i, 0)
	}
	return t, t.commit(files)
}

// commit writes files and commits them.
func (t *team) commit(files map[string][]byte) error {
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(t.dir, name), data, 0o600); err != nil {
			return err
		}
		if _, err := t.tree.Add(name); err != nil {
			return fmt.Errorf("adding %s to the team's repository: %w", name, err)
		}
	}
	author := &object.Signature{Name: "Team", Email: "team@demo.example", When: time.Now()}
	if _, err := t.tree.Commit("Change it", &git.CommitOptions{Author: author, Committer: author}); err != nil {
		return fmt.Errorf("committing to the team's repository: %w", err)
	}
	return nil
}
