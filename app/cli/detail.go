package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// rateOver is the time over which a rate is measured.
const rateOver = time.Second

// A detail is all that is known of one forward, as status NAME prints it.
type detail struct {
	Forward  listedForward     `json:"forward"`
	Status   portolan.Status   `json:"status"`
	Counters portolan.Counters `json:"counters"`
	Rate     rate              `json:"rate"`
	Events   []portolan.Event  `json:"events"`
}

// A rate is in bytes a second, over the last one.
type rate struct {
	Sent     int64 `json:"sent"`
	Received int64 `json:"received"`
}

// runDetail prints one forward, once or every second.
func (p *program) runDetail(ctx context.Context, name string, watch bool) error {
	client, view, err := p.look(ctx)
	if err != nil {
		return err
	}
	picked, err := api.Selection{Names: []string{name}}.Pick(view.Forwards)
	if err != nil {
		return err
	}
	sel := api.Selection{Names: []string{string(picked[0].ID)}} // which outlives another name
	before, err := client.Counters(ctx, []portolan.ID{picked[0].ID})
	if err != nil {
		return err
	}
	for {
		d, err := p.detail(ctx, client, sel, before[0])
		if err != nil {
			return untilInterrupted(err)
		}
		before[0] = d.Counters
		switch {
		case p.format == "json" && watch:
			p.out.jsonLine(d)
		case p.format == "json":
			p.out.json(d)
		default:
			if watch {
				p.separate()
			}
			p.printDetail(d)
		}
		if !watch || p.out.failed != nil {
			return nil
		}
	}
}

// detail looks a second after before at a forward.
func (p *program) detail(ctx context.Context, client api.API, sel api.Selection, before portolan.Counters) (detail, error) {
	select {
	case <-ctx.Done():
		return detail{}, ctx.Err()
	case <-time.After(rateOver):
	}
	view, err := client.View(ctx)
	if err != nil {
		return detail{}, err
	}
	picked, err := sel.Pick(view.Forwards)
	if err != nil {
		return detail{}, err
	}
	counters, err := client.Counters(ctx, []portolan.ID{picked[0].ID})
	if err != nil {
		return detail{}, err
	}
	events, err := client.Events(ctx, picked[0].ID)
	if err != nil {
		return detail{}, err
	}
	now := counters[0]
	a := rate{max(0, now.Sent-before.Sent), max(0, now.Received-before.Received)} // less: it was started anew
	return detail{listedForward(picked[0]), picked[0].Status, now, a, orEmpty(events)}, nil
}

func (p *program) printDetail(d detail) {
	f, s, c := portolan.ForwardView(d.Forward), d.Status, d.Counters
	p.out.printf("%s  %s\n", bold(api.FullName(f)), leadsTo(f.Entry))
	line := func(what string, text cell) {
		if text.text != "" {
			p.out.printf("  %s %s\n", faint(fmt.Sprintf("%-12s", what)), text)
		}
	}
	line("state", phase(s.Phase))
	if !s.Since.IsZero() {
		line("since", plain(since(s.Since)))
	}
	line("address", plain(address(f)))
	line("pod", plain(s.Pod))
	line("over", plain(s.Leg))
	line("connections", plain(fmt.Sprintf("%d, %d in all", c.Live, c.Total)))
	line("received", plain(fmt.Sprintf("%s, %s/s", size(c.Received), size(d.Rate.Received))))
	line("sent", plain(fmt.Sprintf("%s, %s/s", size(c.Sent), size(d.Rate.Sent))))
	if c.FirstByteMS > 0 {
		line("first byte", plain(fmt.Sprintf("%d ms", c.FirstByteMS)))
	}
	line("notes", yellow(marks(f)))
	if s.Fault != nil {
		line("why", yellow(s.Fault.Message))
		line("what to do", plain(s.Fault.Hint))
		if !s.Fault.Retry.IsZero() {
			line("next attempt", plain(until(s.Fault.Retry)))
		}
	}
	p.out.printf("\n")
	p.printEvents(d.Events)
}

// size is a number of bytes in the largest decimal unit of which there is one.
func size(n int64) string {
	units := []string{"kB", "MB", "GB"}
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	in, unit := float64(n)/1000, 0
	for in >= 1000 && unit < len(units)-1 {
		in, unit = in/1000, unit+1
	}
	return fmt.Sprintf("%.1f %s", in, units[unit])
}
