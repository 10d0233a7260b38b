package forward

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Cluster is the way into one cluster. Every error is a [*portolan.Fault], or
// the context's own.
type Cluster interface {
	// Resolve finds the pods behind a target, best first. Where nobody answers it
	// gives up by itself.
	Resolve(ctx context.Context, target portolan.Target) (portolan.Backends, error)
	// Newest is Resolve with the newest first, also where that costs a request.
	Newest(ctx context.Context, target portolan.Target) (portolan.Backends, error)
	// Watch calls changed when it has begun to watch a target, and when Resolve may
	// find something else. It returns when the watch ends, with any error: it ends
	// now and then, and some people may not watch.
	Watch(ctx context.Context, target portolan.Target, changed func()) error
	// Dial opens an upgraded connection to a pod and says on which leg.
	Dial(ctx context.Context, backend portolan.Backend) (conn net.Conn, leg string, err error)
	// Retry forgets backoffs and failed logins.
	Retry()
	// Reconnect forgets backoffs, though no failed login, and begins anew what is
	// under way: the network is another now.
	Reconnect()
}

// Clusters returns the cluster of a context, "" being the current-context. It
// contacts nothing, and returns the same Cluster while the context's
// configuration stays the same.
type Clusters func(context string) (Cluster, error)

// Spec is one forward as it is wanted.
type Spec struct {
	ID     portolan.ID
	Name   string // as a person would type it
	Target portolan.Target

	// Host is the address to listen on; "" and "localhost" mean 127.0.0.1 and
	// ::1, as far as the machine has them.
	Host string
	// Port is the local port; 0 picks a free one and reports it.
	Port int
	// Picked: nobody asked for Port, it was picked once. Where it is taken another
	// one is picked.
	Picked bool

	Wanted bool

	// Held is why connections are refused although the port stays open: a change
	// that waits for a person's yes.
	Held *portolan.Fault
	// Unsupported is why this forward cannot run at all.
	Unsupported *portolan.Fault
}

// Config is what an engine needs. The functions may be nil, but for Clusters.
type Config struct {
	Clusters Clusters

	// Status is told of each change, in order for each forward. It must return
	// soon and not call the engine.
	Status func(portolan.ID, portolan.Status)

	// Picked is told which port was taken for a Spec.Port of 0, on a goroutine of
	// its own.
	Picked func(id portolan.ID, port int)

	// Accepted is told of each local connection and the port it came to, on a
	// goroutine of its own.
	Accepted func(id portolan.ID, port int)

	// Holders returns what listens on any of the ports, on whatever address.
	Holders func(ports ...int) []Holder

	// Instead is the command that moves a forward, by its Spec.Name, to another
	// local port on this machine, for a hint.
	Instead func(name string, port int) string

	// Stranger names the user at the other end of a local connection that shall not
	// be served, or returns "".
	Stranger func(conn net.Conn) string

	// PeerClosed reports whether the other end of a connection over loopback is
	// closed for reading too, if that can be known.
	PeerClosed func(conn net.Conn) (closed, known bool)

	// Unheard reports whether what was sent on a connection to a cluster was sent
	// again without an acknowledgement; see [mux.Options].
	Unheard func(conn net.Conn) bool

	// Drain is how long live connections of a forward that is gone may go on.
	// Zero: 30 s.
	Drain time.Duration

	// Shutdown is the same when the engine ends. Zero: at once.
	Shutdown time.Duration

	// Hold is how long a local connection waits for a ready pod. Zero: 15 s.
	Hold time.Duration

	// Stock leaves the frames of upgraded connections to spdystream; see [mux.Stock].
	Stock bool

	// Pods says which of a target's ready pods a new connection goes to. "": the one
	// used last, while it is ready.
	Pods portolan.PodChoice

	Log *slog.Logger
}

// Engine runs forwards. Its methods may be called by several goroutines at once.
type Engine struct {
	cfg  Config
	wg   sync.WaitGroup
	hold atomic.Int64 // Config.Hold, or what Tune made of it

	mu        sync.Mutex
	ctx       context.Context // of Run; nil outside
	wanted    []Spec
	forwards  map[portolan.ID]*forward
	upstreams map[string]*upstream // by context

	running chan struct{} // closed when Run has put in force what Apply was given before
	shaken  chan struct{} // one slot; see Recheck
}

// New returns an engine that does nothing before Run.
func New(cfg Config) *Engine {
	cfg.Drain = cmp.Or(cfg.Drain, 30*time.Second)
	cfg.Hold = cmp.Or(cfg.Hold, 15*time.Second)
	e := &Engine{cfg: cfg, forwards: map[portolan.ID]*forward{}, upstreams: map[string]*upstream{}, running: make(chan struct{}), shaken: make(chan struct{}, 1)}
	e.hold.Store(int64(cfg.Hold))
	return e
}

// Tune replaces Config.Drain and Config.Hold, both more than zero, for what
// happens from now on; what waits or drains already keeps its time.
func (e *Engine) Tune(drain, hold time.Duration) {
	e.hold.Store(int64(hold))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cfg.Drain = drain
}

// UseStock replaces Config.Stock for connections from now on.
func (e *Engine) UseStock(stock bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cfg.Stock = stock
	for _, u := range e.upstreams {
		u.useStock(stock)
	}
}

// ChoosePods replaces Config.Pods for connections from now on.
func (e *Engine) ChoosePods(choice portolan.PodChoice) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cfg.Pods = choice
	for _, u := range e.upstreams {
		u.choose(choice)
	}
}

