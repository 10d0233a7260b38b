package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) superseded() *cobra.Command {
	c := group("superseded", "Your edits over which the repository won",
		`  portolan superseded
  portolan superseded keep 3f9a
  portolan superseded dismiss 3f9a`,
		p.answer("keep", "Keep an edit, as an entry of your own", api.KeepAsMine, "is now an entry of your own"),
		p.answer("dismiss", "Drop an edit", api.Dismiss, "is dismissed"))
	c.Long = `The repository wins: a sync replaces what you edited in a synced entry. Nothing is
lost by that. Each edit stays here until you keep it as an entry of your own, or
dismiss it.

--output json prints an array of objects with id, forward, source, environment,
alias, commit, edited_at, at, fields (name, before = theirs, after = mine), entry.`
	list := &cobra.Command{
		Use: "list", Short: "List them", Example: "  portolan superseded list", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.listSuperseded(cmd.Context()) },
	}
	c.RunE = list.RunE
	c.AddCommand(list)
	return c
}

func (p *program) listSuperseded(ctx context.Context) error {
	_, view, err := p.look(ctx)
	switch {
	case err != nil:
		return err
	case p.format == "json":
		p.out.json(orEmpty(view.Superseded))
		return nil
	case len(view.Superseded) == 0:
		p.err.printf("The repository has not won over any edit of yours.\n")
		return nil
	}
	rows := make([][]cell, 0, len(view.Superseded))
	for _, s := range view.Superseded {
		var fields []string
		for _, f := range s.Fields {
			fields = append(fields, fmt.Sprintf("%s: mine %s, theirs %s", f.Name, value(f.After), value(f.Before)))
		}
		rows = append(rows, []cell{plain(shortID(view.Superseded, s.ID)), plain(s.Source + ":" + s.Environment + "/" + s.Alias),
			plain(since(s.At)), plain(commit(s.Commit)), plain(strings.Join(fields, "; "))})
	}
	p.out.table([]string{"ID", "NAME", "WHEN", "COMMIT", "FIELDS"}, rows)
	return nil
}

// answer is the command that settles an edit. An id may be shortened as long as
// it fits one only.
func (p *program) answer(verb, short string, answer api.Answer, done string) *cobra.Command {
	return &cobra.Command{
		Use:     verb + " ID",
		Short:   short,
		Example: fmt.Sprintf("  portolan superseded %s 3f9a", verb),
		Args:    takes(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, view, err := p.lookOrStart(cmd.Context())
			if err != nil {
				return err
			}
			s, err := findSuperseded(view.Superseded, args[0])
			if err != nil {
				return err
			}
			if err := client.Answer(cmd.Context(), s.ID, answer); err != nil {
				return err
			}
			if p.format == "json" {
				p.out.json(map[string]string{"id": s.ID, "answer": string(answer)})
			} else {
				p.out.printf("Your edit of %s:%s/%s %s.\n", s.Source, s.Environment, s.Alias, done)
			}
			return nil
		},
	}
}

// shortID is the shortest beginning of an id, at least four characters, that fits
// no other.
func shortID(all []portolan.Superseded, id string) string {
	for n := 4; n < len(id); n++ {
		if len(startingWith(all, id[:n])) == 1 {
			return id[:n]
		}
	}
	return id
}

// startingWith returns the edits whose id begins with prefix, in any case.
func startingWith(all []portolan.Superseded, prefix string) []portolan.Superseded {
	return slices.DeleteFunc(slices.Clone(all), func(s portolan.Superseded) bool {
		return len(s.ID) < len(prefix) || !strings.EqualFold(s.ID[:len(prefix)], prefix)
	})
}

func findSuperseded(all []portolan.Superseded, id string) (portolan.Superseded, error) {
	fits := startingWith(all, id)
	if len(fits) == 1 {
		return fits[0], nil
	}
	message := "there is no superseded edit " + quote(id)
	if len(fits) > 1 {
		message = fmt.Sprintf("%s fits %d superseded edits", quote(id), len(fits))
	}
	return portolan.Superseded{}, &portolan.Fault{Kind: portolan.Usage, Code: "superseded-unknown",
		Message: message, Hint: `"portolan superseded" lists them`}
}
