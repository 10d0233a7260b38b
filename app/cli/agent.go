package cli

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) agent() *cobra.Command {
	level := new(slog.LevelVar)
	var noTray bool
	c := group("agent", "Run Portolan in the background",
		`  portolan agent start
  portolan agent stop
  portolan agent install`,
		p.agentStart(), p.agentStop(), p.agentInstall(), p.agentUninstall(), p.agentLogLevel())
	c.Long = `Run Portolan in the background. Commands that change or run something start it by
themselves, so "portolan agent start" is seldom needed.

Without a command this process becomes the agent, as the system starts it at login:
it logs to logs/portolan.log in its home, takes PATH, KUBECONFIG, proxies and
credentials' variables from your login shell and not from where it was started, but
for a GitHub token that its starter gave it (see "portolan serve --help"), and
ends at SIGTERM or "portolan agent stop". Then connections may go on for ten seconds
more; a second signal ends it at once. What was started runs again next time.

It shows an icon with a menu in the panel, menu bar or notification area where there
is one, and tells what happens by notifications of the desktop, as the settings
notify_changes, notify_lost and notify_sign_in say.`
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return untilInterrupted(p.Agent(cmd.Context(), AgentOptions{Options: p.Options, NoTray: noTray, Level: level, Ready: p.printReady}))
	}
	tokenFlags(c, &p.Options, "`FILE` that holds the GitHub token, read at every sync")
	logLevelFlag(c, level)
	c.Flags().BoolVar(&noTray, "no-tray", false, "show no icon in the panel")
	twins(c.Flags(), "no-tray")
	return c
}

func (p *program) agentStart() *cobra.Command {
	c := &cobra.Command{
		Use:   "start",
		Short: "Start it, unless it runs",
		Long: `Start Portolan in the background, unless it runs, and return when it answers. It
goes on when this terminal is closed, and reads the GitHub token where these flags
and variables say, at every sync, until it ends.`,
		Example: `  portolan agent start
  portolan agent start --token-file ~/.config/github-token`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			v, err := client.Version(cmd.Context())
			done := "runs already"
			if err == nil {
				// Every engine tells its version; no other answers but one that
				// understands this program.
				_, err = client.Counters(cmd.Context(), nil)
			}
			if err != nil && portolan.AsFault(err).Code == "not-running" {
				stop := p.progress("starting Portolan", nil)
				v, err = p.StartAgent(cmd.Context(), p.Options)
				stop()
				done = "was started"
			}
			if err != nil {
				return err
			}
			if p.format == "json" {
				p.out.json(v)
				return nil
			}
			p.out.printf("Portolan %s %s (pid %d, home %s).\n", v.Version, done, v.PID, v.Home)
			return nil
		},
	}
	tokenFlags(c, &p.Options, "`FILE` that holds the GitHub token, for one that is started")
	return c
}

func (p *program) agentStop() *cobra.Command {
	return &cobra.Command{
		Use:   "stop",
		Short: "Stop it, whoever started it",
		Long: `Stop the Portolan that runs, and return when it has gone. Ports close at once;
connections may go on for ten seconds more. What was started runs again next time.`,
		Example: `  portolan agent stop`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stop := p.progress("waiting for connections to end", nil)
			v, err := p.StopAgent(cmd.Context(), p.Options)
			stop()
			none := err != nil && portolan.AsFault(err).Code == "not-running"
			switch {
			case err != nil && !none:
				return err
			case p.format == "json":
				p.out.json(struct {
					Stopped bool `json:"stopped"`
					PID     int  `json:"pid,omitempty"`
				}{!none, v.PID})
			case none:
				p.out.printf("Portolan was not running.\n")
			default:
				p.out.printf("Portolan has stopped (pid %d).\n", v.PID)
			}
			return nil
		},
	}
}

func (p *program) agentInstall() *cobra.Command {
	c := &cobra.Command{
		Use:   "install",
		Short: "Start it at each login",
		Long: `Start Portolan in the background at each login, from the next one on: by a systemd
user unit on Linux (an autostart entry where there is no systemd), a LaunchAgent on
macOS, the registry's Run key on Windows. It is off until you say so, here or with
"portolan settings set start_at_login true".

Where the GitHub token is read is written down with it: a file or a command, never
the token itself.`,
		Example: `  portolan agent install
  portolan agent install --credential-command /usr/local/bin/github-token`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.Env("PORTOLAN_GITHUB_TOKEN") != "" && p.TokenFile == "" && p.CredentialCommand == "" {
				p.err.printf("The token in PORTOLAN_GITHUB_TOKEN is not written down. Sign in with \"portolan auth login\", or name a --token-file.\n")
			}
			return p.atLogin(cmd, true, "Portolan starts at your next login (%s).\n")
		},
	}
	tokenFlags(c, &p.Options, "`FILE` that holds the GitHub token, read at every sync")
	return c
}

func (p *program) agentUninstall() *cobra.Command {
	return &cobra.Command{
		Use:     "uninstall",
		Short:   "Start it at no login any more",
		Example: `  portolan agent uninstall`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atLogin(cmd, false, "Portolan no longer starts at login (%s is gone).\n")
		},
	}
}

func (p *program) atLogin(cmd *cobra.Command, on bool, done string) error {
	where, err := p.AtLogin(cmd.Context(), p.Options, on)
	if err != nil {
		return err
	}
	if p.format == "json" {
		p.out.json(struct {
			AtLogin bool   `json:"start_at_login"`
			Where   string `json:"where"`
		}{on, where})
		return nil
	}
	p.out.printf(done, where)
	return nil
}

func (p *program) agentLogLevel() *cobra.Command {
	return &cobra.Command{
		Use:   "log-level LEVEL",
		Short: "Change what it logs, while it runs",
		Long: `Change what the running Portolan logs, until it ends: debug, info, warn or error.
What holds for good is a setting: "portolan settings set log_level debug", or
--log-level of "portolan agent".`,
		Example: `  portolan agent log-level debug`,
		Args:    takes(1, 1, "LEVEL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			return client.SetLogLevel(cmd.Context(), args[0])
		},
	}
}
