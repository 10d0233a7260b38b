package forward

import (
	"context"
	"sync"

	"github.com/portolan-app/portolan/internal/forward/mux"
	"github.com/portolan-app/portolan/internal/portolan"
)

// upstream is what the forwards of one context share: its cluster and the pool
// of upgraded connections.
type upstream struct {
	ctx      context.Context
	name     string
	clusters Clusters
	pool     *pool
	codec    mux.Codec

	mu      sync.Mutex
	current Cluster
	waits   bool // the server wants streams one after the other
	stock   bool // Config.Stock
	pods    portolan.PodChoice
}

func newUpstream(ctx context.Context, name string, cfg *Config, wg *sync.WaitGroup) *upstream {
	u := &upstream{ctx: ctx, name: name, clusters: cfg.Clusters, stock: cfg.Stock, pods: cfg.Pods}
	u.pool = newPool(ctx, wg, u.dial)
	return u
}

// cluster returns the context's cluster of the moment. When the configuration
// has changed, no connection goes over a session of the old one any more.
func (u *upstream) cluster() (Cluster, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	cluster, err := u.clusters(u.name)
	if err != nil {
		return nil, err
	}
	if u.current != nil && u.current != cluster {
		u.pool.renew()
	}
	u.current = cluster
	return cluster, nil
}

func (u *upstream) dial(ctx context.Context, b portolan.Backend) (mux.Session, string, error) {
	cluster, err := u.cluster()
	if err != nil {
		return nil, "", err
	}
	conn, leg, err := cluster.Dial(ctx, b)
	if err != nil {
		return nil, "", err
	}
	u.mu.Lock()
	options, stock := mux.Options{Wait: u.waits}, u.stock
	u.mu.Unlock()
	if stock {
		session, err := mux.Stock(conn, options)
		return session, leg, err
	}
	return u.codec.Session(conn, options), leg, nil
}

// notice is what a person should know of the way to this cluster, or "".
func (u *upstream) notice() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.waits {
		return "this cluster takes streams only one after the other, so that each new connection costs three round trips"
	}
	return ""
}

func (u *upstream) useStock(stock bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.stock != stock {
		u.stock = stock
		u.pool.renew()
	}
}

// choice is which of several pods a new connection goes to.
func (u *upstream) choice() portolan.PodChoice {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.pods
}

func (u *upstream) choose(choice portolan.PodChoice) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.pods = choice
}

// wait makes later sessions open streams one after the other.
func (u *upstream) wait() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.waits {
		u.waits = true
		u.pool.renew()
	}
}
