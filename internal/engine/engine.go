// Package engine is the program behind every face: it holds what is wanted,
// follows the sources, keeps the forwards as they are wanted, and answers with
// one [portolan.View].
//
// Data flows one way. A command changes the stored state; the changed state is
// turned into forwards and handed to the forward engine; what is observed there
// and at the sources flows into the view. No face is told "done": it draws the
// next view.
package engine

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// Tokens is where tokens are kept: the OS keychain in the program. Missing is a
// fault with the code "keychain-none".
type Tokens interface {
	Get(ctx context.Context, host, login string) (portolan.Token, error)
	Set(ctx context.Context, host, login string, token portolan.Token) error
	Delete(ctx context.Context, host, login string) error
}

// Given is a token that a person gave outside of the keychain: a file, a
// variable, a command. It goes before every other one of its host.
type Given struct {
	Host string // the only one that it is for
	From string // where it comes from, for people: "the file /run/token"

	// Read is called at every sync, so that a rotated token counts at once.
	Read func(ctx context.Context) (portolan.Token, error)
}

// Config is what an engine is made of.
type Config struct {
	Store  *store.Store
	Tokens Tokens

	// Given is the token that a person gave outside of the keychain; nil = none.
	Given *Given

	// Clusters is the way into the clusters.
	Clusters forward.Clusters

	// Contexts lists the contexts of this machine's kubeconfig.
	Contexts func() ([]portolan.KubeContext, error)

	// Targets lists what a cluster offers, as [api.API] promises.
	Targets func(ctx context.Context, q portolan.TargetQuery) (portolan.Targets, error)

	// Checkup looks at what these sources and targets need of this machine.
	Checkup func(ctx context.Context, q Wanted) []portolan.Check

	// OnDemand is for one sync from the command line: nothing is polled and
	// nothing forwarded.
	OnDemand bool

	// Holders returns what listens on any of the ports of this machine.
	Holders func(ports ...int) []forward.Holder

	// Stranger names the user at the other end of a connection over loopback, if
	// that is neither our own nor root; nil where nobody is one.
	Stranger func(conn net.Conn) string

	// OthersLoggedIn reports whether a person other than us is logged in.
	OthersLoggedIn func() bool

	// PeerClosed reports whether the other end of a connection over loopback is
	// closed for reading too, if that can be known.
	PeerClosed func(conn net.Conn) (closed, known bool)

	// Unheard reports whether what was sent on a TCP connection was sent again
	// without an acknowledgement, if that can be known.
	Unheard func(conn net.Conn) bool

	// Upsets tells, until ctx ends, when connections may be dead although nobody has
	// closed them, such as after sleep; nil = nobody tells.
	Upsets func(ctx context.Context, tell func(why string))

	// Drain is how long live connections may go on when the engine ends. Zero: not
	// at all.
	Drain time.Duration

	// WebLink makes a link to the pages that are served to browsers; nil = none
	// are.
	WebLink func() string

	// ClientID is that of the GitHub App that signs people in to github.com with a
	// code, unless the setting github_client_id names another; "" = none.
	ClientID string

	// Quit asks the program to end, which ends the context of Run.
	Quit func()

	// StartsAtLogin reports whether the system starts this program at login, and
	// StartAtLogin changes that; nil where it does not and cannot.
	StartsAtLogin func() bool
	StartAtLogin  func(ctx context.Context, on bool) error

	Version api.Version
	Log     *slog.Logger
	Level   *slog.LevelVar // of Log; nil = it cannot be changed
	Now     func() time.Time
}

// Wanted is what a checkup is about.
type Wanted struct {
	Sources []portolan.SourceConfig
	Targets []portolan.Target // with this machine's contexts
	CAFile  string            // of the settings
	// Token returns the token that a source of the host and account would use.
	Token func(ctx context.Context, host, account string) (portolan.Token, error)
}

// Engine implements [api.API]. Make one with [New] and drive it with
// [Engine.Run].
type Engine struct {
	cfg      Config
	library  *library
	forwards *forward.Engine
	crew     crew
	ready    chan struct{} // closed when Run follows the sources of the store
	ended    chan struct{} // closed when Run has returned
	failed   error         // that Run returned; valid after ended

	membership sync.Mutex // held while a source and its follower come or go together
	refreshing sync.Mutex // held from reading the state to applying it, so that an older one never lands last

	windows windows

	tuned   bool   // settings were put in force; held by refreshing, as is
	logging string // the log_level of then

	renewals renewals

	mu       sync.Mutex     // guards the rest
	state    portolan.State // the stored one; never changed in place
	statuses map[portolan.ID]portolan.Status
	sources  map[string]portolan.SourceStatus
	clients  map[clientKey]*github.Client
	ledger   *ledger
	thisRun  []guest
	devices  map[string]*pending
	deeds    []deed                           // oldest first; refreshing guards who changes them
	journal  map[portolan.ID][]portolan.Event // of each forward, oldest first
	holds    []*hold
	changed  chan struct{} // closed and replaced at every revision
}

