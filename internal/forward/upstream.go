package forward

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/portolan-app/portolan/internal/forward/mux"
	"github.com/portolan-app/portolan/internal/portolan"
)

// suspectEvery is how often the silence of one session counts for all, at most.
const suspectEvery = 5 * time.Second

// upstream is what the forwards of one context share: its cluster and the pool
// of upgraded connections.
type upstream struct {
	ctx      context.Context
	name     string
	clusters Clusters
	pool     *pool
	codec    mux.Codec
	unheard  func(net.Conn) bool // Config.Unheard

	mu      sync.Mutex
	shaken  chan struct{} // closed and replaced when the network becomes another
	at      time.Time     // of the last time
	current Cluster
	waits   bool // the server wants streams one after the other
	stock   bool // Config.Stock
	pods    portolan.PodChoice
}

func newUpstream(ctx context.Context, name string, cfg *Config, wg *sync.WaitGroup) *upstream {
	u := &upstream{
		ctx: ctx, name: name, clusters: cfg.Clusters, stock: cfg.Stock, pods: cfg.Pods,
		unheard: cfg.Unheard, shaken: make(chan struct{}),
	}
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

// reconnect makes everything that hangs on the network of before try the one of
// now.
func (u *upstream) reconnect() {
	u.mu.Lock()
	cluster := u.current
	if cluster != nil {
		cluster.Reconnect()
	}
	close(u.shaken)
	u.shaken, u.at = make(chan struct{}), time.Now()
	u.mu.Unlock()
	u.pool.check()
}

// suspect is told of a session that was silent for too long. What it hung on may be
// the network of all others.
func (u *upstream) suspect() {
	u.mu.Lock()
	lately := time.Since(u.at) < suspectEvery
	u.mu.Unlock()
	if !lately {
		u.reconnect()
	}
}

// untilShaken is closed when the network becomes another.
func (u *upstream) untilShaken() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.shaken
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
	options, stock := mux.Options{Wait: u.waits, Unheard: u.unheard, Silent: u.suspect}, u.stock
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
