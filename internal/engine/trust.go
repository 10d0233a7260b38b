package engine

import (
	"context"
	"iter"
	"slices"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Consents implements [api.API].
func (e *Engine) Consents(ctx context.Context) ([]portolan.Consent, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	return append([]portolan.Consent{}, e.cfg.Store.Peek().Consents...), nil
}

// Revoke implements [api.API].
func (e *Engine) Revoke(ctx context.Context, source, effect, value string) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	return e.update(func(s *portolan.State) error { return merge.Revoke(s, source, effect, value) })
}

// Checkup implements [api.API].
func (e *Engine) Checkup(ctx context.Context) ([]portolan.Check, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	view, err := e.View(ctx)
	if err != nil {
		return nil, err
	}
	state := e.cfg.Store.Peek()
	wanted := Wanted{Token: e.token, CAFile: state.Settings.CAFile}
	for _, s := range state.Sources {
		wanted.Sources = append(wanted.Sources, s.SourceConfig)
	}
	for _, f := range view.Forwards {
		if target := merge.TargetOf(state, f.Forward); portolan.NotSupported(f.Entry) == nil && !slices.Contains(wanted.Targets, target) {
			wanted.Targets = append(wanted.Targets, target)
		}
	}
	return e.cfg.Checkup(ctx, wanted), nil
}

// Targets implements [api.API].
func (e *Engine) Targets(ctx context.Context, q portolan.TargetQuery) (portolan.Targets, error) {
	if err := e.running(ctx); err != nil {
		return portolan.Targets{}, err
	}
	return e.cfg.Targets(ctx, q)
}

// Contexts implements [api.API].
func (e *Engine) Contexts(ctx context.Context) (api.Contexts, error) {
	if err := e.running(ctx); err != nil {
		return api.Contexts{}, err
	}
	mine, err := e.cfg.Contexts()
	if err != nil {
		return api.Contexts{}, err
	}
	view, err := e.View(ctx)
	if err != nil {
		return api.Contexts{}, err
	}
	forwards := func(yield func(portolan.Forward) bool) {
		for _, f := range view.Forwards {
			if !yield(f.Forward) {
				return
			}
		}
	}
	return api.Contexts{Contexts: mine, Uses: contextUses(e.cfg.Store.Peek(), forwards, mine)}, nil
}

// contextUses lists which contexts the entries of each environment name, in the
// order of the forwards, and what stands for them here. Entries for which a
// person chose a context themselves need none.
func contextUses(s *portolan.State, forwards iter.Seq[portolan.Forward], mine []portolan.KubeContext) []portolan.ContextUse {
	uses := []portolan.ContextUse{}
	for f := range forwards {
		if f.Local.Override.Context != "" || portolan.NotSupported(f.Entry) != nil {
			continue
		}
		i := slices.IndexFunc(uses, func(u portolan.ContextUse) bool {
			return u.Environment == f.Environment && u.Team == f.Entry.Context
		})
		if i < 0 {
			i = len(uses)
			uses = append(uses, contextUse(s, f, mine))
		}
		uses[i].Forwards++
	}
	return uses
}

func contextUse(s *portolan.State, f portolan.Forward, mine []portolan.KubeContext) portolan.ContextUse {
	use := portolan.ContextUse{Environment: f.Environment, Team: f.Entry.Context, Mine: s.Contexts[f.Environment][f.Entry.Context]}
	target := merge.TargetOf(s, f).Context
	use.Missing = !slices.ContainsFunc(mine, func(c portolan.KubeContext) bool {
		return c.Name == target || target == "" && c.Current
	})
	if use.Missing {
		use.Proposal = portolan.ProposeContext(use.Team, mine)
	}
	return use
}
