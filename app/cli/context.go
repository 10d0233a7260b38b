package cli

import (
	"github.com/spf13/cobra"
)

func (p *program) context() *cobra.Command {
	return group("context", "Which of your kubeconfig contexts stands for the team's",
		`  portolan context map staging team-staging my-staging`, p.contextMap())
}

func (p *program) contextMap() *cobra.Command {
	var unset bool
	c := &cobra.Command{
		Use:   "map ENV TEAM {MINE | --clear}",
		Short: "Use your context where the files of an environment name the team's",
		Long: `Use your context MINE where the files of the environment ENV name the context TEAM.
An empty TEAM ('') means the entries that name none. The mapping stays on this
machine.`,
		Example: `  portolan context map staging team-staging my-staging
  portolan context map staging '' my-staging
  portolan context map staging team-staging --clear`,
		Args: func(cmd *cobra.Command, args []string) error {
			if unset {
				return takes(2, 2, "ENV TEAM")(cmd, args)
			}
			return takes(3, 3, "ENV TEAM MINE, or ENV TEAM --clear")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := p.connectOrStart(cmd.Context())
			if err != nil {
				return err
			}
			environment, team, mine := args[0], args[1], ""
			if !unset {
				mine = args[2]
			}
			if err := client.MapContext(cmd.Context(), environment, team, mine); err != nil {
				return err
			}
			p.printMapping(environment, team, mine)
			return nil
		},
	}
	c.Flags().BoolVar(&unset, "clear", false, "remove the mapping")
	return c
}

func (p *program) printMapping(environment, team, mine string) {
	theirs := "the team's context " + quote(team)
	if team == "" {
		theirs = "no context"
	}
	switch {
	case p.format == "json":
		p.out.json(map[string]string{"environment": environment, "team": team, "mine": mine})
	case mine == "":
		p.out.printf("In %s, entries with %s are no longer mapped.\n", environment, theirs)
	default:
		p.out.printf("In %s, entries with %s use yours, %s.\n", environment, theirs, quote(mine))
	}
}
