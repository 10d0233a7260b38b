package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/doctor"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
)

// checkup looks at this machine for an engine in home, and whether host answers
// where it follows nothing yet.
func (p *program) checkup(home, host string, clusters *kube.Clusters, keychain func(context.Context) error) func(context.Context, engine.Wanted) []portolan.Check {
	var desktop func(context.Context) error
	if p.display() {
		desktop = p.shown
	}
	return func(ctx context.Context, q engine.Wanted) []portolan.Check {
		return doctor.Run(ctx, doctor.Config{
			Home: home, Socket: api.SocketPath(home), Log: system.LogFile(home),
			Keychain:  keychain,
			Desktop:   desktop,
			Clusters:  clusters,
			Token:     q.Token,
			UserAgent: "portolan/" + p.version,
			Host:      host,
			Sources:   q.Sources, Targets: q.Targets, CAFile: q.CAFile,
			Now: time.Now,
		})
	}
}

// shown returns why this desktop shows no icon or no notification, or nil.
func (p *program) shown(ctx context.Context) error {
	icons, notifications, err := system.Shows(ctx)
	f := &portolan.Fault{Kind: portolan.Failed, Code: "desktop"}
	switch {
	case err != nil:
		f.Message = "none is shown: " + err.Error()
		f.Hint = "log in to a desktop session, or set DBUS_SESSION_BUS_ADDRESS to its bus; all else works without"
	case !icons:
		f.Message, f.Hint = "your panel shows no icons", p.panelRemedy()+"; all else works without"
	case !notifications:
		f.Message, f.Hint = "no program shows notifications", "start one, such as dunst; all else works without"
	default:
		return nil
	}
	return f
}

// doctor looks at this machine where no engine runs that could.
func (p *program) doctor(ctx context.Context, opts cli.Options) ([]portolan.Check, error) {
	home, err := p.home(opts)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	kube.LogThrough(log)
	given, err := given(opts, p.env)
	if err != nil {
		return nil, err
	}
	look := p.checkup(home, hostOf(opts, p.env), kube.NewClusters(nil, log), keychain().Probe)
	return look(ctx, engine.Wanted{
		Token: func(ctx context.Context, host, _ string) (portolan.Token, error) {
			if given == nil || given.Host != host {
				return portolan.Token{}, nil
			}
			return given.Read(ctx)
		},
	}), nil
}

// logFile is where an agent in the home of opts logs.
func (p *program) logFile(opts cli.Options) (string, error) {
	home, err := p.home(opts)
	return system.LogFile(home), err
}
