package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) review() *cobra.Command {
	c := &cobra.Command{
		Use:   "review [SOURCE]",
		Short: "Show what waits for your yes",
		Long: `Show what the commit that waits would change, of one source or of all. A source with
"--apply review" takes nothing from its repository without a yes; one that is held
takes nothing until "portolan resume SOURCE". The rows are worked out anew each time:
they are what the yes would do now. The first sync of a source is not reviewed.

--output json prints an array of objects with source, commit, since and rows, as
"portolan sync" has them.`,
		Example: `  portolan review
  portolan review team
  portolan review approve team`,
		Args: takes(0, 1, "[SOURCE]"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runReview(cmd.Context(), args) },
	}
	c.AddCommand(p.approve())
	return c
}

func (p *program) runReview(ctx context.Context, names []string) error {
	client, view, err := p.look(ctx)
	if err != nil {
		return err
	}
	sources := view.Sources
	if len(names) > 0 {
		source, err := findSource(view, names[0])
		if err != nil {
			return err
		}
		sources = []portolan.SourceView{source}
	}
	reviews := []api.Review{}
	for _, s := range sources {
		if s.Review == nil && s.Held == nil {
			continue
		}
		review, err := client.Review(ctx, s.Name)
		if err != nil {
			return err
		}
		if review.Commit.SHA == "" {
			continue
		}
		reviews = append(reviews, review)
		if p.format != "json" {
			p.printReview(s, review)
		}
	}
	switch {
	case p.format == "json":
		p.out.json(reviews)
	case len(reviews) == 0:
		p.err.printf("Nothing waits.\n")
	}
	return nil
}

func (p *program) printReview(s portolan.SourceView, review api.Review) {
	p.out.printf("%s: %s came %s, and waits: %s\n", bold(s.Name), commit(review.Commit), since(review.Since), counts(review.Rows))
	p.printRows(review.Rows)
	p.out.printf("%s\n", wayOn(s.Name, s.Held != nil, review.Commit))
}

// wayOn says how what waits is taken.
func wayOn(source string, held bool, c portolan.Commit) string {
	if held {
		return "Let it go on with: portolan resume " + source
	}
	return fmt.Sprintf("Take it with: portolan review approve %s %.7s", source, c.SHA)
}

func (p *program) approve() *cobra.Command {
	return &cobra.Command{
		Use:   "approve SOURCE [SHA]",
		Short: "Take the commit that waits",
		Long: `Say yes to the commit that waits, and take it. With a SHA, which may be shortened, it
is a yes to that commit only; where another one waits by now, nothing is taken and
the exit code is 1.

--output json prints what "portolan sync" prints.`,
		Example: `  portolan review approve team
  portolan review approve team a41f9c2`,
		Args: takes(1, 2, "SOURCE [SHA]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, source, err := p.connectToSource(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			sha := ""
			if source.Review != nil {
				sha = source.Review.Commit.SHA
			}
			if len(args) > 1 && (len(args[1]) < shortestSHA || !strings.HasPrefix(sha, args[1])) {
				sha = args[1] // the engine says what waits in its place
			}
			return p.runOnSource(cmd.Context(), client, source.Name, func(ctx context.Context) (api.SyncResult, error) {
				return client.Approve(ctx, source.Name, sha)
			})
		},
	}
}

// shortestSHA is how much of a commit's SHA tells it from others, as git has it.
const shortestSHA = 7

