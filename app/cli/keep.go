package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	stopLimit = 10 * time.Second // how long forwards are waited for to stop
	backPause = time.Second      // between looks whether the engine is back
)

// kept is forwards that are held up for a command.
type kept struct {
	*program
	client api.API
	hold   api.Hold
	told   []portolan.ForwardView // as the command knows them
	end    context.CancelFunc
	held   chan struct{} // closed when told is there
	ended  chan struct{} // closed when it is held no more
	failed error         // that ended it; valid after ended
}

// keep holds the selected forwards, as start would start them, until letGo. ctx
// ends the attempt only, since a command that was asked to end may still need them.
func (p *program) keep(ctx context.Context, client api.API, sel api.Selection) (*kept, []portolan.ForwardView, error) {
	holding, end := context.WithCancel(context.WithoutCancel(ctx))
	k := &kept{program: p, client: client, end: end, held: make(chan struct{}), ended: make(chan struct{}),
		hold: api.Hold{Selection: sel, By: fmt.Sprintf("run (pid %d)", os.Getpid())}}
	go func() {
		defer close(k.ended)
		k.failed = k.holdOn(holding)
	}()
	select {
	case <-k.held:
		return k, k.told, nil
	case <-k.ended:
		end()
		return nil, nil, k.failed
	case <-ctx.Done():
		end()
		<-k.ended
		return nil, nil, ctx.Err()
	}
}

// holdOn holds until ctx ends. Where the engine ends it says so, and holds again when
// the engine is back.
func (k *kept) holdOn(ctx context.Context) error {
	first := true
	for lost := false; ; lost = true {
		err := k.client.Hold(ctx, k.hold, func(forwards []portolan.ForwardView) {
			if first {
				k.told, first = forwards, false
				k.hold.Selection = api.Selection{Names: namesOf(forwards)}
				close(k.held)
				return
			}
			lost = false
			k.back(forwards)
		})
		if first || ctx.Err() != nil {
			return err
		}
		if fault := portolan.AsFault(err); fault.Kind != portolan.Unavailable {
			k.report(fault)
			return err
		} else if !lost {
			k.err.printf("%s Portolan has ended, and the forwards with it; the command runs on\n  they are up again when it is: portolan agent start\n", bold("portolan:"))
		}
		select {
		case <-time.After(backPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// back says that the forwards are held again, and which ones are no longer where
// the command was told that they are.
func (k *kept) back(forwards []portolan.ForwardView) {
	k.err.printf("%s Portolan is back, and holds the forwards again\n", bold("portolan:"))
	for _, f := range forwards {
		i := slices.IndexFunc(k.told, func(was portolan.ForwardView) bool { return was.ID == f.ID })
		if i >= 0 && address(f) != address(k.told[i]) {
			k.err.printf("  %s was at %s, and now is %s %s\n", api.FullName(f), address(k.told[i]), f.Status.Phase, address(f))
		}
	}
}

// letGo ends the hold and waits until what nobody else wants has stopped.
func (k *kept) letGo(ctx context.Context) error {
	k.end()
	<-k.ended
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	err := follow(ctx, k.client, nil, func(view portolan.View) bool {
		ours, err := k.hold.Pick(view.Forwards)
		return err == nil && slices.ContainsFunc(ours, func(f portolan.ForwardView) bool {
			return slices.Contains(f.Holders, k.hold.By) || !f.Local.Wanted && len(f.Status.Addresses) > 0
		})
	})
	if err != nil && portolan.AsFault(err).Kind == portolan.Unavailable {
		return nil // what held them is gone
	}
	return err
}

// namesOf selects those forwards, whatever becomes of their names.
func namesOf(forwards []portolan.ForwardView) []string {
	names := make([]string, len(forwards))
	for i, f := range forwards {
		names[i] = string(f.ID)
	}
	return names
}
