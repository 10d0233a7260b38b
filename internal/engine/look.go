package engine

import (
	"context"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
)

// Look implements [api.API].
func (e *Engine) Look(ctx context.Context, add api.AddSource) (api.Access, error) {
	if err := e.running(ctx); err != nil {
		return api.Access{}, err
	}
	settings, err := newSource(add)
	if err != nil {
		return api.Access{}, err
	}
	remote, err := e.client(settings)
	if err != nil {
		return api.Access{}, err
	}
	ctx = e.attended(ctx)
	facts, err := remote.Facts(ctx, settings.Repo.Owner, settings.Repo.Name)
	if err != nil {
		return api.Access{}, err
	}
	settings.Repo.Owner, settings.Repo.Name, settings.Repo.ID = facts.Repo.Owner, facts.Repo.Name, facts.Repo.ID
	branches, err := remote.Branches(ctx, settings.Repo)
	if err != nil {
		return api.Access{}, err
	}
	seen, err := source.Look(ctx, source.Config{
		Remote: func(portolan.SourceConfig) (source.Remote, error) { return remote, nil },
		Now:    e.cfg.Now,
		Log:    e.cfg.Log,
	}, settings)
	if err != nil {
		return api.Access{}, err
	}
	return api.Access{
		Repo: seen.Repo, Private: facts.Private, DefaultBranch: facts.DefaultBranch, Branches: branches,
		Commit: seen.Commit, Files: accessFiles(seen.Files), Rows: visible(seen.Rows),
		Uses: e.usesOf(seen.Files), Login: e.login(settings.Repo.TokenHost(), settings.Account),
	}, nil
}

func accessFiles(files []portolan.SnapshotFile) []api.AccessFile {
	list := make([]api.AccessFile, len(files))
	for i, f := range files {
		list[i] = api.AccessFile{Path: f.Path, Environment: f.Environment, Entries: len(f.File.Entries),
			Problems: append([]portolan.Problem{}, f.File.Problems...)}
	}
	return list
}

// usesOf lists which contexts the entries of files name, and what would stand for
// them here. Who cannot read their kubeconfig yet may look all the same.
func (e *Engine) usesOf(files []portolan.SnapshotFile) []portolan.ContextUse {
	mine, err := e.cfg.Contexts()
	if err != nil {
		return []portolan.ContextUse{}
	}
	return contextUses(e.cfg.Store.Peek(), func(yield func(portolan.Forward) bool) {
		for _, f := range files {
			for _, entry := range f.File.Entries {
				if !yield(portolan.Forward{Environment: f.Environment, Entry: entry}) {
					return
				}
			}
		}
	}, mine)
}

// login is whose token [Engine.token] returns, or "" where nobody knows.
func (e *Engine) login(host, account string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range e.accounts() {
		if h.Host == host && (h.Login == "" || account == "" || h.Login == account) {
			return h.Login
		}
	}
	return ""
}
