package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/portolan"
)

// webFlags say where the pages are served to browsers.
func webFlags(c *cobra.Command, web *WebOptions) {
	c.Flags().StringVar(&web.Address, "web", "", "serve the pages to a browser on `IP:PORT`; port 0 has one picked")
	c.Flags().BoolVar(&web.AllowRemote, "web-allow-remote", false, "let --web be an address that other machines reach; needs a certificate")
	c.Flags().StringVar(&web.CertFile, "web-cert", "", "`FILE` with the certificate of the pages, as PEM")
	c.Flags().StringVar(&web.KeyFile, "web-key", "", "`FILE` with the certificate's key, as PEM")
	twins(c.Flags(), "web", "web-allow-remote", "web-cert", "web-key")
	c.MarkFlagsRequiredTogether("web-cert", "web-key")
}

// printLink prints a link to the pages, if there is one.
func (p *program) printLink(link string) {
	if link != "" {
		p.out.printf("\nIn a browser, once and within a minute:\n\n  %s\n\nFor another link: portolan web\n", link)
	}
}

func (p *program) web() *cobra.Command {
	open := false
	c := &cobra.Command{
		Use:   "web",
		Short: "Print a link to Portolan in a browser",
		Long: `Print a link that signs one browser in to the running Portolan, once and within a
minute. It must have been started with a port for browsers: portolan serve --web
127.0.0.1:0. With --open the link is opened, which other users of this machine can
see in the list of processes; where another person is logged in it is refused.`,
		Example: `  portolan web
  portolan web --open`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runWeb(cmd.Context(), open) },
	}
	c.Flags().BoolVar(&open, "open", false, "open the link, and do not print it")
	return c
}

func (p *program) runWeb(ctx context.Context, open bool) error {
	client, err := p.Connect(ctx, p.Options)
	if err != nil {
		return err
	}
	link, err := client.WebLink(ctx)
	switch {
	case err != nil:
		return err
	case open && p.OpenLink == nil:
		return &portolan.Fault{Kind: portolan.Failed, Code: "open-link",
			Message: "this program cannot open a browser", Hint: "leave out --open, and open the link yourself"}
	case open:
		return p.OpenLink(ctx, link)
	case p.format == "json":
		p.out.json(struct {
			Link string `json:"link"`
		}{link})
	default:
		p.out.printf("%s\n", link)
	}
	return nil
}
