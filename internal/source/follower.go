// Package source follows one repository: wait, fetch, parse, plan, commit.
//
// A [Follower] asks the cheapest honest question that GitHub answers: is the ref
// still at the commit that is held? If so, one conditional request was the whole
// cost; and still the held base is checked, rebuilt where it is damaged, and
// planned again, so that the repository wins over local edits whether or not it
// changed. If not, it reads the commit, its tree, and the blobs that are not held
// yet, all pinned to that commit. The plan is made and applied inside one update
// of the store, so that nothing which a person did meanwhile is lost, and the
// commit is stored only together with what it brought.
//
// Whatever goes wrong, what was held stays in force.
package source

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// Remote is a repository's host as a follower sees it: a [*github.Client], or a
// test's own.
type Remote interface {
	Repository(ctx context.Context, owner, name string) (repo portolan.Repository, defaultBranch string, err error)
	Head(ctx context.Context, r portolan.Repository, ref, last string) (sha string, changed bool, err error)
	Moved(r portolan.Repository) (now portolan.Repository, ok bool)
	Commit(ctx context.Context, r portolan.Repository, sha string) (portolan.Commit, error)
	Tree(ctx context.Context, r portolan.Repository, tree, dir string) ([]github.TreeEntry, error)
	Blob(ctx context.Context, r portolan.Repository, sha string, limit int64) ([]byte, error)
	Requests() int             // made so far
	Allowance() portolan.Quota // as the host last told; zero while it has not
}

var _ Remote = (*github.Client)(nil)

// Config says what a follower follows and whom it tells.
type Config struct {
	Name  string // of the source in the store
	Store *store.Store

	// Remote gives the way to a source's repository. It is asked at each sync,
	// because settings and tokens change, and may give the same one again.
	Remote func(portolan.SourceConfig) (Remote, error)

	// Authorized reports whether requests for the source carry a token, which
	// decides how often it is polled. nil means that they do not.
	Authorized func() bool

	// Paused reports whether the timer shall rest; who asks is served all the same.
	// A follower whose timer came round meanwhile waits for a [Follower.Nudge]. nil
	// means never.
	Paused func() bool

	// Status is told each step, one call at a time. Changed is called after a
	// sync that changed the state, what waits included, or brought back files that
	// were lost.
	Status  func(name string, s portolan.SourceStatus)
	Changed func(Result)

	// OnDemand leaves the timer out, for one sync from the command line.
	OnDemand bool

	Now func() time.Time // nil = time.Now
	Log *slog.Logger
}

// shelf is what is held already: a [*store.Store], or, for [Look], nothing.
type shelf interface {
	State() portolan.State
	Peek() *portolan.State
	Blob(sha string) ([]byte, error)
	Lacking(shas []string) []string
}

// Result is what one sync did, or, for a preview, would do.
type Result struct {
	Commit   portolan.Commit
	Rows     []portolan.Row // without the unchanged
	Changed  bool           // there are rows, and they do not wait
	Waits    portolan.Wait  // set where a person decides whether the rows are taken
	Requests int            // made for it
	Quota    portolan.Quota // as the host last told

	// Problems are warnings and notices of the files that were read: a value that
	// looks like a secret, a link that is not followed.
	Problems []portolan.Problem

	// Invalid is what is wrong with the files that are broken at Commit, also
	// where they were before.
	Invalid []portolan.Problem
}

// Follower follows one source. Its methods may be called from any goroutine.
type Follower struct {
	cfg   Config
	shelf shelf         // what cfg.Store holds, or nothing for a look
	nudge chan struct{} // one slot: whatever comes while it is full is the same wish
	woken chan struct{} // one slot too
	busy  chan struct{} // held by the one sync or preview under way
	ended chan struct{} // closed when Run has returned

	mu      sync.Mutex
	status  portolan.SourceStatus
	waiting []chan<- outcome // for the next sync to begin
	served  []chan<- outcome // by the sync under way
	left    chan struct{}    // closed when the last of served has gone

	memory // guarded by busy
}

// outcome is what a sync tells those who wait for it.
type outcome struct {
	Result
	err error
}

// New returns a follower of the source called cfg.Name. It does nothing before
// [Follower.Run].
func New(cfg Config) *Follower {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Follower{
		cfg:    cfg,
		shelf:  cfg.Store,
		nudge:  make(chan struct{}, 1),
		woken:  make(chan struct{}, 1),
		busy:   make(chan struct{}, 1),
		ended:  make(chan struct{}),
		memory: memory{files: map[version]*portolan.File{}},
	}
}

