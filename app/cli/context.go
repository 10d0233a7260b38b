package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) context() *cobra.Command {
	return group("context", "Which of your kubeconfig contexts stands for the team's",
		`  portolan context list
  portolan context map staging team-staging my-staging`, p.contextList(), p.contextMap())
}

func (p *program) contextList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List your contexts, and which ones the environments need",
		Long: `List the contexts of your kubeconfig files, and for each environment which contexts
its files name and what stands for them here. Where this machine lacks one, the
context whose cluster matches is proposed, with the command that maps it.

--output json prints an object with "contexts" (name, cluster, server, namespace,
current) and "uses" (environment, team, forwards, mine: what it is mapped to, missing,
proposal).`,
		Example: `  portolan context list
  portolan context list --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			contexts, err := client.Contexts(cmd.Context())
			if err != nil {
				return err
			}
			if p.format == "json" {
				p.out.json(api.Contexts{Contexts: orEmpty(contexts.Contexts), Uses: orEmpty(contexts.Uses)})
			} else {
				p.printContexts(contexts)
			}
			return nil
		},
	}
}

func (p *program) printContexts(contexts api.Contexts) {
	rows := make([][]cell, 0, len(contexts.Contexts))
	for _, c := range contexts.Contexts {
		current := ""
		if c.Current {
			current = "current"
		}
		rows = append(rows, []cell{plain(c.Name), plain(c.Cluster), plain(c.Server), plain(c.Namespace), faint(current)})
	}
	p.out.table([]string{"CONTEXT", "CLUSTER", "SERVER", "NAMESPACE", "NOTES"}, rows)
	if len(contexts.Uses) == 0 {
		return
	}
	p.out.printf("\n")
	rows = make([][]cell, 0, len(contexts.Uses))
	for _, u := range contexts.Uses {
		rows = append(rows, []cell{plain(u.Environment), plain(u.Team), plain(strconv.Itoa(u.Forwards)), plain(u.Mine), found(u)})
	}
	p.out.table([]string{"ENVIRONMENT", "CONTEXT", "FORWARDS", "MAPPED TO", "STATE"}, rows)
	for _, u := range contexts.Uses {
		if u.Missing && u.Proposal != "" {
			p.out.printf("\nThe cluster of %s matches; if it is the same:\n  portolan context map %s %s %s\n",
				bold(u.Proposal), quote(u.Environment), quote(u.Team), quote(u.Proposal))
		}
	}
}

// found says whether this machine has what an environment needs.
func found(u portolan.ContextUse) cell {
	switch {
	case u.Missing && u.Team == "" && u.Mine == "":
		return red("missing: there is no current-context")
	case u.Missing:
		return red("missing")
	case u.Team == "" && u.Mine == "":
		return green("the current one")
	}
	return green("ok")
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
