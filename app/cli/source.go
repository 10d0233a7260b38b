package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) source() *cobra.Command {
	return group("source", "Follow team repositories", `  portolan source add acme/forwards
  portolan source list`,
		p.sourceAdd(), p.sourceList(), p.sourceShow(), p.sourceSet(), p.sourceConfirm(), p.sourceRemove())
}

func (p *program) sourceAdd() *cobra.Command {
	var add api.AddSource
	var given settings
	c := &cobra.Command{
		Use:   "add {OWNER/NAME | URL}",
		Short: "Follow a team repository, and bring what it holds",
		Long: `Follow a team repository: bring what it holds now, and from then on whenever it
changes. Nothing is started. The URL may name a branch and a directory, as
GitHub's own pages do.

--output json prints what "portolan sync" prints, for this one source.`,
		Example: `  portolan source add acme/forwards
  portolan source add https://github.com/acme/platform/tree/main/forwards --name team
  portolan source add acme/forwards --ref v2 --interval 5m --protected 'prod*'`,
		Args: takes(1, 1, "OWNER/NAME or a URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			add.Repository = args[0]
			given.apply(&add.Config)
			return p.runSourceAdd(cmd.Context(), add)
		},
	}
	c.Flags().StringVar(&add.Config.Name, "name", "", "`NAME` of the source here: a-z, 0-9 and - (default: the repository's)")
	given.flags = c.Flags()
	given.all()
	twins(c.Flags(), given.names...)
	return c
}

func (p *program) runSourceAdd(ctx context.Context, add api.AddSource) error {
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return err
	}
	var result api.SyncResult
	// The URL is not repeated: a person may have left a token in it.
	err = p.during(ctx, client, "reading the repository", syncStep, func() (err error) {
		result, err = client.AddSource(ctx, add)
		return err
	})
	if err != nil {
		return err
	}
	if p.format == "json" {
		p.out.json(result)
	} else {
		p.printAdded(result)
	}
	if result.Fault != nil {
		return reported{result.Fault}
	}
	return nil
}

// printAdded says what a new source brought: how many forwards in which
// environments, and what is wrong in its files.
func (p *program) printAdded(r api.SyncResult) {
	if r.Fault != nil {
		p.out.printf("%s is followed, but nothing came in yet.\n", bold(r.Source))
		p.reportFault(r.Fault)
		return
	}
	p.out.printf("%s is followed, at %s.\n", bold(r.Source), commit(r.Commit))
	var environments []string
	count := map[string]int{}
	for _, row := range r.Rows {
		if row.Kind == "file" {
			continue
		}
		if count[row.Environment]++; count[row.Environment] == 1 {
			environments = append(environments, row.Environment)
		}
	}
	slices.Sort(environments)
	rows := make([][]cell, 0, len(environments))
	for _, e := range environments {
		rows = append(rows, []cell{plain(e), plain(strconv.Itoa(count[e]))})
	}
	p.out.table([]string{"ENVIRONMENT", "FORWARDS"}, rows)
	for _, row := range r.Rows {
		if len(row.Problems) > 0 {
			p.printRows([]portolan.Row{row})
		}
	}
	p.printWarnings(r.Problems)
	if len(environments) > 0 {
		p.out.printf("Nothing is started yet: portolan start --env %s\n", quote(environments[0]))
	}
}

func (p *program) sourceList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the sources",
		Long: `List the sources.

--output json prints an array of objects with the settings of each (name, repo, ref,
path, include, exclude, layout, rename, interval, timeout, on_missing, on_invalid,
on_edit, apply, enabled, protected, require_verified, signers, account; absent = the
default) and commit, environments, forwards, invalid, status, review (what waits for
your yes) and held (that it is, and what waits).`,
		Example: `  portolan source list`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, view, err := p.look(cmd.Context())
			switch {
			case err != nil:
				return err
			case p.format == "json":
				p.out.json(orEmpty(view.Sources))
			case len(view.Sources) == 0:
				p.err.printf("No repository is followed yet:\n  portolan source add OWNER/NAME\n")
			default:
				p.printSources(view.Sources)
			}
			return nil
		},
	}
}

