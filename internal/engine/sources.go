package engine

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
)

// follow starts the follower of a stored source.
func (e *Engine) follow(name string) {
	e.crew.add(name, source.New(source.Config{
		Name:       name,
		Store:      e.cfg.Store,
		Remote:     e.remote,
		OnDemand:   e.cfg.OnDemand,
		Authorized: func() bool { return e.authorized(name) },
		Status:     e.observeSource,
		Paused:     e.paused,
		Changed:    e.sourceChanged,
		Now:        e.cfg.Now,
		Log:        e.cfg.Log.With("source", name),
	}))
}

// remote is the way to a source's repository. Sources of one host and account
// share a client, because GitHub's limits are the token's; each counts its own
// requests.
func (e *Engine) remote(config portolan.SourceConfig) (source.Remote, error) {
	return e.client(config)
}

func (e *Engine) client(config portolan.SourceConfig) (*github.Client, error) {
	caFile := e.caFile()
	key := clientKey{config.Repo.Host, config.Repo.APIURL, config.Account, caFile}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.clients[key]; c != nil {
		return c.Share(), nil
	}
	c, err := github.New(github.Config{
		Repo: config.Repo,
		Token: func(ctx context.Context) (portolan.Token, error) {
			return e.token(ctx, config.Repo.TokenHost(), config.Account)
		},
		Renew: func(ctx context.Context, refused portolan.Token) (portolan.Token, error) {
			return e.tokenAfter(ctx, config.Repo.TokenHost(), config.Account, refused)
		},
		UserAgent: e.userAgent(),
		CAFile:    caFile,
	})
	if err != nil {
		return nil, err
	}
	e.clients[key] = c
	return c.Share(), nil
}

// clientKey says which sources share a client.
type clientKey struct{ host, apiURL, account, caFile string }

// caFile is that of the settings in force.
func (e *Engine) caFile() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state.Settings.CAFile
}

func (e *Engine) userAgent() string { return "portolan/" + e.cfg.Version.Version }

func (e *Engine) sourceChanged(result source.Result) {
	if err := e.refresh(); err != nil {
		e.cfg.Log.Error("what the sync brought cannot be put in force", "err", err)
	}
	if result.Waits == "" {
		e.noteSync(result)
	}
}

func (e *Engine) paused() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state.Paused
}

// Pause implements [api.API].
func (e *Engine) Pause(ctx context.Context, on bool) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	if err := e.update(func(s *portolan.State) error { s.Paused = on; return nil }); err != nil || on {
		return err
	}
	e.nudgeAll() // whose timers may have stopped meanwhile
	return nil
}

// nudgeAll lets every source try again.
func (e *Engine) nudgeAll() {
	for _, s := range e.cfg.Store.Peek().Sources {
		e.nudge(s.Name)
	}
}

// AddSource implements [api.API].
func (e *Engine) AddSource(ctx context.Context, add api.AddSource) (api.SyncResult, error) {
	if err := e.running(ctx); err != nil {
		return api.SyncResult{}, err
	}
	config, err := newSource(add)
	if err != nil {
		return api.SyncResult{}, err
	}
	if err := e.enlist(config); err != nil {
		return api.SyncResult{}, err
	}
	result := e.syncOne(ctx, config.Name, false)
	if result.Fault == nil || result.Fault.Kind == portolan.Later {
		return result, nil
	}
	if err := e.removeSource(config.Name, false, e.update); err != nil {
		e.cfg.Log.Error("the source that failed at once is still listed", "source", config.Name, "err", err)
	}
	return api.SyncResult{}, result.Fault
}

// enlist stores a new source and follows it.
func (e *Engine) enlist(config portolan.SourceConfig) error {
	e.membership.Lock()
	defer e.membership.Unlock()
	err := e.update(func(s *portolan.State) error {
		if s.Source(config.Name) != nil {
			return &portolan.Fault{Kind: portolan.Usage, Code: "source-exists",
				Message: fmt.Sprintf("there is a source %q already", config.Name),
				Hint:    "choose another name with --name"}
		}
		s.Sources = append(s.Sources, portolan.Source{SourceConfig: config})
		return nil
	})
	if err == nil {
		e.follow(config.Name)
	}
	return err
}

// newSource reads what a person typed into the settings of a source.
func newSource(add api.AddSource) (portolan.SourceConfig, error) {
	config := add.Config
	repo, ref, path, err := portolan.ParseRepository(add.Repository)
	if err != nil {
		return config, err
	}
	if config.Repo.APIURL != "" {
		repo.APIURL = config.Repo.APIURL
	}
	config.Repo = repo
	if config.Ref == "" {
		config.Ref = ref
	}
	if config.Path == "" {
		config.Path = path
	}
	if config.Name == "" {
		config.Name = portolan.SlugFrom(repo.Name)
	}
	return config, config.Validate()
}