var _ api.API = (*Engine)(nil)

// New returns an engine; nothing runs before [Engine.Run].
func New(cfg Config) *Engine {
	e := &Engine{
		cfg:      cfg,
		library:  newLibrary(cfg.Store.Blob, cfg.Log),
		ready:    make(chan struct{}),
		ended:    make(chan struct{}),
		statuses: make(map[portolan.ID]portolan.Status),
		sources:  make(map[string]portolan.SourceStatus),
		clients:  make(map[clientKey]*github.Client),
		devices:  make(map[string]*pending),
		renewals: renewals{unsaved: make(map[string]github.Grant), ended: make(map[string]portolan.Token)},
		ledger:   newLedger(cfg.Now().UnixMicro()),
		journal:  make(map[portolan.ID][]portolan.Event),
		changed:  make(chan struct{}),
	}
	if !cfg.OnDemand {
		e.forwards = forward.New(forward.Config{
			Clusters:   cfg.Clusters,
			Status:     e.observeForward,
			Picked:     e.portPicked,
			Holders:    cfg.Holders,
			Instead:    instead,
			Stranger:   e.refused,
			PeerClosed: cfg.PeerClosed,
			Unheard:    cfg.Unheard,
			Shutdown:   cfg.Drain,
			Log:        cfg.Log,
		})
	}
	return e
}

// Run follows the sources and keeps the wanted forwards until ctx ends, and
// returns when everything it started has. It may be called once.
func (e *Engine) Run(ctx context.Context) error {
	e.failed = e.run(ctx)
	close(e.ended)
	return e.failed
}

func (e *Engine) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	e.crew.start(ctx, group)
	if e.forwards != nil {
		group.Go(func() error { return e.forwards.Run(ctx) })
	}
	if e.cfg.Upsets != nil && !e.cfg.OnDemand {
		group.Go(func() error { e.cfg.Upsets(ctx, e.upset); return nil })
	}
	group.Go(func() error {
		if e.forwards != nil {
			<-e.forwards.Running() // so that nobody sees a wanted forward that is off
		}
		if err := e.refresh(); err != nil {
			return err
		}
		e.tellStart()
		for _, s := range e.cfg.Store.State().Sources {
			e.follow(s.Name)
		}
		close(e.ready)
		<-ctx.Done()
		return nil
	})
	return group.Wait()
}

// upset makes everything that may hang try anew.
func (e *Engine) upset(why string) {
	e.cfg.Log.Info("connections are looked at", "because", why)
	e.forwards.Recheck()
	e.crew.wake()
}

// update changes the stored state and brings everything in line with it.
func (e *Engine) update(change func(*portolan.State) error) error {
	err := e.cfg.Store.Update(func(tx *store.Tx) error { return change(tx.State) })
	if err != nil {
		return err
	}
	return e.catchUp()
}

// publish makes one observation, and tells everyone who waits for a change if it
// reports a new revision.
func (e *Engine) publish(observe func() bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if observe() {
		close(e.changed)
		e.changed = make(chan struct{})
	}
}

func (e *Engine) observeForward(id portolan.ID, status portolan.Status) {
	e.publish(func() bool {
		before := e.statuses[id]
		if status.Since = before.Since; status.Phase != before.Phase {
			status.Since = e.cfg.Now()
		}
		if status.Phase == portolan.Off {
			delete(e.statuses, id)
		} else {
			e.statuses[id] = status
		}
		f, ok := e.ledger.forwards.get(id)
		if !ok {
			return false
		}
		e.notePhase(id, before, status)
		f.Status = e.status(f.Forward)
		return e.ledger.setForward(f)
	})
}

func (e *Engine) observeSource(name string, status portolan.SourceStatus) {
	e.publish(func() bool {
		e.sources[name] = status
		s, ok := e.ledger.sources.get(name)
		stored := e.state.Source(name)
		if !ok || stored == nil {
			return false
		}
		s.Status = sourceStatus(stored, status, e.state.Paused)
		return e.ledger.setSource(s)
	})
}

// portPicked remembers the port that was picked for a local_port of 0, so that
// it is the same after a restart.
func (e *Engine) portPicked(id portolan.ID, port int) {
	e.mu.Lock()
	_, there := e.ledger.forwards.get(id)
	e.mu.Unlock()
	if !there {
		return // removed meanwhile
	}
	err := e.cfg.Store.Update(func(tx *store.Tx) error { merge.SetPort(tx.State, id, port); return nil })
	if err != nil {
		e.cfg.Log.Warn("the picked port will not survive a restart", "forward", id, "port", port, "err", err)
	}
}

// running waits until Run follows the sources. After Run it is why Run ended.
func (e *Engine) running(ctx context.Context) error {
	select {
	case <-e.ready:
	case <-e.ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-e.ended:
		if e.failed != nil {
			return e.failed
		}
		return api.Stopped()
	default:
		return nil
	}
}