// Run runs what Apply was given, before and while it runs, until ctx ends. Then
// it closes the listeners, lets live connections go on for Config.Shutdown, and
// returns nil when every goroutine has ended. It may be called once.
func (e *Engine) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	e.mu.Lock()
	e.ctx = work
	e.reconcile()
	e.mu.Unlock()
	close(e.running)

	e.watch(ctx)

	e.mu.Lock()
	e.ctx = nil
	for _, f := range e.forwards {
		f.apply(nil, Spec{ID: f.id}, e.cfg.Shutdown)
	}
	for _, u := range e.upstreams {
		u.pool.close()
	}
	e.mu.Unlock()
	time.AfterFunc(e.cfg.Shutdown, cancel)
	e.wg.Wait()
	return nil
}

// watch looks again at the targets in use, so that no phase outlives its facts
// for long, until ctx ends.
func (e *Engine) watch(ctx context.Context) {
	refresh := time.NewTicker(refreshInterval)
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-refresh.C:
		case <-e.shaken:
			e.reconnect()
		}
		e.refresh(ctx)
	}
}

// answerWithin is how long an upgraded connection has to show that it is alive.
const answerWithin = 2 * time.Second

// Recheck is for a machine that has woken from sleep, or whose network has become
// another. It returns at once. Upgraded connections that do not answer within two
// seconds are closed, so that their clients connect anew; backoffs end, but no
// failed login is tried again; and the targets in use are looked at. What is well
// notices nothing, so that a false alarm does no harm.
func (e *Engine) Recheck() {
	select {
	case e.shaken <- struct{}{}:
	default: // it is going to
	}
}

func (e *Engine) reconnect() {
	e.mu.Lock()
	upstreams := slices.Collect(maps.Values(e.upstreams))
	e.mu.Unlock()
	for _, u := range upstreams {
		u.reconnect()
	}
}

// Running is closed when Run has put in force what Apply was given before it: each
// of those forwards listens then, or its status says why not.
func (e *Engine) Running() <-chan struct{} { return e.running }

// Apply makes specs the whole of what is wanted. What is not among them any more
// stops listening at once, and its live connections may go on for Config.Drain.
// A changed spec restarts only what changed. An equal one is left alone, and not
// one of its connections drops. When Apply returns during Run, the status of
// each forward is that of its first attempt to listen.
func (e *Engine) Apply(specs []Spec) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wanted = specs
	if e.ctx != nil {
		e.reconcile()
	}
}

// reconcile starts and stops forwards. Ports are given up before others are
// taken, so that two forwards can swap theirs. The caller holds mu.
func (e *Engine) reconcile() {
	wanted := map[portolan.ID]Spec{}
	for _, s := range e.wanted {
		wanted[s.ID] = s
	}
	for id, f := range e.forwards {
		s, ok := wanted[id]
		if !ok {
			f.apply(nil, Spec{ID: id}, e.cfg.Drain)
			delete(e.forwards, id)
		} else if !f.keepsListener(s) {
			f.unlisten()
		}
	}
	var failed []*attempt
	for _, s := range e.wanted {
		f := e.forwards[s.ID]
		if f == nil {
			f = &forward{id: s.ID, cfg: &e.cfg, hold: &e.hold, wg: &e.wg, status: portolan.Status{Phase: portolan.Off}}
			e.forwards[s.ID] = f
		}
		if a := f.apply(e.upstream(s.Target.Context), s, e.cfg.Drain); a != nil {
			failed = append(failed, a)
		}
	}
	if failed != nil {
		e.wg.Go(func() { e.explain(failed) })
	}
}

// upstream returns the one of a context. The caller holds mu.
func (e *Engine) upstream(name string) *upstream {
	u := e.upstreams[name]
	if u == nil {
		u = newUpstream(e.ctx, name, &e.cfg, &e.wg)
		e.upstreams[name] = u
	}
	return u
}

// Status returns what is observed of a forward. One that is not known is off.
func (e *Engine) Status(id portolan.ID) portolan.Status {
	e.mu.Lock()
	f := e.forwards[id]
	e.mu.Unlock()
	if f == nil {
		return portolan.Status{Phase: portolan.Off}
	}
	return f.observed()
}

// Statuses returns the status of every forward that was applied.
func (e *Engine) Statuses() map[portolan.ID]portolan.Status {
	all := map[portolan.ID]portolan.Status{}
	for _, f := range e.snapshot() {
		all[f.id] = f.observed()
	}
	return all
}

// Counters returns what each of those forwards has carried, in that order. All is
// zero for one that was not applied.
func (e *Engine) Counters(ids []portolan.ID) []portolan.Counters {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]portolan.Counters, len(ids))
	for i, id := range ids {
		all[i].ID = id
		if f := e.forwards[id]; f != nil {
			all[i] = f.counters()
		}
	}
	return all
}

func (e *Engine) snapshot() []*forward {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]*forward, 0, len(e.forwards))
	for f := range maps.Values(e.forwards) {
		all = append(all, f)
	}
	return all
}

// Probe resolves a wanted forward's target once, so that a missing service,
// port, right or context shows in its status without a connection. It forgets
// backoffs and failed logins of the cluster first: a person is asking. The
// fault, if there is one, is returned too.
func (e *Engine) Probe(ctx context.Context, id portolan.ID) error {
	e.mu.Lock()
	f := e.forwards[id]
	e.mu.Unlock()
	if f == nil {
		return nil
	}
	return f.probe(ctx, true)
}

// refresh probes every target in use, unless that is still under way: who does not
// answer is waited for until that says that nobody does.
func (e *Engine) refresh(ctx context.Context) {
	for _, f := range e.snapshot() {
		if f.stale() && f.probing.CompareAndSwap(false, true) {
			e.wg.Go(func() {
				defer f.probing.Store(false)
				_ = f.probe(ctx, false) // the status has it
			})
		}
	}
}
