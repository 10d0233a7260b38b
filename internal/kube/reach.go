package kube

import (
	"context"
	"net"
	"sync"

	"k8s.io/client-go/util/connrotation"
)

// reach is the network as one cluster is reached over it. It may become another
// under what is under way, by sleep or a VPN, and nobody says so to those who wait
// for an answer: what is under way then is given up and begun anew.
type reach struct {
	reads *connrotation.Dialer // of the connections for reads

	mu  sync.Mutex
	era context.Context //nolint:containedctx // ends when the network becomes another
	end context.CancelFunc
}

func newReach() *reach {
	r := &reach{reads: connrotation.NewDialer(func(ctx context.Context, network, address string) (net.Conn, error) {
		return netDialer().DialContext(ctx, network, address)
	})}
	r.era, r.end = context.WithCancel(context.Background())
	return r
}

// renew closes the connections for reads and begins a new era.
func (r *reach) renew() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end()
	r.reads.CloseAll()
	r.era, r.end = context.WithCancel(context.Background())
}

// doubt closes the connections for reads, because an answer did not come in time:
// the one that it was awaited on may be dead, and would be used again.
func (r *reach) doubt() { r.reads.CloseAll() }

func (r *reach) now() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.era
}

// within makes an attempt, and another one whenever an era ended under it.
func (r *reach) within(ctx context.Context, attempt func(context.Context) error) error {
	for {
		era := r.now()
		trial, cancel := context.WithCancel(ctx)
		stop := context.AfterFunc(era, cancel)
		err := attempt(trial)
		stop()
		cancel()
		if err == nil || era.Err() == nil || ctx.Err() != nil {
			return err
		}
	}
}