// Run syncs at once, then whenever the interval is over or somebody asks, until
// ctx ends. A follower that is OnDemand syncs only when somebody asks. It always returns nil: a sync that fails is in the status, and tried
// again. It may be called once.
func (f *Follower) Run(ctx context.Context) error {
	defer close(f.ended)
	timer := time.NewTimer(0)
	if f.cfg.OnDemand {
		timer.Stop()
	}
	defer timer.Stop()
	var backoff backoff
	var unreached bool
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			if f.cfg.Paused != nil && f.cfg.Paused() {
				continue
			}
		case <-f.nudge:
			backoff.reset() // somebody knows something new
		case <-f.woken:
			if f.cfg.OnDemand || f.cfg.Paused != nil && f.cfg.Paused() || !unreached && !f.overdue() {
				continue
			}
			backoff.reset()
		}
		attended, _ := f.attend(ctx)
		result, err := f.sync(attended)
		if first {
			attended, joined := f.attend(ctx)
			if joined && err != nil && portolan.OfKeychain(portolan.AsFault(err)) {
				result, err = f.sync(attended) // who came meanwhile can be asked to unlock it
			}
		}
		if ctx.Err() == nil {
			timer.Stop()
			fault := portolan.AsFault(err)
			unreached = fault != nil && fault.Kind == portolan.Later && fault.Retry.IsZero()
			if wait, again := f.settle(result, err, &backoff); again && !f.cfg.OnDemand {
				timer.Reset(wait)
			}
		}
		for _, w := range f.dismiss() {
			w <- outcome{result, err}
		}
	}
}

// Nudge asks for a sync soon. Any number of them during a sync are one more.
func (f *Follower) Nudge() {
	select {
	case f.nudge <- struct{}{}:
	default:
	}
}

// Wake is for a machine that has woken from sleep, or whose network has become
// another: a sync that fell due meanwhile, or that waits because the host could not be
// reached, begins at once. What else waits goes on waiting.
func (f *Follower) Wake() {
	select {
	case f.woken <- struct{}{}:
	default:
	}
}

// overdue reports whether the next sync should have been by now. Its timer does not
// run in sleep.
func (f *Follower) overdue() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.status.Next
	return !next.IsZero() && !f.cfg.Now().Round(0).Before(next.Round(0))
}

// Sync syncs now and waits for it; all who wait share one. A sync under way may
// have looked too early, so it waits for the next one then, but for the first of
// all: who adds a source wants to know what that one brought. The error is a
// [*portolan.Fault], or ctx's; what the fault is about has changed nothing.
func (f *Follower) Sync(ctx context.Context) (Result, error) {
	done := make(chan outcome, 1)
	f.mu.Lock()
	f.waiting = append(f.waiting, done)
	f.mu.Unlock()
	f.Nudge()
	select {
	case o := <-done:
		return o.Result, o.err
	case <-ctx.Done():
		f.forget(done)
		return Result{}, ctx.Err()
	case <-f.ended:
		return Result{}, &portolan.Fault{
			Kind: portolan.Unavailable, Code: "source-stopped",
			Message: "the source " + f.cfg.Name + " is not followed any more",
		}
	}
}

// Preview does what Sync does, and changes nothing, not even the status.
func (f *Follower) Preview(ctx context.Context) (Result, error) {
	if err := f.begin(ctx); err != nil {
		return Result{}, err
	}
	defer f.end()
	return f.preview(ctx)
}

// begin waits for its turn: one sync or preview runs at a time.
func (f *Follower) begin(ctx context.Context) error {
	select {
	case f.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Follower) end() { <-f.busy }

// attend lets the sync serve those who wait for it, so that they can be asked for
// what it needs. A sync that nobody waits for must ask nobody.
func (f *Follower) attend(ctx context.Context) (attended context.Context, joined bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	joined = len(f.waiting) > 0
	f.served, f.waiting = append(f.served, f.waiting...), nil
	if len(f.served) == 0 {
		return ctx, false
	}
	if f.left == nil {
		f.left = make(chan struct{})
	}
	return portolan.WithPerson(ctx, portolan.Person{Say: f.step, Left: f.left}), joined
}

// dismiss ends a sync for those whom it served, and returns them.
func (f *Follower) dismiss() []chan<- outcome {
	f.mu.Lock()
	defer f.mu.Unlock()
	served := f.served
	f.served, f.left = nil, nil
	return served
}

// forget is for somebody who waits no longer.
func (f *Follower) forget(done chan<- outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	is := func(w chan<- outcome) bool { return w == done }
	f.waiting = slices.DeleteFunc(f.waiting, is)
	if served := len(f.served); served > 0 {
		if f.served = slices.DeleteFunc(f.served, is); len(f.served) == 0 {
			close(f.left)
			f.left = nil
		}
	}
}

// publish changes the status through one door.
func (f *Follower) publish(change func(*portolan.SourceStatus)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.status)
	if f.cfg.Status != nil {
		f.cfg.Status(f.cfg.Name, f.status)
	}
}

// step says what a sync is doing.
func (f *Follower) step(text string) {
	f.publish(func(s *portolan.SourceStatus) { s.Phase, s.Step = portolan.SyncRunning, text })
}
