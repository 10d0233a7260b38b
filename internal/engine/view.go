package engine

import (
	"context"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Version implements [api.API].
func (e *Engine) Version(ctx context.Context) (api.Version, error) {
	return e.cfg.Version, e.running(ctx)
}

// View implements [api.API].
func (e *Engine) View(ctx context.Context) (portolan.View, error) {
	if err := e.running(ctx); err != nil {
		return portolan.View{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ledger.view(), nil
}

// Changes implements [api.API].
func (e *Engine) Changes(ctx context.Context, since int64) (portolan.Changes, error) {
	for {
		e.mu.Lock()
		if e.ledger.revision != since {
			defer e.mu.Unlock()
			return e.ledger.changes(since), nil
		}
		changed := e.changed
		e.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return portolan.Changes{}, ctx.Err()
		}
	}
}

// Counters implements [api.API].
func (e *Engine) Counters(_ context.Context, ids []portolan.ID) ([]portolan.Counters, error) {
	if e.forwards == nil {
		counters := make([]portolan.Counters, len(ids))
		for i, id := range ids {
			counters[i].ID = id
		}
		return counters, nil
	}
	return e.forwards.Counters(ids), nil
}

// asides is what the view says beside its sources and forwards. The caller holds
// mu.
func (e *Engine) asides() portolan.View {
	return portolan.View{Superseded: e.state.Superseded, Accounts: e.accounts(), Paused: e.state.Paused, Undo: e.undo()}
}

// view joins the state with what is observed. The caller holds mu.
func (e *Engine) view(inForce []portolan.Forward, environments map[string][]portolan.EnvironmentView, waiting map[string]int) portolan.View {
	v := e.asides()
	v.Sources = make([]portolan.SourceView, 0, len(e.state.Sources))
	v.Forwards = make([]portolan.ForwardView, 0, len(inForce))
	index := make(map[string]*portolan.SourceView, len(e.state.Sources))
	for i := range e.state.Sources {
		s := &e.state.Sources[i]
		one := sourceView(s, sourceStatus(s, e.sources[s.Name], e.state.Paused))
		one.Review, one.Held = waitingView(s, waiting)
		one.Environments, one.Hidden = environments[s.Name], merge.Hidden(s)
		v.Sources = append(v.Sources, one)
		index[s.Name] = &v.Sources[i]
	}
	for _, f := range inForce {
		v.Forwards = append(v.Forwards, portolan.ForwardView{Forward: f, Status: e.status(f), Holders: e.holders(f.ID)})
		if s := index[f.Source]; s != nil {
			s.Forwards++
			for i := range s.Environments {
				if s.Environments[i].Name == f.Environment {
					s.Environments[i].Forwards++
				}
			}
		}
	}
	return v
}

func sourceView(s *portolan.Source, status portolan.SourceStatus) portolan.SourceView {
	v := portolan.SourceView{SourceConfig: s.SourceConfig, Commit: s.Base.Commit, Invalid: s.Base.Invalid(), Status: status}
	return v
}

// waitingView says what waits for a person: for their yes, or for the source to go
// on. Waiting has how many changes that makes, by source.
func waitingView(s *portolan.Source, waiting map[string]int) (review *portolan.ReviewView, held *portolan.HeldView) {
	changes, waits := waiting[s.Name]
	if s.Held != nil {
		held = &portolan.HeldView{Held: *s.Held, Changes: changes}
		if waits && s.Waiting.Commit.SHA != s.Held.Commit.SHA {
			held.Newer = s.Waiting.Commit
		}
		return nil, held
	}
	if waits && s.Apply == portolan.ApplyReview {
		review = &portolan.ReviewView{Commit: s.Waiting.Commit, Since: s.Waiting.At, Changes: changes}
	}
	return review, nil
}

// sourceStatus completes what is observed of a source with what is stored. While
// syncing is paused, no timer is due.
func sourceStatus(s *portolan.Source, status portolan.SourceStatus, paused bool) portolan.SourceStatus {
	if status.Phase == "" {
		status.Phase = portolan.SyncIdle
	}
	if status.LastSync.IsZero() {
		status.LastSync = s.SyncedAt
	}
	if paused {
		status.Next = time.Time{}
	}
	return status
}

// status is what is observed of f, with what the engine itself knows about it.
// The caller holds mu.
func (e *Engine) status(f portolan.Forward) portolan.Status {
	status, ok := e.statuses[f.ID]
	if !ok {
		status.Phase = portolan.Off
		if fault := portolan.NotSupported(f.Entry); fault != nil {
			status.Phase, status.Fault = portolan.Unsupported, fault
		}
	}
	if !ownLoopback && merge.OwnLoopback(f) {
		status.Notice = "auto_loopback_address works on Linux only for now; here it listens on localhost"
	}
	if merge.AsksToBind(&e.state, f) {
		status.Notice = "the team asks for " + f.Entry.LocalAddress + "; it listens on loopback only until you say yes"
	}
	return status
}
