package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) sync() *cobra.Command {
	var dry, once bool
	c := &cobra.Command{
		Use:   "sync [SOURCE...]",
		Short: "Bring what the repositories hold, now",
		Long: `Bring what the repositories hold, now, and say what changed. Without a SOURCE
all are synced.

With --dry-run nothing is changed, and the exit code is 2 if something would be.
With --once no running engine is needed: where none runs, this process does the
sync by itself. A sync that finds an invalid file brings the others, keeps that
file's last good version, and ends with exit code 1, until the file is mended. What
waits for your yes ("portolan review"), or because its source is held, is shown and
not taken, and the exit code is 0.

--output json prints an array with one object for each source: source, commit,
changed, waits (review or held: the rows were not taken; else absent), rows, requests,
problems (warnings and notices, as "portolan validate" has them), invalid (what is
wrong with broken files) and, where it failed, fault. A row has source, environment,
file, key, id, kind ("forward" or "file"), action (added, updated, renamed, deleted,
superseded, kept, invalid), fields (name, before, after), reason, confirm, problems.`,
		Example: `  portolan sync
  portolan sync team --dry-run
  portolan sync --once --output json`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			client, closed, err := p.syncer(cmd.Context(), once)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, closed()) }()
			return p.runSync(cmd.Context(), client, args, dry)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only say what would change")
	c.Flags().BoolVar(&once, "once", false, "do it in this process if no engine runs")
	tokenFlags(c, &p.Options, "`FILE` that holds the GitHub token, for --once")
	twins(c.Flags(), "dry-run", "once")
	return c
}

// syncer is the running engine or, for --once where none answers, one of our own.
func (p *program) syncer(ctx context.Context, once bool) (api.API, func() error, error) {
	if !once {
		client, err := p.connectOrStart(ctx)
		return client, func() error { return nil }, err
	}
	client, err := p.Connect(ctx, p.Options)
	if err == nil {
		_, err = client.Version(ctx)
	}
	if err != nil && portolan.AsFault(err).Kind == portolan.Unavailable {
		return p.OneShot(ctx, p.Options)
	}
	return client, func() error { return nil }, err
}

func (p *program) runSync(ctx context.Context, client api.API, names []string, dry bool) error {
	call, doing := client.Sync, "syncing"
	if dry {
		call, doing = client.Preview, "looking what would change"
	}
	var results []api.SyncResult
	err := p.during(ctx, client, doing, syncStep, func() (err error) {
		results, err = call(ctx, names)
		return err
	})
	if err != nil {
		return err
	}
	return p.printSynced(results, dry)
}

// printSynced prints what syncs did, and returns how they ended.
func (p *program) printSynced(results []api.SyncResult, dry bool) error {
	if p.format == "json" {
		p.out.json(orEmpty(results))
	} else {
		p.printResults(results)
	}
	return syncOutcome(results, dry)
}

// syncOutcome is the first source's fault, or that a file is invalid, or that a
// dry run has changes. All of them have been printed.
func syncOutcome(results []api.SyncResult, dry bool) error {
	changed, invalid := false, false
	for _, r := range results {
		if r.Fault != nil {
			return reported{r.Fault}
		}
		invalid = invalid || len(r.Invalid) > 0
		for _, row := range r.Rows {
			invalid = invalid || row.Action == portolan.Invalid
			changed = changed || row.Action != portolan.Invalid && row.Action != portolan.Kept
		}
	}
	switch {
	case invalid:
		return reported{&portolan.Fault{Kind: portolan.Failed, Code: "invalid-file", Message: "a file is invalid"}}
	case dry && changed:
		return errChanges
	}
	return nil
}

// syncStep says what the sources that are being synced are at.
func syncStep(view portolan.View) string {
	var steps []string
	for _, s := range view.Sources {
		if s.Status.Phase == portolan.SyncRunning && s.Status.Step != "" {
			steps = append(steps, s.Name+" "+s.Status.Step)
		}
	}
	return strings.Join(steps, ", ")
}

