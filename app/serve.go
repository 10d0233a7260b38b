package app

import (
	"context"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
	"github.com/portolan-app/portolan/internal/system"
)

// program holds what every composition needs.
type program struct {
	env             func(string) string
	version, commit string
}

// connect returns a client of the engine that runs in the home of opts.
func (p *program) connect(_ context.Context, opts cli.Options) (api.API, error) {
	home, err := p.home(opts)
	if err != nil {
		return nil, err
	}
	return api.NewClient(api.SocketPath(home)), nil
}

func (p *program) home(opts cli.Options) (string, error) {
	home, err := system.Home(opts.Home, p.env)
	if err != nil {
		return "", &portolan.Fault{Kind: portolan.Usage, Code: "no-home",
			Message: "there is no directory for Portolan's files: " + err.Error(),
			Hint:    "name one with --home or PORTOLAN_HOME"}
	}
	return home, nil
}

// serve runs the engine and its local API in the foreground until ctx ends.
func (p *program) serve(ctx context.Context, opts cli.ServeOptions) error {
	home, err := p.home(opts.Options)
	if err != nil {
		return err
	}
	cfg, err := p.config(home, opts.Options, opts.Log, opts.Level)
	if err != nil {
		return err
	}
	site, err := listenWeb(opts.Web)
	if err != nil {
		return err
	}
	return p.run(ctx, home, opts.Log, cfg, site, announce(func(v api.Version) { opts.Ready(v, site.link()) }))
}

// config is what an engine has that works with the person's own tokens and
// clusters.
func (p *program) config(home string, opts cli.Options, log *slog.Logger, level *slog.LevelVar) (engine.Config, error) {
	given, err := given(opts, p.env)
	if err != nil {
		return engine.Config{}, err
	}
	clusters, keychain := kube.NewClusters(nil, log), keychain()
	return engine.Config{
		Tokens:   keychain,
		Given:    given,
		Clusters: clustersOf(clusters),
		Contexts: clusters.Known,
		Targets:  clusters.Targets,
		Checkup:  p.checkup(home, hostOf(opts, p.env), clusters, keychain.Probe),
		Level:    level,

		StartsAtLogin: system.Login{}.Installed,
		StartAtLogin: func(ctx context.Context, on bool) error {
			_, err := p.atLogin(ctx, opts, on)
			return err
		},
	}, nil
}

// announce hands the version of a running engine to whoever waits for it.
func announce(ready func(api.Version)) func(context.Context, *engine.Engine) error {
	return func(ctx context.Context, e *engine.Engine) error {
		v, err := e.Version(ctx)
		if err == nil {
			ready(v)
		}
		return err
	}
}

// run runs an engine over the store of home until ctx ends or a client asks for
// the end, and calls ready once commands are answered.
func (p *program) run(ctx context.Context, home string, log *slog.Logger, cfg engine.Config, site *site, ready func(context.Context, *engine.Engine) error) error {
	defer site.close()
	s, err := store.Open(home, log)
	if err != nil {
		return err
	}
	return p.runOver(ctx, s, home, log, cfg, site, ready)
}

// runOver is run over an open store, which it closes.
func (p *program) runOver(ctx context.Context, s *store.Store, home string, log *slog.Logger, cfg engine.Config, site *site, ready func(context.Context, *engine.Engine) error) (err error) {
	defer func() { err = first(err, s.Close()) }()
	kube.LogThrough(log)
	ctx, cfg.Quit = context.WithCancel(ctx)
	defer cfg.Quit()
	if site != nil {
		cfg.WebLink = site.Link
	}
	e := p.engine(s, home, log, cfg)
	listener, err := api.Listen(api.SocketPath(home))
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.Run(ctx) })
	group.Go(func() error { return api.Serve(ctx, listener, e, log) })
	group.Go(func() error { return site.serve(ctx, e, log) })
	group.Go(func() error { return ready(ctx, e) })
	return group.Wait()
}

// oneShot returns an engine that syncs and forwards nothing, and what ends it.
func (p *program) oneShot(ctx context.Context, opts cli.Options) (api.API, func() error, error) {
	home, err := p.home(opts)
	if err != nil {
		return nil, nil, err
	}
	given, err := given(opts, p.env)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.DiscardHandler) // what matters is in the results
	s, err := store.Open(home, log)
	if err != nil {
		return nil, nil, err
	}
	e := p.engine(s, home, log, engine.Config{OnDemand: true, Tokens: keychain(), Given: given})
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	return e, func() error {
		cancel()
		return first(<-ended, s.Close())
	}, nil
}

// engine completes a configuration with what every engine has.
func (p *program) engine(s *store.Store, home string, log *slog.Logger, cfg engine.Config) *engine.Engine {
	cfg.Store = s
	cfg.ClientID = clientID
	cfg.Holders = holders
	cfg.Stranger = system.Stranger
	cfg.OthersLoggedIn = system.OthersLoggedIn
	cfg.PeerClosed = system.PeerClosed
	cfg.Unheard = system.Unheard
	cfg.Upsets = system.Upsets
	cfg.Version = api.Version{Version: p.version, Commit: p.commit, API: api.Level, PID: os.Getpid(), Home: home}
	cfg.Log = log
	cfg.Now = time.Now
	return engine.New(cfg)
}

// clustersOf lets the forward engine use the clusters of the kubeconfig.
func clustersOf(c *kube.Clusters) forward.Clusters {
	return func(context string) (forward.Cluster, error) { return c.Cluster(context) }
}

// holders lets the forward engine ask the system who has a port.
func holders(ports ...int) (all []forward.Holder) {
	for _, h := range system.Holders(ports...) {
		all = append(all, forward.Holder(h))
	}
	return all
}

// first returns the first error that is not nil.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
