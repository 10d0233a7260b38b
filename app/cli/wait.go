package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// enough is how long a forward is waited for.
const enough = 30 * time.Second

func (p *program) wait() *cobra.Command {
	sel := api.Selection{}
	timeout := enough
	c := &cobra.Command{
		Use:   "wait [SOURCE:][ENV/]NAME...",
		Short: "Wait until forwards can be used",
		Long: `Wait until each forward listens and nothing is known to be in its way. One that is
not started is waited for, and not started. The exit code is 75 when the time is
over; the reason is printed.

--output json prints what "portolan list" prints.`,
		Example: `  portolan wait staging/api
  portolan wait staging/api staging/db --timeout 2m`,
		Args: func(cmd *cobra.Command, args []string) error {
			sel.Names = args
			return takes(1, -1, "[SOURCE:][ENV/]NAME...")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			forwards, err := p.untilUp(cmd.Context(), client, sel, timeout)
			if err != nil {
				return err
			}
			p.printForwards(forwards)
			return nil
		},
	}
	timeoutFlag(c, &timeout)
	return c
}

func timeoutFlag(c *cobra.Command, timeout *time.Duration) {
	c.Flags().DurationVar(timeout, "timeout", enough, "how long to wait, such as 30s or 2m")
	twins(c.Flags(), "timeout")
}

// untilUp waits until each of the selected forwards is up, and returns them.
func (p *program) untilUp(ctx context.Context, client api.API, sel api.Selection, timeout time.Duration) ([]portolan.ForwardView, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var forwards []portolan.ForwardView
	var unknown error
	stop := p.progress("waiting", nil)
	defer stop()
	err := follow(limited, client, nil, func(view portolan.View) bool {
		forwards, unknown = sel.Pick(view.Forwards)
		return unknown == nil && firstDown(forwards) != nil
	})
	switch down := firstDown(forwards); {
	case unknown != nil:
		return nil, unknown
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && down != nil:
		return nil, notUp(*down, timeout)
	}
	return forwards, err
}

// firstDown is the first forward that cannot be used now, or nil.
func firstDown(forwards []portolan.ForwardView) *portolan.ForwardView {
	for i, f := range forwards {
		if !f.Status.Phase.Up() {
			return &forwards[i]
		}
	}
	return nil
}

func notUp(f portolan.ForwardView, after time.Duration) error {
	fault := &portolan.Fault{Kind: portolan.Later, Code: "wait-timeout",
		Message: fmt.Sprintf("%s is not up after %s: it is %s", api.FullName(f), after, f.Status.Phase)}
	switch {
	case f.Status.Fault != nil:
		fault.Message = fmt.Sprintf("%s is not up after %s: %s", api.FullName(f), after, f.Status.Fault.Message)
		fault.Hint = f.Status.Fault.Hint
	case f.Status.Phase == portolan.Off:
		fault.Message = fmt.Sprintf("%s is not up after %s: it is not started", api.FullName(f), after)
		fault.Hint = "start it with: portolan start " + quote(api.FullName(f))
	}
	return fault
}

func (p *program) url() *cobra.Command {
	var bare bool
	c := &cobra.Command{
		Use:   "url [SOURCE:][ENV/]NAME",
		Short: "Print where a forward can be opened",
		Long: `Print the URL at which a running forward can be opened, from the address where it
listens and the entry's scheme and url_path; with --address the address alone, for
what speaks no HTTP.

--output json prints an object with id, name, url ("" where the entry's has no
meaning), address, host and port.`,
		Example: `  portolan url staging/api
  portolan url staging/db --address`,
		Args: takes(1, 1, "[SOURCE:][ENV/]NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, forward, err := p.connectTo(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return p.printURL(forward, bare)
		},
	}
	c.Flags().BoolVar(&bare, "address", false, "print host:port only")
	return c
}

// place is where a forward listens.
type place struct {
	ID      portolan.ID `json:"id"`
	Name    string      `json:"name"`
	URL     string      `json:"url"`
	Address string      `json:"address"`
	Host    string      `json:"host"`
	Port    string      `json:"port"`
}

// placeOf fails where the forward does not listen; urlErr says why there is no
// URL.
func placeOf(f portolan.ForwardView) (at place, urlErr, err error) {
	at = place{ID: f.ID, Name: api.FullName(f), Address: address(f)}
	if at.Host, at.Port, err = net.SplitHostPort(at.Address); err != nil {
		fault := &portolan.Fault{Kind: portolan.Failed, Code: "not-listening", Message: at.Name + " is not started",
			Hint: "start it with: portolan start " + quote(at.Name)}
		if f.Status.Fault != nil {
			fault.Message, fault.Hint = at.Name+" does not listen: "+f.Status.Fault.Message, f.Status.Fault.Hint
		}
		return at, nil, fault
	}
	at.URL, urlErr = portolan.OpenURL(f.Entry, at.Address)
	return at, urlErr, nil
}

func (p *program) printURL(f portolan.ForwardView, bare bool) error {
	at, noURL, err := placeOf(f)
	switch {
	case err != nil:
		return err
	case p.format == "json":
		p.out.json(at)
	case bare:
		p.out.printf("%s\n", at.Address)
	case noURL != nil:
		return noURL
	default:
		p.out.printf("%s\n", at.URL)
	}
	return nil
}