// runOnSource makes a call that changes what is in force of a source, and prints
// what it did.
func (p *program) runOnSource(ctx context.Context, client api.API, name string, call func(context.Context) (api.SyncResult, error)) error {
	var result api.SyncResult
	err := p.during(ctx, client, "syncing "+name, syncStep, func() (err error) {
		result, err = call(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return p.printSynced([]api.SyncResult{result}, false)
}

func (p *program) hold() *cobra.Command {
	return &cobra.Command{
		Use:   "hold SOURCE",
		Short: "Keep a source where it is",
		Long: `Keep a source at the commit that is in force, also after a restart, until
"portolan resume SOURCE". Its repository is looked at all the same, and what is found
waits: see it with "portolan review SOURCE". "portolan sync" of a held source brings
nothing, says so, and ends with exit code 0.

--output json prints an object with source, held (at, why, number, commit, newer,
changes).`,
		Example: `  portolan hold team`,
		Args:    takes(1, 1, "SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, source, err := p.connectToSource(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := client.HoldSource(cmd.Context(), source.Name); err != nil {
				return err
			}
			if p.format != "json" {
				p.out.printf("%s is held at %s until you say: portolan resume %s\n", bold(source.Name), commit(source.Commit), source.Name)
				return nil
			}
			view, err := client.View(cmd.Context())
			if err != nil {
				return err
			}
			if source, err = findSource(view, source.Name); err != nil {
				return err
			}
			p.out.json(struct {
				Source string             `json:"source"`
				Held   *portolan.HeldView `json:"held"`
			}{source.Name, source.Held})
			return nil
		},
	}
}

func (p *program) restore() *cobra.Command {
	return &cobra.Command{
		Use:   "restore SOURCE NUMBER",
		Short: "Bring an older revision of a source back, and hold it there",
		Long: `Bring exactly the forwards of an older revision of a source back, and hold the source
there until "portolan resume SOURCE". Forwards that are the same go on with their
connections, and your own entries stay. The numbers are those of "portolan history";
"portolan diff" says beforehand what differs, and "portolan undo" takes it back.

--output json prints what "portolan sync" prints.`,
		Example: `  portolan history team
  portolan diff team 41
  portolan restore team 41`,
		Args: takes(2, 2, "SOURCE NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			numbers, err := revisionNumbers(cmd, args[1:])
			if err != nil {
				return err
			}
			client, err := p.connectOrStart(cmd.Context())
			if err != nil {
				return err
			}
			return p.runOnSource(cmd.Context(), client, args[0], func(ctx context.Context) (api.SyncResult, error) {
				return client.Restore(ctx, args[0], numbers[0])
			})
		},
	}
}

// revisionNumbers reads numbers of revisions.
func revisionNumbers(cmd *cobra.Command, args []string) ([]uint64, error) {
	numbers := make([]uint64, len(args))
	for i, arg := range args {
		n, err := strconv.ParseUint(arg, 10, 64)
		if err != nil || n == 0 {
			return nil, usagef(cmd, "%s is no number of a revision, as in portolan history", quote(arg))
		}
		numbers[i] = n
	}
	return numbers, nil
}

func (p *program) diff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff SOURCE [FROM] [TO]",
		Short: "Say what differs between two revisions of a source",
		Long: `Say what differs between two revisions of a source, by the numbers of "portolan
history". Without TO the other side is what is in force now; without FROM too it is
what the newest revision changed.

--output json prints an array of rows, as "portolan sync" has them.`,
		Example: `  portolan diff team
  portolan diff team 41
  portolan diff team 41 57`,
		Args: takes(1, 3, "SOURCE [FROM] [TO]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			numbers, err := revisionNumbers(cmd, args[1:])
			if err != nil {
				return err
			}
			return p.runDiff(cmd.Context(), args[0], numbers)
		},
	}
}

func (p *program) runDiff(ctx context.Context, source string, numbers []uint64) error {
	client, err := p.Connect(ctx, p.Options)
	if err != nil {
		return err
	}
	q := api.DiffQuery{Source: source}
	switch len(numbers) {
	case 0:
		newest, err := client.History(ctx, source, 2)
		if err != nil {
			return err
		}
		if len(newest) > 1 {
			q.From = newest[1].Number
		}
	case 2:
		q.To = numbers[1]
		fallthrough
	default:
		q.From = numbers[0]
	}
	rows, err := client.Diff(ctx, q)
	switch {
	case err != nil:
		return err
	case p.format == "json":
		p.out.json(orEmpty(rows))
	case len(rows) == 0:
		p.err.printf("Nothing differs.\n")
	default:
		p.printRows(rows)
	}
	return nil
}