// SetSource implements [api.API].
func (e *Engine) SetSource(ctx context.Context, config portolan.SourceConfig) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	if err := config.Validate(); err != nil {
		return err
	}
	err := e.record("changed the settings of "+config.Name, func(s *portolan.State) error { return merge.Configure(s, config) })
	if err != nil {
		return err
	}
	e.nudge(config.Name)
	return nil
}

// RemoveSource implements [api.API].
func (e *Engine) RemoveSource(ctx context.Context, name string, keep bool) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	return e.removeSource(name, keep, func(change func(*portolan.State) error) error {
		return e.record("removed the source "+name, change)
	})
}

// removeSource removes a source through one of the ways to change the state.
func (e *Engine) removeSource(name string, keep bool, update func(func(*portolan.State) error) error) error {
	e.membership.Lock()
	defer e.membership.Unlock()
	if state := e.cfg.Store.Peek(); state.Source(name) == nil {
		return merge.UnknownSource(state, name)
	}
	e.crew.dismiss(name)
	err := update(func(s *portolan.State) error {
		return merge.RemoveSource(s, name, keep, e.library.file, newID)
	})
	if err != nil {
		e.follow(name) // it is still there, so it is still followed
		return err
	}
	e.publish(func() bool { delete(e.sources, name); return false })
	return nil
}

// ConfirmSource implements [api.API].
func (e *Engine) ConfirmSource(ctx context.Context, name string) (api.SyncResult, error) {
	results, err := e.Preview(ctx, []string{name})
	if err != nil {
		return api.SyncResult{}, err
	}
	refused := results[0]
	if refused.Fault == nil || refused.Fault.Code != merge.CodeEmptySource {
		return api.SyncResult{}, &portolan.Fault{Kind: portolan.Failed, Code: "nothing-to-confirm",
			Message: "the source " + name + " waits for no confirmation",
			Hint:    "see what waits for you with: portolan status"}
	}
	err = e.update(func(s *portolan.State) error {
		merge.AllowEmpty(s, name, refused.Commit.SHA, e.cfg.Now())
		return nil
	})
	if err != nil {
		return api.SyncResult{}, err
	}
	return e.syncOne(ctx, name, false), nil
}

// Sync implements [api.API].
func (e *Engine) Sync(ctx context.Context, names []string) ([]api.SyncResult, error) {
	return e.syncAll(ctx, names, false)
}

// Preview implements [api.API].
func (e *Engine) Preview(ctx context.Context, names []string) ([]api.SyncResult, error) {
	return e.syncAll(ctx, names, true)
}

// syncAll syncs the named sources, or all, side by side.
func (e *Engine) syncAll(ctx context.Context, names []string, preview bool) ([]api.SyncResult, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	state := e.cfg.Store.Peek()
	for _, name := range names {
		if state.Source(name) == nil {
			return nil, merge.UnknownSource(state, name)
		}
	}
	results := []api.SyncResult{}
	for _, s := range state.Sources {
		if len(names) == 0 || slices.Contains(names, s.Name) {
			results = append(results, api.SyncResult{Source: s.Name})
		}
	}
	var group errgroup.Group
	for i := range results {
		group.Go(func() error {
			results[i] = e.syncOne(ctx, results[i].Source, preview)
			return nil
		})
	}
	_ = group.Wait() // a source's failure is in its result
	return results, ctx.Err()
}

func (e *Engine) syncOne(ctx context.Context, name string, preview bool) api.SyncResult {
	follower := e.crew.get(name)
	if follower == nil { // removed a moment ago
		return api.SyncResult{Source: name, Rows: []portolan.Row{}, Fault: merge.UnknownSource(e.cfg.Store.Peek(), name)}
	}
	run := follower.Sync
	if preview {
		run = func(ctx context.Context) (source.Result, error) { return follower.Preview(e.attended(ctx)) }
	}
	got, err := run(ctx)
	return syncResult(name, got, err)
}

func syncResult(name string, got source.Result, err error) api.SyncResult {
	return api.SyncResult{
		Source: name, Commit: got.Commit, Changed: got.Changed, Rows: visible(got.Rows), Waits: got.Waits,
		Requests: got.Requests, Fault: portolan.AsFault(err), Problems: got.Problems, Invalid: got.Invalid,
	}
}

// visible leaves the unchanged rows out.
func visible(rows []portolan.Row) []portolan.Row {
	out := []portolan.Row{}
	for _, r := range rows {
		if r.Action != portolan.Unchanged {
			out = append(out, r)
		}
	}
	return out
}
