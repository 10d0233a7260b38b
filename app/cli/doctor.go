package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) doctor() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what is missing on this machine",
		Long: `Look at what Portolan needs of this machine, and say what to do where something is
missing: its files, the keychain, the kubeconfig files and the programs that they
log in with, the GitHub hosts with and without a token, and the rights in the
clusters, with the role to ask for. Nothing is changed.

The running engine looks, with the token, PATH and kubeconfig that it has. Where
none runs, this command looks itself, and passes over the rights: which forwards
there are, only the engine knows.

--output json prints an array of objects with area, name, outcome (ok, warning or
failed), message, hint and role. The exit code is 1 if a check failed.`,
		Example: `  portolan doctor
  portolan doctor --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runDoctor(cmd.Context()) },
	}
	tokenFlags(c, &p.Options, "`FILE` that holds the GitHub token, where no engine runs")
	return c
}

func (p *program) runDoctor(ctx context.Context) error {
	stop := p.progress("looking", nil)
	checks, err := p.checkup(ctx)
	stop()
	if err != nil {
		return err
	}
	if p.format == "json" {
		p.out.json(checks)
	} else {
		p.printChecks(checks)
	}
	failed := func(c portolan.Check) bool { return c.Outcome == portolan.CheckFailed }
	if !slices.ContainsFunc(checks, failed) {
		return nil
	}
	return reported{&portolan.Fault{Kind: portolan.Failed, Code: "doctor", Message: "a check failed"}}
}

// checkup asks the running engine, or looks without one.
func (p *program) checkup(ctx context.Context) ([]portolan.Check, error) {
	client, err := p.Connect(ctx, p.Options)
	if err == nil {
		var checks []portolan.Check
		if checks, err = client.Checkup(ctx); err == nil {
			engine := portolan.Check{Area: "engine", Name: "engine", Outcome: portolan.CheckOK, Message: "it is running"}
			return append([]portolan.Check{engine}, checks...), nil
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	f := portolan.AsFault(err)
	engine := portolan.Check{Area: "engine", Name: "engine", Outcome: portolan.CheckWarning, Message: f.Message, Hint: f.Hint}
	if f.Code != "not-running" {
		engine.Outcome = portolan.CheckFailed
	}
	checks, err := p.Doctor(ctx, p.Options)
	return append([]portolan.Check{engine}, checks...), err
}

// printChecks prints the checks by area. A role is printed once, after them.
func (p *program) printChecks(checks []portolan.Check) {
	area := ""
	count := map[portolan.Outcome]int{}
	var roles []portolan.Check
	for _, c := range checks {
		if c.Area != area {
			area = c.Area
			p.out.printf("%s\n", bold(area))
		}
		count[c.Outcome]++
		p.out.printf("  %s %s: %s\n", outcome(c.Outcome), c.Name, c.Message)
		if c.Hint != "" {
			p.out.printf("          %s\n", c.Hint)
		}
		if c.Role != "" {
			roles = append(roles, c)
		}
	}
	for _, c := range roles {
		p.out.printf("\n%s\n", bold("The role to ask for, "+c.Name+":"))
		for line := range strings.Lines(c.Role) {
			p.out.printf("  %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	p.out.printf("\n%d ok, %d to look at, %d failed.\n", count[portolan.CheckOK], count[portolan.CheckWarning], count[portolan.CheckFailed])
}

// outcome is a mark of seven columns.
func outcome(o portolan.Outcome) cell {
	switch o {
	case portolan.CheckOK:
		return green("ok     ")
	case portolan.CheckWarning:
		return yellow("warning")
	default:
		return red("failed ")
	}
}
