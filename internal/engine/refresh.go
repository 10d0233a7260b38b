package engine

import (
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// refresh reads the stored state, works out the forwards in force, publishes them
// and hands them to the forward engine.
func (e *Engine) refresh() error {
	e.refreshing.Lock()
	defer e.refreshing.Unlock()
	return e.replace(e.cfg.Store.State())
}

// catchUp is refresh after a change that leaves the files as they are: where it
// touches single forwards, only these are worked out, and those that are held.
func (e *Engine) catchUp() error {
	e.refreshing.Lock()
	defer e.refreshing.Unlock()
	state := e.cfg.Store.State()
	ids, ok := merge.Touched(&e.state, &state)
	if !ok {
		return e.replace(state)
	}
	e.mu.Lock()
	views := e.ledger.forwards.pick(append(ids, e.underHolds()...))
	e.mu.Unlock()
	forwards := make([]portolan.Forward, len(views))
	for i := range views {
		var err error
		if forwards[i], err = merge.Renew(&state, views[i].Forward); err != nil {
			return err
		}
		if ownLoopback && merge.LacksLoopback(forwards[i]) {
			return e.replace(state)
		}
	}
	e.applyHolds(forwards)
	e.publish(func() bool {
		e.state = state
		for i, f := range forwards {
			views[i] = portolan.ForwardView{Forward: f, Status: e.status(f), Holders: e.holders(f.ID)}
		}
		return e.ledger.renew(views, e.asides())
	})
	e.applyWanted(&state)
	return nil
}

// replace publishes all that is in force in a state. The caller holds refreshing.
func (e *Engine) replace(state portolan.State) error {
	inForce, err := e.library.forwards(&state)
	if err != nil {
		return err
	}
	e.applyHolds(inForce)
	if ownLoopback {
		e.giveLoopbacks(&state, inForce)
	}
	environments, err := e.library.environments(&state)
	if err != nil {
		return err
	}
	waiting := e.library.waiting(&state, e.options())
	e.publish(func() bool {
		e.state = state
		changed := e.ledger.replace(e.view(inForce, environments, waiting))
		e.forgetJournals()
		return changed
	})
	e.applyWanted(&state)
	return nil
}

// applyWanted hands what is wanted to the forward engine. The caller holds
// refreshing.
func (e *Engine) applyWanted(state *portolan.State) {
	if e.forwards == nil {
		return
	}
	e.tune(state.Settings)
	e.mu.Lock()
	specs := specs(state, e.ledger.forwards.rows)
	e.mu.Unlock()
	e.forwards.Apply(specs)
}
