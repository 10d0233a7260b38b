package cli

import (
	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) list() *cobra.Command {
	sel := api.Selection{All: true}
	c := &cobra.Command{
		Use:   "list",
		Short: "List the forwards of all environments",
		Long: `List the forwards of all environments, running or not.

With --output json each is printed with the field names of the environment files
and, before them, id, source, environment, phase, address, edited and fault.`,
		Example: `  portolan list --env staging
  portolan list --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, view, err := p.look(cmd.Context())
			if err != nil {
				return err
			}
			if sel.Source != "" && sel.Source != portolan.Mine {
				if _, err := findSource(view, sel.Source); err != nil {
					return err
				}
			}
			forwards, err := sel.Pick(view.Forwards)
			if err != nil {
				return err
			}
			p.printList(view, forwards)
			return nil
		},
	}
	c.Flags().StringVar(&sel.Environment, "env", "", "only this `ENVIRONMENT`")
	c.Flags().StringVar(&sel.Source, "source", "", "only this `SOURCE`; \"mine\" is this machine's own")
	return c
}

func (p *program) printList(view portolan.View, forwards []portolan.ForwardView) {
	if len(forwards) > 0 || p.format == "json" {
		p.printForwards(forwards)
		for _, s := range view.Sources {
			if s.Held != nil && p.format != "json" {
				p.err.printf("%s is %s\n", s.Name, waiting(s).Message)
			}
		}
		return
	}
	if len(view.Sources) == 0 && len(view.Forwards) == 0 {
		p.err.printf("There are no forwards yet. Follow a team's repository with:\n  portolan source add OWNER/NAME\n")
		return
	}
	p.err.printf("There are no forwards here.\n")
}
