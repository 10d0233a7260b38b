package cli

import (
	"errors"
	"log/slog"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
)

func (p *program) serve() *cobra.Command {
	level, web := new(slog.LevelVar), new(WebOptions)
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the engine in the foreground, until Ctrl-C",
		Long: `Run the engine in the foreground: follow the sources, forward what was started,
and answer the other commands. What it does is logged to standard error, with
--output json as JSON. Ctrl-C ends it; what runs then is started again next time.

A GitHub token is taken from --token-file, from what --credential-command prints,
from PORTOLAN_GITHUB_TOKEN or GITHUB_TOKEN, or from the keychain after "portolan
auth login", in this order. All but the last are for github.com, or for the host
that --github-host names, and are read at every sync. The command is run
without a shell and has 30 s; its environment says which host in PORTOLAN_HOST.

With --web the pages are served to a browser too, and a link to them is printed
that signs one browser in, once and within a minute; "portolan web" prints another.
From another machine, reach them with ssh -L PORT:127.0.0.1:PORT, both ports the
same.`,
		Example: `  portolan serve
  portolan serve --home /srv/portolan --token-file /run/secrets/github
  portolan serve --credential-command /usr/local/bin/github-token
  portolan serve --web 127.0.0.1:0`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return untilInterrupted(p.Serve(cmd.Context(),
				ServeOptions{Options: p.Options, Web: *web, Log: p.logger(level), Level: level, Ready: p.printServing}))
		},
	}
	tokenFlags(c, &p.Options, "`FILE` that holds the GitHub token, read at every sync")
	logLevelFlag(c, level)
	webFlags(c, web)
	return c
}

func (p *program) printReady(v api.Version) { p.printServing(v, "") }

func (p *program) printServing(v api.Version, link string) {
	if p.format == "json" {
		p.out.jsonLine(struct {
			api.Version
			Web string `json:"web,omitempty"`
		}{v, link})
		return
	}
	p.out.printf("Portolan %s is running (pid %d, home %s). Ctrl-C ends it.\n", v.Version, v.PID, v.Home)
	p.printLink(link)
}

// logger writes to standard error, in the form that --output asks for.
func (p *program) logger(level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if p.format == "json" {
		return slog.New(slog.NewJSONHandler(p.err, options))
	}
	return slog.New(slog.NewTextHandler(p.err, options))
}

func logLevelFlag(c *cobra.Command, level *slog.LevelVar) {
	c.Flags().Var(setter{"LEVEL", func(text string) error {
		if level.UnmarshalText([]byte(text)) != nil {
			return errors.New("it must be debug, info, warn or error")
		}
		return nil
	}, nil}, "log-level", "what to log at least: debug, info (default), warn, error")
	twins(c.Flags(), "log-level")
}

// tokenFlags say where a token comes from that is not in the keychain.
func tokenFlags(c *cobra.Command, options *Options, file string) {
	c.Flags().StringVar(&options.TokenFile, "token-file", "", file)
	c.Flags().StringVar(&options.CredentialCommand, "credential-command", "", "`COMMAND` that prints the GitHub token, run without a shell")
	c.Flags().StringVar(&options.GitHubHost, "github-host", "", "`HOST` that such a token is for (default github.com)")
	twins(c.Flags(), "token-file", "credential-command", "github-host")
	c.MarkFlagsMutuallyExclusive("token-file", "credential-command") // after twins, which set the annotations anew
}

func (p *program) demo() *cobra.Command {
	level, web := new(slog.LevelVar), new(WebOptions)
	c := &cobra.Command{
		Use:   "demo",
		Short: "Try Portolan without GitHub and without a cluster",
		Long: `Run a small GitHub, a small cluster and an engine that follows the one and
forwards into the other, all on this machine, and say what to try. Ctrl-C ends it
and leaves nothing behind.`,
		Example: `  portolan demo
  portolan demo --web 127.0.0.1:0`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return untilInterrupted(p.Demo(cmd.Context(), DemoOptions{Web: *web, Log: p.logger(level), Ready: p.printDemo}))
		},
	}
	logLevelFlag(c, level)
	webFlags(c, web)
	return c
}

func (p *program) printDemo(info DemoInfo) {
	if p.format == "json" {
		p.out.jsonLine(info)
		return
	}
	p.out.printf("The demo is running: a GitHub with one team repository, and a small cluster.\n\n")
	for _, line := range []struct{ name, value string }{
		{"followed", info.Repository},
		{"commit in", info.Worktree},
		{"kubeconfig", info.Kubeconfig},
	} {
		p.out.printf("  %-11s %s\n", line.name, line.value)
	}
	p.out.printf("\nTry in another terminal:\n\n  export PORTOLAN_HOME=%s\n", quote(info.Home))
	for _, line := range info.Try {
		p.out.printf("  %s\n", line)
	}
	p.out.printf(`
A browser does as well as curl. The demo also syncs by itself, every few seconds;
at each sync the repository wins, and what you had written is under "superseded".

Ctrl-C ends the demo and removes all of it.
`)
	p.printLink(info.Web)
}

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Long: `Print the version of this program. "portolan status" says that of the engine that
is running.`,
		Example: `  portolan version --output json`,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				Version string `json:"version"`
				Commit  string `json:"commit"`
				Go      string `json:"go"`
				OS      string `json:"os"`
				Arch    string `json:"arch"`
			}{p.Version, p.Commit, runtime.Version(), runtime.GOOS, runtime.GOARCH}
			if p.format == "json" {
				p.out.json(v)
				return nil
			}
			p.out.printf("portolan %s", v.Version)
			if v.Commit != "" {
				p.out.printf(" (%s)", v.Commit)
			}
			p.out.printf(" %s %s/%s\n", v.Go, v.OS, v.Arch)
			return nil
		},
	}
}
