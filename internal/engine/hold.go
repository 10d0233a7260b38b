package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// hold is what one call of [Engine.Hold] keeps up. It is in memory alone, so that
// whatever crashes leaves nothing behind.
type hold struct {
	by string

	// led is where each forward led, by the team's names, when it was taken or last
	// had a yes; the zero target stands for wherever it leads at the next refresh.
	led map[portolan.ID]portolan.Target
}

// Hold implements [api.API].
func (e *Engine) Hold(ctx context.Context, q api.Hold, held func([]portolan.ForwardView)) error {
	picked, err := e.pick(ctx, q.Selection)
	if err != nil {
		return err
	}
	if picked, err = startable(picked, q.Selection); err != nil {
		return err
	}
	ids := idsOf(picked)
	h := &hold{by: q.By, led: make(map[portolan.ID]portolan.Target, len(ids))}
	for _, id := range ids {
		h.led[id] = portolan.Target{}
	}
	e.mu.Lock()
	e.holds = append(e.holds, h)
	e.mu.Unlock()
	defer e.release(h)
	if err := e.catchUp(); err != nil {
		return err
	}
	e.probe(ctx, ids)
	held(e.viewsOf(ids))
	<-ctx.Done()
	return ctx.Err()
}

func (e *Engine) release(h *hold) {
	e.mu.Lock()
	e.holds = slices.DeleteFunc(e.holds, func(other *hold) bool { return other == h })
	e.mu.Unlock()
	if err := e.catchUp(); err != nil {
		e.cfg.Log.Warn("what was held goes on until the next change", "by", h.by, "err", err)
	}
}

// unhold ends every hold of those forwards.
func (e *Engine) unhold(ids []portolan.ID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range e.holds {
		for _, id := range ids {
			delete(h.led, id)
		}
	}
}

// followHeld lets the holds of a forward lead where it leads at the next refresh,
// because a person changed it here. Holds that wait for a yes go on waiting, unless
// this is it. It reports whether they waited.
func (e *Engine) followHeld(id portolan.ID, yes bool) (waited bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f, _ := e.ledger.forwards.get(id)
	waited = f.Local.Approved != nil && !e.state.Local[id].Wanted
	for _, h := range e.holds {
		if _, ok := h.led[id]; ok && (yes || !waited) {
			h.led[id] = portolan.Target{}
		}
	}
	return waited
}

// applyHolds makes the forwards that are held wanted ones. One that no person
// started and that a sync has moved since waits for a yes, as a started one does.
func (e *Engine) applyHolds(inForce []portolan.Forward) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.holds) == 0 {
		return
	}
	for i := range inForce {
		f := &inForce[i]
		to, started := portolan.TargetOf(f.Entry), f.Local.Wanted
		for _, h := range e.holds {
			led, ok := h.led[f.ID]
			switch {
			case !ok:
				continue
			case led == portolan.Target{}:
				h.led[f.ID] = to
			case !started && merge.Moves(led, to, f.Protected):
				f.Local.Approved = &led
			}
			f.Local.Wanted = true
		}
	}
}

// underHolds names the forwards that are held, and those that the view still shows
// as held. The caller holds mu.
func (e *Engine) underHolds() (ids []portolan.ID) {
	for _, h := range e.holds {
		ids = slices.AppendSeq(ids, maps.Keys(h.led))
	}
	for i := range e.ledger.forwards.rows {
		if row := &e.ledger.forwards.rows[i]; len(row.Holders) > 0 {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// holders says who holds a forward, in the order of their coming. The caller holds
// mu.
func (e *Engine) holders(id portolan.ID) (by []string) {
	for _, h := range e.holds {
		if _, ok := h.led[id]; ok {
			by = append(by, h.by)
		}
	}
	return by
}
