package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) favourite() *cobra.Command {
	var off bool
	c := &cobra.Command{
		Use:   "favourite [SOURCE:][ENV/]NAME...",
		Short: "Keep forwards at hand in the window and the tray",
		Long: `Mark forwards as favourites, which the window and the tray show first. The mark is
this machine's; it stays when the team changes, renames or moves the entry.`,
		Example: `  portolan favourite staging/api
  portolan favourite staging/api --off`,
		Args: takes(1, -1, "[SOURCE:][ENV/]NAME"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runFavourite(cmd.Context(), args, !off) },
	}
	c.Flags().BoolVar(&off, "off", false, "take the mark away")
	return c
}

func (p *program) runFavourite(ctx context.Context, names []string, on bool) error {
	client, view, err := p.lookOrStart(ctx)
	if err != nil {
		return err
	}
	forwards, err := api.Selection{Names: names}.Pick(view.Forwards)
	if err != nil {
		return err
	}
	for i, f := range forwards {
		if err := client.SetFavourite(ctx, f.ID, on); err != nil {
			return err
		}
		forwards[i].Local.Favourite = on
		switch {
		case p.format == "json":
		case on:
			p.out.printf("%s is a favourite.\n", bold(api.FullName(f)))
		default:
			p.out.printf("%s is no favourite any more.\n", bold(api.FullName(f)))
		}
	}
	if p.format == "json" {
		p.printForwards(forwards)
	}
	return nil
}

func (p *program) events() *cobra.Command {
	return &cobra.Command{
		Use:   "events [SOURCE:][ENV/]NAME",
		Short: "Tell what happened to a forward",
		Long: `Tell what happened to a forward since Portolan was started, newest first: each new
state and its reason, what you did to it here, and what syncs brought.

--output json prints an array of objects with at, phase (absent for a change of the
entry) and text.`,
		Example: `  portolan events staging/api`,
		Args:    takes(1, 1, "[SOURCE:][ENV/]NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, view, err := p.look(cmd.Context())
			if err != nil {
				return err
			}
			forwards, err := api.Selection{Names: args}.Pick(view.Forwards)
			if err != nil {
				return err
			}
			events, err := client.Events(cmd.Context(), forwards[0].ID)
			if err != nil {
				return err
			}
			p.printEvents(events)
			return nil
		},
	}
}

func (p *program) printEvents(events []portolan.Event) {
	if p.format == "json" {
		p.out.json(orEmpty(events))
		return
	}
	if len(events) == 0 {
		p.err.printf("Nothing has happened to it since Portolan was started.\n")
		return
	}
	rows := make([][]cell, 0, len(events))
	for _, e := range events {
		rows = append(rows, []cell{plain(e.At.Local().Format(time.DateTime)), phase(e.Phase), plain(e.Text)})
	}
	p.out.table([]string{"WHEN", "STATE", "WHAT"}, rows)
}

func (p *program) kubectl() *cobra.Command {
	return &cobra.Command{
		Use:   "kubectl [SOURCE:][ENV/]NAME",
		Short: "Print the kubectl command that forwards the same",
		Long: `Print the kubectl command that forwards the same, for a POSIX shell, with the
contexts of this machine. --output json prints it as a string.`,
		Example: `  portolan kubectl staging/api`,
		Args:    takes(1, 1, "[SOURCE:][ENV/]NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, forward, err := p.connectTo(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			command, err := client.Kubectl(cmd.Context(), forward.ID)
			switch {
			case err != nil:
				return err
			case p.format == "json":
				p.out.json(command)
			default:
				p.out.printf("%s\n", command)
			}
			return nil
		},
	}
}
