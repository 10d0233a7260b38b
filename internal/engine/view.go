package engine

import (
	"context"
	"slices"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Version implements [api.API].
func (e *Engine) Version(context.Context) (api.Version, error) { return e.cfg.Version, nil }

// View implements [api.API].
func (e *Engine) View(context.Context) (portolan.View, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.view(), nil
}

// Changes implements [api.API].
func (e *Engine) Changes(ctx context.Context, since int64) (portolan.View, error) {
	for {
		e.mu.Lock()
		if e.revision > since {
			defer e.mu.Unlock()
			return e.view(), nil
		}
		changed := e.changed
		e.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return portolan.View{}, ctx.Err()
		}
	}
}

// view joins the state with what is observed. The caller holds mu.
func (e *Engine) view() portolan.View {
	v := portolan.View{
		Revision:   e.revision,
		Sources:    make([]portolan.SourceView, 0, len(e.state.Sources)),
		Forwards:   make([]portolan.ForwardView, 0, len(e.inForce)),
		Superseded: slices.Clone(e.state.Superseded),
	}
	if v.Superseded == nil {
		v.Superseded = []portolan.Superseded{}
	}
	v.Accounts, v.Asking = e.accounts(), e.asking
	index := make(map[string]*portolan.SourceView, len(e.state.Sources))
	for _, s := range e.state.Sources {
		v.Sources = append(v.Sources, sourceView(s, e.sources[s.Name]))
		index[s.Name] = &v.Sources[len(v.Sources)-1]
	}
	for _, f := range e.inForce {
		v.Forwards = append(v.Forwards, portolan.ForwardView{Forward: f, Status: e.status(f)})
		if s := index[f.Source]; s != nil {
			s.Forwards++
			if !slices.Contains(s.Environments, f.Environment) {
				s.Environments = append(s.Environments, f.Environment)
			}
		}
	}
	return v
}

func sourceView(s portolan.Source, status portolan.SourceStatus) portolan.SourceView {
	if status.Phase == "" {
		status.Phase = portolan.SyncIdle
	}
	if status.LastSync.IsZero() {
		status.LastSync = s.SyncedAt
	}
	v := portolan.SourceView{SourceConfig: s.SourceConfig, Commit: s.Base.Commit, Environments: []string{}, Status: status}
	for _, file := range s.Base.Files {
		if file.Invalid != nil {
			v.Invalid = append(v.Invalid, file.Invalid.Problems...)
		}
	}
	slices.SortFunc(v.Invalid, func(a, b portolan.Problem) int {
		if a.File != b.File {
			if a.File < b.File {
				return -1
			}
			return 1
		}
		return a.Position.Line - b.Position.Line
	})
	return v
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
	if merge.AsksToBind(&e.state, f) {
		status.Notice = "the team asks for " + f.Entry.LocalAddress + "; it listens on loopback only until you say yes"
	}
	return status
}
