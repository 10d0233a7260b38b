package cli

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
)

// mostRevisions is how many of a source the store keeps.
const mostRevisions = 200

func (p *program) history() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "history [SOURCE]",
		Short: "List what came in and what you changed, when and by whom",
		Long: `List what came in from one source or all, newest first: when it came into force
here, the commit and its author, and how many forwards were added, changed and
removed. The source "mine" is what you changed on this machine. The last 200 of each
are kept; the numbers are for "portolan diff" and "portolan restore".

--output json prints an array of objects with number, at, source, text (what you did),
commit (sha, author, message, time, url), known, added, updated, deleted and invalid
(broken files). Where known is false an old file is lost, and the counts mean nothing.`,
		Example: `  portolan history
  portolan history team --limit 5
  portolan history mine`,
		Args: takes(0, 1, "[SOURCE]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 || limit > mostRevisions {
				return usagef(cmd, "--limit must be from 1 to %d", mostRevisions)
			}
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			revisions, err := client.History(cmd.Context(), strings.Join(args, ""), limit)
			switch {
			case err != nil:
				return err
			case p.format == "json":
				p.out.json(orEmpty(revisions))
			case len(revisions) == 0:
				p.err.printf("Nothing has changed yet.\n")
			default:
				p.printHistory(revisions)
			}
			return nil
		},
	}
	c.Flags().IntVarP(&limit, "limit", "n", 20, "how many at most")
	return c
}

func (p *program) printHistory(revisions []api.Revision) {
	rows := make([][]cell, 0, len(revisions))
	for _, r := range revisions {
		rows = append(rows, []cell{plain(strconv.FormatUint(r.Number, 10)), plain(r.At.Local().Format(time.DateTime)), plain(r.Source), plain(r.Commit.SHA[:min(len(r.Commit.SHA), 7)]),
			plain(r.Commit.Author), plain(balance(r)), faint(cmp.Or(r.Text, r.Commit.Message))})
	}
	p.out.table([]string{"NUMBER", "CAME IN", "SOURCE", "COMMIT", "AUTHOR", "FORWARDS", "MESSAGE"}, rows)
}

// balance is how a revision changed the forwards: "+3 ~1 -2".
func balance(r api.Revision) string {
	if !r.Known {
		return "?"
	}
	var parts []string
	for _, c := range []struct {
		sign string
		n    int
	}{{"+", r.Added}, {"~", r.Updated}, {"-", r.Deleted}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%s%d", c.sign, c.n))
		}
	}
	if r.Invalid > 0 {
		parts = append(parts, fmt.Sprintf("(%d invalid)", r.Invalid))
	}
	return strings.Join(parts, " ")
}
