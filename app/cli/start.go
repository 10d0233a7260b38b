package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// selects is the synopsis and the check of commands that act on forwards.
const selects = "[SOURCE:][ENV/]NAME..., --env ENV, --source SOURCE or --all"

// selectFlags adds the flags that select forwards.
func selectFlags(c *cobra.Command, sel *api.Selection) {
	c.Flags().StringVar(&sel.Environment, "env", "", "all of this `ENVIRONMENT`")
	c.Flags().StringVar(&sel.Source, "source", "", "only those of this `SOURCE`")
	c.Flags().BoolVar(&sel.All, "all", false, "all of every environment")
}

// selected requires that names, an environment or all were given.
func selected(sel *api.Selection) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		sel.Names = args
		if len(args) == 0 && sel.Environment == "" && sel.Source == "" && !sel.All {
			return usagef(cmd, "%s needs %s", verb(cmd), selects)
		}
		return nil
	}
}

func (p *program) start() *cobra.Command {
	var sel api.Selection
	c := &cobra.Command{
		Use:   "start {[SOURCE:][ENV/]NAME... | --env ENV | --all}",
		Short: "Start forwards",
		Long: `Start forwards, and wait until each listens or says why not.

Entries of a protected environment are started only when they are named.`,
		Example: `  portolan start staging/api
  portolan start --env staging`,
		Args: selected(&sel),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runStart(cmd.Context(), sel) },
	}
	selectFlags(c, &sel)
	return c
}

func (p *program) runStart(ctx context.Context, sel api.Selection) error {
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return err
	}
	var forwards []portolan.ForwardView
	err = p.during(ctx, client, "starting", startStep, func() (err error) {
		forwards, err = client.Start(ctx, sel)
		return err
	})
	if err != nil {
		return err
	}
	p.printForwards(forwards)
	return p.down(forwards)
}

// down reports each forward that is not up, and returns the first one's fault.
// Ports that cannot be had come together: a person settles them in one go.
func (p *program) down(forwards []portolan.ForwardView) error {
	var first error
	var others, busy []portolan.ForwardView
	for _, f := range forwards {
		switch {
		case f.Status.Fault == nil:
			continue
		case f.Status.Phase == portolan.PortBusy:
			busy = append(busy, f)
		default:
			others = append(others, f)
		}
		if first == nil {
			first = reported{f.Status.Fault}
		}
	}
	if p.format == "json" {
		return first // the list of the forwards has the faults
	}
	if len(busy) == 1 {
		others, busy = append(others, busy...), nil
	}
	if busy != nil {
		p.reportBusy(busy, len(forwards))
	}
	for _, f := range others {
		fault := *f.Status.Fault
		fault.Message = api.FullName(f) + ": " + fault.Message
		p.reportFault(&fault)
	}
	return first
}

// reportBusy lists the forwards that did not get their port, of so many.
func (p *program) reportBusy(busy []portolan.ForwardView, of int) {
	p.err.printf("%s %d of %d local ports cannot be had:\n", bold("portolan:"), len(busy), of)
	for _, f := range busy {
		p.err.printf("  %s: %s\n", bold(api.FullName(f)), f.Status.Fault.Message)
		p.err.printf("    %s\n", f.Status.Fault.Hint)
	}
}

// startStep says which forward is being connected.
func startStep(view portolan.View) string {
	for _, f := range view.Forwards {
		if f.Status.Phase == portolan.Connecting {
			return api.FullName(f)
		}
	}
	return ""
}

func (p *program) stop() *cobra.Command {
	var sel api.Selection
	c := &cobra.Command{
		Use:   "stop {[SOURCE:][ENV/]NAME... | --env ENV | --all}",
		Short: "Stop forwards",
		Example: `  portolan stop staging/api
  portolan stop --all`,
		Args: selected(&sel),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			var forwards []portolan.ForwardView
			err = p.during(cmd.Context(), client, "stopping", noStep, func() (err error) {
				forwards, err = client.Stop(cmd.Context(), sel)
				return err
			})
			if err != nil {
				return err
			}
			p.printForwards(forwards)
			return nil
		},
	}
	selectFlags(c, &sel)
	return c
}

func (p *program) confirm() *cobra.Command {
	return &cobra.Command{
		Use:   "confirm [SOURCE:][ENV/]NAME",
		Short: "Say yes to what a shared file may not do by itself",
		Long: `Say yes to what a shared file may not do by itself: move a forward that you
started to another context or namespace, or listen beyond this machine.
"portolan status" shows what waits for a yes.`,
		Example: `  portolan confirm staging/api`,
		Args:    takes(1, 1, "[SOURCE:][ENV/]NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, forward, err := p.connectTo(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var after portolan.ForwardView
			err = p.during(cmd.Context(), client, "confirming", startStep, func() (err error) {
				after, err = client.Confirm(cmd.Context(), forward.ID)
				return err
			})
			if err != nil {
				return err
			}
			p.printForward(after, "%s may now lead to %s.", api.FullName(after), leadsTo(after.Entry))
			return nil
		},
	}
}

// connectTo connects, to an agent that it starts if need be, and finds the one
// forward that is meant by name.
func (p *program) connectTo(ctx context.Context, name string) (api.API, portolan.ForwardView, error) {
	client, view, err := p.lookOrStart(ctx)
	if err != nil {
		return nil, portolan.ForwardView{}, err
	}
	picked, err := api.Selection{Names: []string{name}}.Pick(view.Forwards)
	if err != nil {
		return nil, portolan.ForwardView{}, err
	}
	return client, picked[0], nil
}