func (p *program) printSources(sources []portolan.SourceView) {
	rows := make([][]cell, 0, len(sources))
	for _, s := range sources {
		next := "" // nothing is due while a person must act
		if !s.Status.Next.IsZero() {
			next = until(s.Status.Next)
		}
		rows = append(rows, []cell{plain(s.Name), plain(repository(s.SourceConfig)), plain(strconv.Itoa(s.Forwards)),
			plain(s.Commit.SHA[:min(len(s.Commit.SHA), 7)]), sourceState(s), plain(since(s.Status.LastSync)), plain(next)})
	}
	p.out.table([]string{"SOURCE", "REPOSITORY", "FORWARDS", "COMMIT", "STATE", "SYNCED", "NEXT"}, rows)
}

// repository is where a source comes from, on one line.
func repository(c portolan.SourceConfig) string {
	text := c.Repo.Owner + "/" + c.Repo.Name
	if c.Repo.Host != "github.com" {
		text = c.Repo.Host + "/" + text
	}
	if c.Path != "" {
		text += "/" + c.Path
	}
	if c.Ref != "" {
		text += "@" + c.Ref
	}
	return text
}

// sourceState is the phase of a source, or, of one that is at rest, that it is held
// or waits for a yes.
func sourceState(s portolan.SourceView) cell {
	switch phase := s.Status.Phase; {
	case phase == portolan.SyncStalled:
		return red(string(phase))
	case phase == portolan.SyncWaiting:
		return yellow(string(phase))
	case phase == portolan.SyncRunning:
		return green(string(phase))
	case s.Held != nil:
		return yellow("held")
	case s.Review != nil:
		return yellow("review")
	default:
		return plain(string(phase))
	}
}

func (p *program) sourceShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Show one source: its settings and its state",
		Long:    "Show one source: its settings and its state. --output json is as that of\n\"portolan source list\", for this one source.",
		Example: `  portolan source show team`,
		Args:    takes(1, 1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, view, err := p.look(cmd.Context())
			if err != nil {
				return err
			}
			source, err := findSource(view, args[0])
			if err != nil {
				return err
			}
			if p.format == "json" {
				p.out.json(source)
			} else {
				p.printSource(source)
			}
			return nil
		},
	}
}

func (p *program) printSource(s portolan.SourceView) {
	or := func(value, standard string) string {
		if value == "" {
			return standard
		}
		return value
	}
	duration := func(d portolan.Duration, standard string) string {
		if d == 0 {
			return standard
		}
		return time.Duration(d).String()
	}
	list := func(values []string) string { return strings.Join(values, ", ") }
	for _, line := range []struct{ name, value string }{
		{"name", s.Name},
		{"repository", s.Repo.Host + "/" + s.Repo.Owner + "/" + s.Repo.Name},
		{"account", or(s.Account, "the host's only one")},
		{"ref", or(s.Ref, "the default branch")},
		{"path", or(s.Path, "the whole repository")},
		{"include", list(s.Include)},
		{"exclude", list(s.Exclude)},
		{"layout", or(s.Layout, "auto")},
		{"rename", list(renames(s.Rename))},
		{"interval", duration(s.Interval, "60 s with a token, 15 min without")},
		{"timeout", duration(s.Timeout, "120 s")},
		{"on missing", or(string(s.OnMissing), string(portolan.DeleteMissing))},
		{"on invalid", or(string(s.OnInvalid), string(portolan.KeepLastGood))},
		{"on edit", or(string(s.OnEdit), string(portolan.RepoWins))},
		{"apply", or(string(s.Apply), string(portolan.ApplyAuto))},
		{"protected", list(s.Protected)},
		{"verified", verified(s.SourceConfig)},
		{"environments", list(followed(s))},
		{"hidden", list(s.Hidden)},
		{"forwards", strconv.Itoa(s.Forwards)},
		{"commit", commit(s.Commit)},
		{"author", s.Commit.Author},
		{"signed", signed(s.Commit)},
		{"state", strings.TrimSpace(string(s.Status.Phase) + " " + s.Status.Step)},
		{"synced", since(s.Status.LastSync)},
	} {
		if line.value != "" {
			p.out.printf("%s %s\n", faint(fmt.Sprintf("%-13s", line.name)), line.value)
		}
	}
	p.printTroubles(portolan.View{Sources: []portolan.SourceView{s}})
}

// renames are the pairs of names, sorted.
func renames(names map[string]string) []string {
	var pairs []string
	for theirs, here := range names {
		pairs = append(pairs, theirs+"="+here)
	}
	slices.Sort(pairs)
	return pairs
}

