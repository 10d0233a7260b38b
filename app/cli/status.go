package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) status() *cobra.Command {
	var watch bool
	c := &cobra.Command{
		Use:   "status [[SOURCE:][ENV/]NAME]",
		Short: "Say what is running, and what needs you",
		Long: `Say what is running: the engine, the sources, the forwards that you started, and
what needs you. With --watch the answer follows every change until Ctrl-C; then
--output json prints one object a line.

The object is {"engine": {version, commit, api, pid, home}, "revision", "sources",
"forwards", "superseded", "counters", "notices", "paused"}, with the forwards as "portolan
list" prints them and, of those that run, the connections (live and in total) and
bytes (sent to the pod and received from it) since they were started.

With a NAME it is all about one forward: its state and the reason, the pod, what it
has carried and carries now, and what happened to it. The object is then {"forward",
"status", "counters", "rate" (sent and received, in bytes a second), "events"}.`,
		Example: `  portolan status
  portolan status --watch
  portolan status staging/api`,
		Args: takes(0, 1, "[SOURCE:][ENV/]NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return p.runDetail(cmd.Context(), args[0], watch)
			}
			return p.runStatus(cmd.Context(), watch)
		},
	}
	c.Flags().BoolVarP(&watch, "watch", "w", false, "follow every change")
	twins(c.Flags(), "watch")
	return c
}

func (p *program) runStatus(ctx context.Context, watch bool) error {
	client, err := p.Connect(ctx, p.Options)
	if err != nil {
		return err
	}
	engine, err := client.Version(ctx)
	if err != nil {
		return err
	}
	if !watch {
		view, err := client.View(ctx)
		if err != nil {
			return err
		}
		return p.showStatus(ctx, client, engine, view, false)
	}
	var again <-chan time.Time
	if p.out.ansi { // what is drawn over may follow the counters too
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		again = ticker.C
	}
	var shown error
	err = follow(ctx, client, again, func(view portolan.View) bool {
		shown = p.showStatus(ctx, client, engine, view, true)
		return shown == nil && p.out.failed == nil
	})
	return untilInterrupted(cmp.Or(shown, err))
}

// showStatus prints one status, with the counters of now.
func (p *program) showStatus(ctx context.Context, client api.API, engine api.Version, view portolan.View, watch bool) error {
	var ids []portolan.ID
	for _, f := range view.Forwards {
		if runs(f) {
			ids = append(ids, f.ID)
		}
	}
	var counters []portolan.Counters
	if len(ids) > 0 {
		var err error
		if counters, err = client.Counters(ctx, ids); err != nil {
			return err
		}
	}
	switch {
	case p.format == "json" && watch:
		p.out.jsonLine(statusOf(engine, view, counters))
	case p.format == "json":
		p.out.json(statusOf(engine, view, counters))
	default:
		if watch {
			p.separate()
		}
		p.printStatus(engine, view, counters)
	}
	return nil
}

// runs reports whether a forward is one that status shows.
func runs(f portolan.ForwardView) bool { return f.Local.Wanted || f.Status.Phase != portolan.Off }

// separate sets the next status apart from the last: on a terminal by clearing
// it, elsewhere by a line with the time.
func (p *program) separate() {
	if p.out.ansi {
		p.out.printf("\x1b[H\x1b[2J")
		return
	}
	p.out.printf("--- %s\n", time.Now().Format(time.RFC3339))
}

// statusJSON is what status prints with --output json.
type statusJSON struct {
	Engine     api.Version           `json:"engine"`
	Revision   int64                 `json:"revision"`
	Sources    []portolan.SourceView `json:"sources"`
	Forwards   []listedForward       `json:"forwards"`
	Superseded []portolan.Superseded `json:"superseded"`
	Counters   []portolan.Counters   `json:"counters"`
	Notices    []portolan.Notice     `json:"notices,omitempty"`
	Paused     bool                  `json:"paused"`
}

func statusOf(engine api.Version, view portolan.View, counters []portolan.Counters) statusJSON {
	s := statusJSON{engine, view.Revision, orEmpty(view.Sources), make([]listedForward, len(view.Forwards)),
		orEmpty(view.Superseded), orEmpty(counters), view.Notices, view.Paused}
	for i, f := range view.Forwards {
		s.Forwards[i] = listedForward(f)
	}
	return s
}

