package engine

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	startLimit = 5 * time.Second // how long Start waits for the truth about each forward
	probes     = 16              // targets looked up side by side
)

// Start implements [api.API].
func (e *Engine) Start(ctx context.Context, sel api.Selection) ([]portolan.ForwardView, error) {
	picked, err := e.pick(ctx, sel)
	if err != nil {
		return nil, err
	}
	picked, err = startable(picked, sel)
	if err != nil {
		return nil, err
	}
	ids := idsOf(picked)
	if err := e.want(ids, true); err != nil {
		return nil, err
	}
	e.probe(ctx, ids)
	return e.viewsOf(ids), nil
}

// startable leaves out what only its own name may start: entries of a protected
// environment, and those that cannot run yet.
func startable(picked []portolan.ForwardView, sel api.Selection) ([]portolan.ForwardView, error) {
	named, err := api.Selection{Names: sel.Names}.Pick(picked)
	if len(sel.Names) == 0 {
		named, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	byName := make(map[portolan.ID]bool)
	for _, f := range named {
		byName[f.ID] = true
	}
	var out []portolan.ForwardView
	for _, f := range picked {
		if byName[f.ID] || !f.Protected && portolan.NotSupported(f.Entry) == nil {
			out = append(out, f)
		}
	}
	return out, nil
}

// probe looks each target up once, so that a missing service, port, right or
// context shows at the click and not at the first connection.
func (e *Engine) probe(ctx context.Context, ids []portolan.ID) {
	if e.forwards == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(probes)
	for _, id := range ids {
		group.Go(func() error {
			_ = e.forwards.Probe(ctx, id) // the status has it
			return nil
		})
	}
	_ = group.Wait()
}

// Stop implements [api.API].
func (e *Engine) Stop(ctx context.Context, sel api.Selection) ([]portolan.ForwardView, error) {
	picked, err := e.pick(ctx, sel)
	if err != nil {
		return nil, err
	}
	ids := idsOf(picked)
	e.unhold(ids)
	if err := e.want(ids, false); err != nil {
		return nil, err
	}
	return e.viewsOf(ids), nil
}

// want starts or stops forwards. Several at once can be taken back: of one, that
// is the same click again.
func (e *Engine) want(ids []portolan.ID, wanted bool) error {
	var turned []portolan.ID
	change := func(s *portolan.State) error {
		turned = slices.DeleteFunc(slices.Clone(ids), func(id portolan.ID) bool { return s.Local[id].Wanted == wanted })
		merge.Want(s, ids, wanted)
		return nil
	}
	verb := "stopped"
	if wanted {
		verb = "started"
	}
	err := e.recordOnly(change, func() string {
		if len(turned) < 2 {
			return ""
		}
		return verb + " " + counted(len(turned))
	})
	if err != nil {
		return err
	}
	e.noteAll(turned, "you "+verb+" it") // before what comes of it
	return e.catchUp()
}

// Confirm implements [api.API].
func (e *Engine) Confirm(ctx context.Context, id portolan.ID) (portolan.ForwardView, error) {
	return e.change(ctx, id, func(s *portolan.State) error {
		if e.followHeld(id, true) {
			return nil
		}
		return merge.Confirm(s, e.library.file, id, e.cfg.Now())
	})
}

// MapContext implements [api.API].
func (e *Engine) MapContext(ctx context.Context, environment, team, mine string) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	return e.update(func(s *portolan.State) error {
		if mine == "" {
			delete(s.Contexts[environment], team)
			return nil
		}
		if s.Contexts == nil {
			s.Contexts = make(map[string]map[string]string)
		}
		if s.Contexts[environment] == nil {
			s.Contexts[environment] = make(map[string]string)
		}
		s.Contexts[environment][team] = mine
		return nil
	})
}

// pick resolves a selection against the view of now.
func (e *Engine) pick(ctx context.Context, sel api.Selection) ([]portolan.ForwardView, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return sel.Pick(e.ledger.forwards.rows)
}

// change applies one change to the state and returns the forward as it is then.
func (e *Engine) change(ctx context.Context, id portolan.ID, change func(*portolan.State) error) (portolan.ForwardView, error) {
	if err := e.running(ctx); err != nil {
		return portolan.ForwardView{}, err
	}
	e.followHeld(id, false)
	if err := e.update(change); err != nil {
		return portolan.ForwardView{}, err
	}
	return e.viewOf(id)
}

// viewOf returns the forward of that id as it is now. Another call may have
// removed it since it was last seen.
func (e *Engine) viewOf(id portolan.ID) (portolan.ForwardView, error) {
	views := e.viewsOf([]portolan.ID{id})
	if len(views) == 0 {
		return portolan.ForwardView{}, merge.UnknownForward(id)
	}
	return views[0], nil
}

// viewsOf returns the forwards of those ids as they are now, in view order.
func (e *Engine) viewsOf(ids []portolan.ID) []portolan.ForwardView {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ledger.forwards.pick(ids)
}

func idsOf(views []portolan.ForwardView) []portolan.ID {
	ids := make([]portolan.ID, len(views))
	for i, f := range views {
		ids[i] = f.ID
	}
	return ids
}
