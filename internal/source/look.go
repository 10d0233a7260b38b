package source

import (
	"context"
	"fmt"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Sight is what a look at a repository found.
type Sight struct {
	Result
	Repo  portolan.Repository     // as it is called now
	Files []portolan.SnapshotFile // that would be followed, by path
}

// Look does what the first sync of a source with these settings would do, under
// the same limits, and keeps nothing. Of cfg only Remote, Now and Log count.
func Look(ctx context.Context, cfg Config, settings portolan.SourceConfig) (Sight, error) {
	cfg.Name, cfg.Store = settings.Name, nil
	f := New(cfg)
	f.shelf = bare{settings}
	got, result, err := f.foresee(ctx)
	if got == nil {
		return Sight{Result: result}, err
	}
	return Sight{Result: result, Repo: got.repo, Files: got.snapshot.Files}, err
}

// bare is the shelf of a source that nothing was read of.
type bare struct{ settings portolan.SourceConfig }

// State has the source and nothing else.
func (b bare) State() portolan.State {
	return portolan.State{Sources: []portolan.Source{{SourceConfig: b.settings}}}
}

// Peek is State.
func (b bare) Peek() *portolan.State {
	s := b.State()
	return &s
}

// Blob has none.
func (b bare) Blob(sha string) ([]byte, error) {
	return nil, fmt.Errorf("the content of %s was not read", sha)
}

// Lacking is everything.
func (b bare) Lacking(shas []string) []string { return shas }
