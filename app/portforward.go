package app

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
)

// portForward forwards what kubectl's arguments name, without a store or an API,
// until ctx ends or a port cannot be had.
func (p *program) portForward(ctx context.Context, f cli.PortForward) error {
	var paths []string
	if f.Kubeconfig != "" {
		paths = []string{f.Kubeconfig}
	}
	log := slog.New(slog.DiscardHandler) // what matters is in the status
	kube.LogThrough(log)
	clusters := kube.NewClusters(paths, log)
	shot := newForeground(f)
	if err := shot.resolve(ctx, clusters); err != nil {
		return err
	}
	e := forward.New(forward.Config{
		Clusters:   clustersOf(clusters),
		Status:     shot.observe,
		Accepted:   func(_ portolan.ID, port int) { f.Handling(port) },
		Holders:    holders,
		Stranger:   stranger,
		PeerClosed: system.PeerClosed,
		Unheard:    system.Unheard,
		Stock:      f.Stock,
		Log:        log,
	})
	e.Apply(shot.specs)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	go system.Upsets(ctx, func(string) { e.Recheck() })
	for {
		select {
		case err := <-ended:
			return err
		case id := <-shot.failed:
			_ = e.Probe(ctx, id) // the status has it, with who holds the port
			if fault := e.Status(id).Fault; fault != nil {
				cancel()
				return first(<-ended, fault)
			}
		}
	}
}

// stranger keeps other users out as the engine does by default.
func stranger(conn net.Conn) string {
	if !system.OthersLoggedIn() {
		return ""
	}
	return system.Stranger(conn)
}

// foreground is one run of port-forward: what was asked, and what has been said of
// it.
type foreground struct {
	ask    cli.PortForward
	specs  []forward.Spec
	failed chan portolan.ID // a forward that cannot listen

	mu        sync.Mutex // guards the rest
	remotes   map[portolan.ID]int
	announced map[portolan.ID]bool
	said      map[portolan.ID]string // the last fault, until the forward works again
}

func newForeground(f cli.PortForward) *foreground {
	return &foreground{
		ask: f, failed: make(chan portolan.ID, 1), remotes: make(map[portolan.ID]int),
		announced: make(map[portolan.ID]bool), said: make(map[portolan.ID]string),
	}
}

// resolve finds each port's pod first, waiting for one as kubectl does, so that
// a wrong name fails before anything listens.
func (o *foreground) resolve(ctx context.Context, clusters *kube.Clusters) error {
	cluster, err := clusters.Cluster(o.ask.Context)
	if err != nil {
		return err
	}
	for _, pair := range o.ask.Ports {
		target := portolan.Target{Context: o.ask.Context, Namespace: o.ask.Namespace,
			Kind: o.ask.Kind, Name: o.ask.Name, Port: pair.Remote}
		found, err := await(ctx, cluster, target, o.ask.Wait)
		if err != nil {
			return err
		}
		remote, local := found.Pods[0].Port, pair.Local.Number
		if pair.Local.Name != "" {
			local = remote
		}
		for _, host := range o.ask.Addresses {
			id := portolan.ID(strconv.Itoa(len(o.specs)))
			o.remotes[id] = remote
			o.specs = append(o.specs, forward.Spec{ID: id, Name: o.ask.Name, Target: target, Host: host, Port: local, Wanted: true})
		}
	}
	return nil
}

// await resolves a target, again and again while it has no ready pod, for as
// long as limit.
func await(ctx context.Context, cluster *kube.Cluster, target portolan.Target, limit time.Duration) (portolan.Backends, error) {
	until := time.Now().Add(limit)
	for {
		found, err := cluster.Resolve(ctx, target)
		if err == nil || portolan.AsFault(err).Code != portolan.CodeNoReadyPod || time.Now().After(until) {
			return found, err
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return found, ctx.Err()
		}
	}
}

// observe announces a forward when it listens, and ends the run when it cannot.
// What fails behind an open port is no reason to close it, and is said once.
func (o *foreground) observe(id portolan.ID, status portolan.Status) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(status.Addresses) == 0 {
		if status.Phase == portolan.PortBusy || status.Phase == portolan.StalledForward {
			select {
			case o.failed <- id:
			default: // one reason is enough
			}
		}
		return
	}
	switch {
	case status.Fault == nil:
		delete(o.said, id)
	case o.said[id] != status.Fault.Message:
		o.said[id] = status.Fault.Message
		o.ask.Failing(status.Fault)
	}
	if o.announced[id] {
		return
	}
	o.announced[id] = true
	for _, a := range status.Addresses {
		if address, err := netip.ParseAddrPort(a); err == nil {
			o.ask.Ready(address, o.remotes[id])
		}
	}
}
