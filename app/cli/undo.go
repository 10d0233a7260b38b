package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) undo() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use:   "undo",
		Short: "Take your last change back",
		Long: `Take your last change on this machine back: an edit, an entry added, imported or
removed, a source removed, held or restored, or several forwards started or stopped
at once. Once more takes back the one before it, up to twenty, until Portolan is restarted.

What a sync or somebody else changed meanwhile cannot be taken back. With --dry-run
nothing is changed, and the exit code is 2 if something would be.`,
		Example: `  portolan undo
  portolan undo --dry-run`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runUndo(cmd.Context(), dry) },
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only say what would be taken back")
	twins(c.Flags(), "dry-run")
	return c
}

func (p *program) runUndo(ctx context.Context, dry bool) error {
	client, view, err := p.look(ctx)
	if err != nil {
		return err
	}
	last := view.Undo
	if last == nil {
		return &portolan.Fault{Kind: portolan.Failed, Code: "undo-nothing",
			Message: "there is nothing to take back",
			Hint:    "only changes since Portolan was started, that nothing else has changed since, can be"}
	}
	if !dry {
		if err := client.Undo(ctx, last.ID); err != nil {
			return err
		}
	}
	switch {
	case p.format == "json":
		p.out.json(last)
	case dry:
		p.out.printf("Would take back: %s (%s).\n", last.Text, since(last.At))
	default:
		p.out.printf("Taken back: %s (%s).\n", last.Text, since(last.At))
	}
	if dry {
		return errChanges
	}
	return nil
}

func (p *program) pause() *cobra.Command {
	return &cobra.Command{
		Use:   "pause",
		Short: "Sync only when asked",
		Long: `Let no timer sync the sources until "portolan resume", also after a restart.
"portolan sync" works all the same, and running forwards go on. To keep one source
where it is, see "portolan hold".`,
		Example: `  portolan pause`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runPause(cmd.Context(), true, "No timer syncs until you say: portolan resume")
		},
	}
}

func (p *program) resume() *cobra.Command {
	return &cobra.Command{
		Use:   "resume [SOURCE]",
		Short: "Sync by timer again, or let a held source go on",
		Long: `Without a SOURCE, sync all sources now, and by their timers again: the opposite of
"portolan pause". Sources that are held stay so.

With a SOURCE, let that one go on and sync it now: the opposite of "portolan hold" and
"portolan restore". --output json then prints what "portolan sync" prints.`,
		Example: `  portolan resume
  portolan resume team`,
		Args: takes(0, 1, "[SOURCE]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.runPause(cmd.Context(), false, "The sources are synced by their timers again.")
			}
			client, source, err := p.connectToSource(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return p.runOnSource(cmd.Context(), client, source.Name, func(ctx context.Context) (api.SyncResult, error) {
				return client.ResumeSource(ctx, source.Name)
			})
		},
	}
}

func (p *program) runPause(ctx context.Context, on bool, text string) error {
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return err
	}
	if err := client.Pause(ctx, on); err != nil {
		return err
	}
	if p.format == "json" {
		p.out.json(struct {
			Paused bool `json:"paused"`
		}{on})
		return nil
	}
	p.out.printf("%s\n", text)
	return nil
}