func (p *program) printStatus(engine api.Version, view portolan.View, counters []portolan.Counters) {
	p.out.printf("Portolan %s is running (pid %d, home %s).\n", engine.Version, engine.PID, engine.Home)
	if len(view.Sources) > 0 {
		p.out.printf("\n")
		p.printSources(view.Sources)
		if view.Paused {
			p.out.printf("No timer syncs them: %s\n", yellow("portolan resume"))
		}
	}
	live := make(map[portolan.ID]int, len(counters))
	for _, c := range counters {
		live[c.ID] = c.Live
	}
	var rows [][]cell
	for _, f := range view.Forwards {
		if runs(f) {
			rows = append(rows, []cell{plain(f.Environment), plain(api.Names(f)[0]), plain(address(f)),
				phase(f.Status.Phase), plain(f.Status.Pod), plain(strconv.Itoa(live[f.ID])), faint(marks(f))})
		}
	}
	p.out.printf("\n")
	if len(rows) == 0 {
		p.out.printf("None of the %d forwards is started.\n", len(view.Forwards))
	} else {
		p.out.table([]string{"ENVIRONMENT", "NAME", "ADDRESS", "STATE", "POD", "CONNECTIONS", "NOTES"}, rows)
	}
	p.printTroubles(view)
	for _, n := range view.Notices {
		p.out.printf("\n%s (%s)\n", n.Message, since(n.At))
	}
}

// waiting says that a source is held, or waits for a yes; nil where it does not.
func waiting(s portolan.SourceView) *portolan.Fault {
	switch {
	case s.Held != nil:
		text := fmt.Sprintf("held at %s since you held it, %s", commit(s.Held.Commit), since(s.Held.At))
		if s.Held.Why == portolan.HeldRestored {
			text = fmt.Sprintf("held at %s since you restored it, %s", commit(s.Held.Commit), since(s.Held.At))
		}
		if s.Held.Newer.SHA != "" || s.Held.Changes > 0 {
			text += fmt.Sprintf("; %s: portolan review %s", changesWait(s.Held.Changes), s.Name)
		}
		return &portolan.Fault{Message: text, Hint: wayOn(s.Name, true, s.Held.Newer)}
	case s.Review != nil:
		return &portolan.Fault{Message: fmt.Sprintf("%s for your yes, at %s: portolan review %s", changesWait(s.Review.Changes), commit(s.Review.Commit), s.Name),
			Hint: wayOn(s.Name, false, s.Review.Commit)}
	}
	return nil
}

// changesWait is a number of changes in words.
func changesWait(n int) string {
	if n == 1 {
		return "1 change waits"
	}
	return fmt.Sprintf("%d changes wait", n)
}

// printTroubles lists what keeps something from working, and what waits for a
// person.
func (p *program) printTroubles(view portolan.View) {
	type trouble struct {
		where string
		fault portolan.Fault
	}
	var troubles []trouble
	for _, s := range view.Sources {
		if fault := waiting(s); fault != nil {
			troubles = append(troubles, trouble{s.Name, *fault})
		}
		if s.Status.Fault != nil {
			troubles = append(troubles, trouble{s.Name, *s.Status.Fault})
		}
		for _, problem := range s.Invalid {
			troubles = append(troubles, trouble{s.Name, portolan.Fault{Message: problem.String()}})
		}
	}
	for _, f := range view.Forwards {
		if f.Status.Fault != nil {
			troubles = append(troubles, trouble{api.FullName(f), *f.Status.Fault})
		}
	}
	for _, a := range view.Accounts {
		if notice := a.ExpiryNotice(time.Now()); notice != "" {
			troubles = append(troubles, trouble{a.Host, portolan.Fault{Message: notice, Hint: signInAgain(a.Host)}})
		}
	}
	if view.Asking != "" {
		troubles = append(troubles, trouble{"waiting for you", portolan.Fault{Message: view.Asking}})
	}
	if n := len(view.Superseded); n > 0 {
		troubles = append(troubles, trouble{"superseded", portolan.Fault{
			Message: fmt.Sprintf("%d of your edits: the repository won", n),
			Hint:    `see them with "portolan superseded"`}})
	}
	if len(troubles) == 0 {
		return
	}
	p.out.printf("\n%s\n", yellow("To look at:"))
	for _, t := range troubles {
		p.out.printf("  %s: %s\n", bold(t.where), t.fault.Message)
		if t.fault.Hint != "" {
			p.out.printf("    %s\n", t.fault.Hint)
		}
		if !t.fault.Retry.IsZero() {
			p.out.printf("    the next attempt is %s\n", until(t.fault.Retry))
		}
	}
}
