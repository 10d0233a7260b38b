package app

import (
	"context"
	"log/slog"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/app/web"
	"github.com/portolan-app/portolan/frontend"
	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
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

// openLink opens a link to the pages in the person's browser; nil where this system
// has no means. A browser is started with the link in its arguments, which other
// users can read, and the first to use its code is signed in.
func openLink(env func(string) string) func(context.Context, string) error {
	open := system.Browser(env)
	if open == nil {
		return nil
	}
	return func(ctx context.Context, link string) error {
		if system.OthersLoggedIn() {
			return &portolan.Fault{Kind: portolan.Failed, Code: "open-link",
				Message: "another person is logged in, who could read the link in the list of processes and be faster",
				Hint:    "leave out --open, and paste the link into the address bar"}
		}
		return open(ctx, link)
	}
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
