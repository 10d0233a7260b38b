package source

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"time"
	"weak"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// errSettings ends an update whose snapshot was selected under settings that
// have changed since.
var errSettings = errors.New("the source's settings changed during the sync")

// sync is one sync: fetch, then plan and commit in one update of the store.
func (f *Follower) sync(ctx context.Context) (Result, error) {
	if err := f.begin(ctx); err != nil {
		return Result{}, err
	}
	defer f.end()
	for {
		result, err := f.syncOnce(ctx)
		if !errors.Is(err, errSettings) {
			return result, err
		}
	}
}

func (f *Follower) syncOnce(ctx context.Context) (Result, error) {
	got, result, err := f.fetch(ctx, f.step, f.mayRest(ctx))
	if err != nil {
		return result, err
	}
	if got.rests {
		return result, nil
	}
	f.step("applying")
	changed := false
	var before *portolan.State
	err = f.cfg.Store.Update(func(tx *store.Tx) error {
		changed, before = false, tx.Before
		src := tx.State.Source(f.cfg.Name)
		if src == nil {
			return errRemoved(f.cfg.Name)
		}
		if selection(src.SourceConfig) != got.snapshot.Selection {
			return errSettings
		}
		decision, err := f.decide(tx.State, got, tx.Blob)
		if err != nil {
			return err
		}
		for _, data := range got.blobs {
			if _, err := tx.PutBlob(data); err != nil {
				return err
			}
		}
		files := src.Base.Files
		changed = f.carryOut(tx.State, decision, got.snapshot, &result)
		src = tx.State.Source(f.cfg.Name)
		if changed && result.Waits == "" && (len(decision.Rows) > 0 || !reflect.DeepEqual(files, src.Base.Files)) {
			tx.AddRevision(src.Revision(f.cfg.Now(), ""))
		}
		return nil
	})
	if err != nil {
		f.remember(got)
		return result, err
	}
	if changed || f.pending != nil {
		f.remember(nil)
	}
	f.settled = settled{weak.Make(before), f.cfg.Now()}
	if (changed || len(got.blobs) > 0) && f.cfg.Changed != nil { // a file that was lost is in force again
		f.cfg.Changed(result)
	}
	return result, nil
}

// preview is sync without the commit.
func (f *Follower) preview(ctx context.Context) (Result, error) {
	_, result, err := f.foresee(ctx)
	return result, err
}

// foresee is preview with what was read.
func (f *Follower) foresee(ctx context.Context) (*fetched, Result, error) {
	got, result, err := f.fetch(ctx, func(string) {}, false)
	if err != nil {
		return nil, result, err
	}
	state := f.shelf.State()
	if state.Source(f.cfg.Name) == nil {
		return nil, result, errRemoved(f.cfg.Name)
	}
	decision, err := f.decide(&state, got, f.shelf.Blob)
	if err == nil {
		f.carryOut(&state, decision, got.snapshot, &result)
	}
	return got, result, err
}

// carryOut applies a decision, or lets its snapshot wait for a person, and reports
// whether that changes the state.
func (f *Follower) carryOut(s *portolan.State, d merge.Decision, snap portolan.Snapshot, result *Result) (changed bool) {
	result.Waits = d.Waits(s.Source(f.cfg.Name))
	if result.Waits != "" {
		changed = d.Await(s, snap, f.cfg.Now())
	} else {
		d.Apply(s)
		changed = d.Changed()
	}
	src := s.Source(f.cfg.Name)
	result.Invalid = src.Base.Invalid()
	if result.Waits == "" || src.Waiting != nil {
		result.Rows = d.Rows
	}
	result.Changed = result.Waits == "" && len(d.Rows) > 0
	return changed
}

// decide plans with what was fetched. A refusal is the error.
func (f *Follower) decide(s *portolan.State, got *fetched, blob func(sha string) ([]byte, error)) (merge.Decision, error) {
	s.Source(f.cfg.Name).Repo = got.repo
	files := func(path, sha string) (*portolan.File, error) { return f.file(path, sha, got.blobs, blob) }
	d, err := merge.Plan(s, got.snapshot, files, merge.Options{Now: f.cfg.Now(), NewID: newID})
	if err == nil && d.Refused != nil {
		err = d.Refused
	}
	return d, err
}

func newID() portolan.ID { return portolan.ID(rand.Text()) }

func errRemoved(name string) error {
	return &portolan.Fault{Kind: portolan.Unavailable, Code: "source-stopped",
		Message: fmt.Sprintf("the source %s is not followed any more", name)}
}

// withTimeout bounds a whole sync and names the limit in the error.
func withTimeout(ctx context.Context, config portolan.SourceConfig) (context.Context, context.CancelFunc) {
	limit := syncTimeout
	if config.Timeout > 0 {
		limit = time.Duration(config.Timeout)
	}
	return context.WithTimeoutCause(ctx, limit, &portolan.Fault{Kind: portolan.Later, Code: "sync-timeout",
		Message: fmt.Sprintf("the sync took longer than %s and was given up", limit),
		Hint:    "it is tried again; the source's timeout can be set higher"})
}
