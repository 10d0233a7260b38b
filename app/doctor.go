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
	return func(ctx context.Context, q engine.Wanted) []portolan.Check {
		return doctor.Run(ctx, doctor.Config{
			Home: home, Socket: api.SocketPath(home), Log: system.LogFile(home),
			Keychain:  keychain,
			Clusters:  clusters,
			Token:     q.Token,
			UserAgent: "portolan/" + p.version,
			Host:      host,
			Sources:   q.Sources, Targets: q.Targets, CAFile: q.CAFile,
			Now: time.Now,
		})
	}
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
