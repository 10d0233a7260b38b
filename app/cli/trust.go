package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) trust() *cobra.Command {
	return group("trust", "What you have allowed the shared files to do", `  portolan trust list
  portolan trust revoke team`, p.trustList(), p.trustRevoke())
}

func (p *program) trustList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List what you have said yes to",
		Long: `List what you have said yes to with "portolan confirm" and "portolan source confirm":
which source may do what, which it could not by itself.

--output json prints an array of objects with source, effect ("bind-address": listen
beyond this machine; "empty-source": bring no environment file any more), value (the
address; the commit) and at.`,
		Example: `  portolan trust list`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			consents, err := client.Consents(cmd.Context())
			switch {
			case err != nil:
				return err
			case p.format == "json":
				p.out.json(orEmpty(consents))
			case len(consents) == 0:
				p.err.printf("Nothing beyond the usual is allowed.\n")
			default:
				p.printConsents(consents)
			}
			return nil
		},
	}
}

func (p *program) printConsents(consents []portolan.Consent) {
	rows := make([][]cell, 0, len(consents))
	for _, c := range consents {
		rows = append(rows, []cell{plain(c.Source), plain(c.Effect), plain(c.Value), plain(c.At.Local().Format(time.DateTime))})
	}
	p.out.table([]string{"SOURCE", "EFFECT", "VALUE", "ALLOWED"}, rows)
}

func (p *program) trustRevoke() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke SOURCE [EFFECT [VALUE]]",
		Short: "Take a yes back, at once",
		Long: `Take a yes back, at once: a forward that listens beyond this machine goes back to
loopback. EFFECT and VALUE are those of "portolan trust list"; without them, all of
the source's are meant.`,
		Example: `  portolan trust revoke team
  portolan trust revoke team bind-address 0.0.0.0`,
		Args: takes(1, 3, "SOURCE [EFFECT [VALUE]]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := p.connectOrStart(cmd.Context())
			if err != nil {
				return err
			}
			args = append(args, "", "")
			source, effect, value := args[0], args[1], args[2]
			if err := client.Revoke(cmd.Context(), source, effect, value); err != nil {
				return err
			}
			switch {
			case p.format == "json":
				p.out.json(map[string]string{"source": source, "effect": effect, "value": value})
			case effect == "":
				p.out.printf("%s is allowed nothing beyond the usual any more.\n", bold(source))
			default:
				p.out.printf("%s is no longer allowed: %s %s\n", bold(source), effect, value)
			}
			return nil
		},
	}
}