// verified says whose commits are taken, where that is not everybody's.
func verified(c portolan.SourceConfig) string {
	if !c.RequireVerified {
		return ""
	}
	return "only commits of " + strings.Join(c.Signers, ", ")
}

// signed says by whom a commit is signed, or what the host says instead.
func signed(c portolan.Commit) string {
	if c.Verification == "valid" {
		return "by " + c.Signer
	}
	return c.Verification
}

// followed names the environments of a source.
func followed(s portolan.SourceView) []string {
	names := make([]string, len(s.Environments))
	for i, e := range s.Environments {
		names[i] = e.Name
	}
	return names
}

func (p *program) sourceSet() *cobra.Command {
	var given settings
	c := &cobra.Command{
		Use:   "set NAME",
		Short: "Change settings of a source",
		Long: `Change the settings that are given, and sync. An empty value brings the default
back: --ref "".`,
		Example: `  portolan source set team --ref main --interval 30s
  portolan source set team --on-edit keep-until-changed`,
		Args: takes(1, 1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(given.edits) == 0 {
				return usagef(cmd, "%s was given nothing to change", verb(cmd))
			}
			client, source, err := p.connectToSource(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			after := source.SourceConfig
			given.apply(&after)
			err = p.during(cmd.Context(), client, "changing "+source.Name, noStep, func() error {
				return client.SetSource(cmd.Context(), after)
			})
			if err != nil {
				return err
			}
			if p.format == "json" {
				p.out.json(after)
			} else {
				p.out.printf("%s is changed, and will be synced now.\n", bold(after.Name))
			}
			return nil
		},
	}
	given.flags = c.Flags()
	given.all()
	return c
}

func (p *program) sourceConfirm() *cobra.Command {
	return &cobra.Command{
		Use:   "confirm NAME",
		Short: "Say yes to a commit that has no environment file any more",
		Long: `Say yes to a commit that leaves a source without a single environment file. Such a
commit is more often a mistake than a wish, so nothing is deleted without a yes.
It counts for that commit only.

--output json prints what "portolan sync" prints.`,
		Example: `  portolan source confirm team`,
		Args:    takes(1, 1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, source, err := p.connectToSource(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return p.runOnSource(cmd.Context(), client, source.Name, func(ctx context.Context) (api.SyncResult, error) {
				return client.ConfirmSource(ctx, source.Name)
			})
		},
	}
}

func (p *program) sourceRemove() *cobra.Command {
	var keep bool
	c := &cobra.Command{
		Use:   "remove NAME",
		Short: "Stop following a repository",
		Long: `Stop following a repository, and remove its forwards; those that run are stopped.
With --keep they stay, as entries of this machine only.`,
		Example: `  portolan source remove team
  portolan source remove team --keep`,
		Args: takes(1, 1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, source, err := p.connectToSource(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			err = p.during(cmd.Context(), client, "removing "+source.Name, noStep, func() error {
				return client.RemoveSource(cmd.Context(), source.Name, keep)
			})
			if err != nil {
				return err
			}
			what := "removed"
			if keep {
				what = "kept as your own"
			}
			if p.format == "json" {
				p.out.json(map[string]any{"source": source.Name, "forwards": source.Forwards, "kept": keep})
			} else {
				p.out.printf("%s is no longer followed; its %d forwards are %s.\n", bold(source.Name), source.Forwards, what)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "keep its entries as your own")
	return c
}

// connectToSource connects, to an agent that it starts if need be, and finds the
// source of that name.
func (p *program) connectToSource(ctx context.Context, name string) (api.API, portolan.SourceView, error) {
	client, view, err := p.lookOrStart(ctx)
	if err != nil {
		return nil, portolan.SourceView{}, err
	}
	source, err := findSource(view, name)
	return client, source, err
}

func findSource(view portolan.View, name string) (portolan.SourceView, error) {
	names := make([]string, len(view.Sources))
	for i, s := range view.Sources {
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	hint := `see "portolan source list"`
	if near := portolan.Nearest(name, names); near != "" {
		hint = "did you mean " + quote(near) + "?"
	}
	return portolan.SourceView{}, &portolan.Fault{Kind: portolan.Usage, Code: "source-unknown",
		Message: "there is no source " + quote(name), Hint: hint}
}
