//go:build desktop || bindings

package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/app/desktop"
	"github.com/portolan-app/portolan/frontend"
	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
)

// windowed says that this program has a window.
const windowed = true

// window opens it, and returns when it is closed. Where one is open already, that
// one comes to the front instead.
func (p *program) window() func(context.Context, cli.WindowOptions) (int, error) {
	return func(ctx context.Context, opts cli.WindowOptions) (int, error) {
		home, err := p.home(opts.Options)
		if err != nil {
			return 0, err
		}
		cfg := desktop.Config{
			Home:    home,
			Version: api.Version{Version: p.version, Commit: p.commit, API: api.Level, PID: os.Getpid(), Home: home},
			Assets:  frontend.Assets(),
			Page:    opts.Page,
			Browse:  system.Browser(p.env),
		}
		cfg.Another = func(page string) error { return p.another(ctx, home, page) }
		if opts.InProcess {
			return 0, p.inProcess(ctx, opts.Options, cfg)
		}
		client := api.NewClient(api.SocketPath(home))
		if desktop.Generating {
			return 0, desktop.Run(ctx, cfg)
		}
		if open, err := client.Raise(ctx, opts.Page); err == nil && open {
			return 0, nil
		}
		if !p.display() {
			return 0, noDisplay("there is no display to open a window on")
		}
		cfg.API, cfg.Agent = client, agentOf{p, cli.Options{Home: home}}
		release, first := claim(ctx, cfg)
		if !first {
			return 0, nil
		}
		defer release()
		return 0, show(ctx, cfg)
	}
}

// show opens the window and returns when it is closed.
func show(ctx context.Context, cfg desktop.Config) error {
	err := desktop.Run(ctx, cfg)
	if errors.Is(err, desktop.ErrNoDisplay) {
		return noDisplay("the display that DISPLAY or WAYLAND_DISPLAY names cannot be opened")
	}
	return err
}

func noDisplay(message string) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Failed, Code: "no-display", Message: message,
		Hint: "use the commands, which need none: portolan --help"}
}

// comingUp is how long a window may take until it can be raised; the machine may be
// busy.
const comingUp = 20 * time.Second

// claim makes this process the one that has the window of its home, until release.
// It is false where another one has it: started in the same moment, or with an
// agent that has gone. That one has come to the front. A window that cannot be
// raised gets company, because a person who asks for a window must get one.
func claim(ctx context.Context, cfg desktop.Config) (release func(), first bool) {
	alone := func() {}
	_ = os.MkdirAll(cfg.Home, 0o700) // the agent's starter says why not
	for until := time.Now().Add(comingUp); time.Now().Before(until) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		release, err := system.Claim(filepath.Join(cfg.Home, "window.lock"))
		if err == nil {
			return release, true
		}
		if !errors.Is(err, system.ErrClaimed) {
			return alone, true // such as a full disk
		}
		v, err := cfg.API.Version(ctx)
		if err != nil {
			v, err = cfg.Agent.Start(ctx)
		}
		if err != nil || v.API != api.Level {
			return alone, true // it says so
		}
		if open, err := cfg.API.Raise(ctx, cfg.Page); err == nil && open {
			return nil, false
		}
	}
	return alone, true
}

// another starts a process with a window like this one's, which outlives this one.
func (p *program) another(ctx context.Context, home, page string) error {
	self, err := system.Program(os.Args[0], p.env)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), self, "--home", home, "--page", page) //nolint:gosec // our own program
	return cmd.Start()
}

// agentOf is the agent of a home, for its window.
type agentOf struct {
	*program
	opts cli.Options
}

// Start implements [desktop.Agent].
func (a agentOf) Start(ctx context.Context) (api.Version, error) { return a.startAgent(ctx, a.opts) }

// Stop implements [desktop.Agent].
func (a agentOf) Stop(ctx context.Context) (api.Version, error) { return a.stopAgent(ctx, a.opts) }

// inProcess is a window over an engine of its own, which ends with it.
func (p *program) inProcess(ctx context.Context, opts cli.Options, cfg desktop.Config) error {
	file, err := system.OpenLog(cfg.Home)
	if err != nil {
		return homeFault(cfg.Home, err)
	}
	defer func() { _ = file.Close() }()
	level := new(slog.LevelVar)
	log := slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: level}))
	own, err := p.config(cfg.Home, opts, log, level)
	if err != nil {
		return err
	}
	ctx, closed := context.WithCancel(ctx)
	defer closed()
	ready, ended := make(chan api.API, 1), make(chan error, 1)
	go func() {
		ended <- p.run(ctx, cfg.Home, log, own, nil, func(_ context.Context, e *engine.Engine) error {
			ready <- e
			return nil
		})
	}()
	select {
	case cfg.API = <-ready:
	case err := <-ended:
		return err
	}
	err = show(ctx, cfg)
	closed()
	return first(err, <-ended)
}
