package app

import (
	"context"
	"log/slog"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/app/web"
	"github.com/portolan-app/portolan/frontend"
	"github.com/portolan-app/portolan/internal/api"
)

// site is the face for browsers; nil is none.
type site struct{ *web.Site }

// listenWeb opens the port of the pages, if one is asked for.
func listenWeb(opts cli.WebOptions) (*site, error) {
	if opts.Address == "" {
		return nil, nil
	}
	s, err := web.Listen(web.Options(opts), frontend.Assets())
	if err != nil {
		return nil, err
	}
	return &site{s}, nil
}

func (s *site) link() string {
	if s == nil {
		return ""
	}
	return s.Link()
}

func (s *site) serve(ctx context.Context, a api.API, log *slog.Logger) error {
	if s == nil {
		return nil
	}
	return s.Serve(ctx, a, log)
}

func (s *site) close() {
	if s != nil {
		s.Close()
	}
}