// printResults prints what each sync did, or would do.
func (p *program) printResults(results []api.SyncResult) {
	if len(results) == 0 {
		p.err.printf("There is no source to sync. Follow a team's repository with:\n  portolan source add OWNER/NAME\n")
	}
	for _, r := range results {
		if r.Fault != nil {
			fault := *r.Fault
			fault.Message = r.Source + ": " + fault.Message
			p.reportFault(&fault)
			continue
		}
		p.out.printf("%s at %s: %s\n", bold(r.Source), commit(r.Commit), settled(r))
		p.printRows(r.Rows)
		if len(r.Rows) > 0 && r.Waits != "" {
			p.out.printf("  %s\n", wayOn(r.Source, r.Waits == portolan.WaitsHeld, r.Commit))
		}
		p.printRows(stillInvalid(r))
		p.printWarnings(r.Problems)
	}
}

// settled is what a sync did, or what waits.
func settled(r api.SyncResult) string {
	switch {
	case r.Waits == portolan.WaitsHeld && len(r.Rows) == 0:
		return "held, and nothing waits"
	case r.Waits == portolan.WaitsHeld:
		return "held; these wait: " + counts(r.Rows)
	case r.Waits == portolan.WaitsReview && len(r.Rows) > 0:
		return "waits for your yes: " + counts(r.Rows)
	}
	return counts(r.Rows)
}

// stillInvalid has a row for each file that was broken before and is so still.
func stillInvalid(r api.SyncResult) (rows []portolan.Row) {
	for _, problem := range r.Invalid {
		of := func(row portolan.Row) bool { return row.Kind == "file" && row.File == problem.File }
		if slices.ContainsFunc(r.Rows, of) || problem.Severity != portolan.SeverityError {
			continue
		}
		i := slices.IndexFunc(rows, of)
		if i < 0 {
			i = len(rows)
			rows = append(rows, portolan.Row{Kind: "file", File: problem.File, Action: portolan.Invalid,
				Reason: "as before"})
		}
		rows[i].Problems = append(rows[i].Problems, problem)
	}
	return rows
}

// printWarnings prints the problems that somebody should look at, though the
// files are taken. Notices, such as fields that are kept and not acted on, are
// many in files of other programs; "portolan validate" has them.
func (p *program) printWarnings(problems []portolan.Problem) {
	for _, problem := range problems {
		if problem.Severity == portolan.SeverityWarning {
			p.printProblem(problem)
		}
	}
}

// printRows prints the rows of a plan, each file's problems below it.
func (p *program) printRows(rows []portolan.Row) {
	for _, row := range rows {
		name := row.Environment + "/" + row.Key
		if row.Kind == "file" {
			name = row.File
		}
		p.out.printf("  %s %s%s\n", action(row.Action), name, cell{details(row), ""})
		for _, problem := range row.Problems {
			p.out.printf("    %s\n", problem)
		}
	}
}

// details says what a row changes, and why.
func details(row portolan.Row) string {
	var parts []string
	for _, f := range row.Fields {
		parts = append(parts, change(f))
	}
	if row.Reason != "" {
		parts = append(parts, row.Reason)
	}
	if row.Confirm {
		parts = append(parts, "waits for your yes (portolan confirm)")
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + strings.Join(parts, ", ")
}

// change is one field before and after.
func change(f portolan.FieldChange) string {
	return fmt.Sprintf("%s %s -> %s", f.Name, value(f.Before), value(f.After))
}

// value is a field's value as JSON; an absent one is "none".
func value(raw []byte) string {
	if raw == nil {
		return "none"
	}
	return string(raw)
}

// action pads an action to the longest one's width, so that names line up.
func action(a portolan.Action) cell {
	text := fmt.Sprintf("%-*s", len(portolan.Overruled)+1, a)
	switch a {
	case portolan.Added:
		return green(text)
	case portolan.Deleted, portolan.Invalid:
		return red(text)
	case portolan.Overruled, portolan.Kept:
		return yellow(text)
	default:
		return plain(text)
	}
}

// counts sums rows up by action, in the order in which a plan is read.
func counts(rows []portolan.Row) string {
	n := map[portolan.Action]int{}
	for _, row := range rows {
		n[row.Action]++
	}
	var parts []string
	for _, a := range []portolan.Action{portolan.Added, portolan.Updated, portolan.Renamed, portolan.Deleted,
		portolan.Overruled, portolan.Kept, portolan.Invalid} {
		if n[a] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[a], a))
		}
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}

// commit is a commit in a few words.
func commit(c portolan.Commit) string {
	if c.SHA == "" {
		return "no commit yet"
	}
	text := c.SHA[:min(len(c.SHA), 7)]
	if c.Message != "" {
		text += fmt.Sprintf(" (%s)", c.Message)
	}
	return text
}
