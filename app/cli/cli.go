// Package cli is the face of Portolan at a terminal: one command for each thing
// that a person may ask of the engine.
//
// A command parses what was typed, makes one call to [api.API] and prints the
// answer. It decides nothing and keeps nothing: what a forward is, whether a
// file is valid and what a sync changes is the business of the packages below.
// Everything that a command needs comes in through [Deps], so that the same code
// runs against a running engine, an engine in this process, or a fake.
//
// Data goes to standard output, as text for people or, with --output json, under
// stable field names. What went wrong, progress and questions go to standard
// error. Values that come from a repository or a cluster are printed without
// control characters.
package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Deps is what the commands work with. Each function returns when ctx
// ends.
type Deps struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer // a terminal is recognised by itself
	Env            func(string) string

	Version, Commit string // of this program; Commit may be ""

	// Device shows the sign-in with a code in the help: this build has an app for it.
	Device bool

	// Connect returns a client of the running engine. When none runs, it or the
	// client's first call gives an [portolan.Unavailable] fault.
	Connect func(context.Context, Options) (api.API, error)

	// OneShot returns an engine in this process that listens nowhere, and what
	// closes it.
	OneShot func(context.Context, Options) (api.API, func() error, error)

	// Serve runs an engine until ctx ends.
	Serve func(context.Context, ServeOptions) error

	// Agent runs an engine that logs to its home until ctx ends or a client asks
	// for the end.
	Agent func(context.Context, AgentOptions) error

	// StartAgent starts an agent that outlives this process, and returns when it
	// answers. Nil: none is ever started.
	StartAgent func(context.Context, Options) (api.Version, error)

	// StopAgent ends the running engine and returns when it has gone.
	StopAgent func(context.Context, Options) (api.Version, error)

	// AtLogin makes an agent start at each login, or at none, and returns where
	// that is written down.
	AtLogin func(ctx context.Context, opts Options, on bool) (where string, err error)

	// Window opens the window and returns the exit code when it is closed; nil where
	// there is none to open.
	Window func(context.Context, WindowOptions) (int, error)

	// Demo runs the demonstration until ctx ends.
	Demo func(context.Context, DemoOptions) error

	// Doctor looks at this machine without an engine.
	Doctor func(context.Context, Options) ([]portolan.Check, error)

	// LogFile is where the agent logs; the part before it has the suffix ".1".
	LogFile func(Options) (string, error)

	// OpenLink opens a link in the person's browser. Nil: this program cannot.
	OpenLink func(ctx context.Context, link string) error

	// PortForward forwards without an engine until ctx ends.
	PortForward func(context.Context, PortForward) error
}

// Options are the flags that say which engine is meant and what it works with.
type Options struct {
	Home      string // the directory of every file and the socket; "" = this system's own place
	TokenFile string // a file that holds the GitHub token; "" = none

	// CredentialCommand prints the GitHub token: a program and its arguments. "" = none.
	CredentialCommand string

	// GitHubHost is the host that a token is for which is given outside the
	// keychain. "" = github.com.
	GitHubHost string
}

// ServeOptions are the flags of serve.
type ServeOptions struct {
	Options
	Web   WebOptions
	Log   *slog.Logger
	Level *slog.LevelVar // of Log
	// Ready is called once, as soon as commands are answered, with a link to the
	// pages, or "" where none are served.
	Ready func(v api.Version, link string)
}

// WebOptions are the flags that say where the pages are served to browsers.
type WebOptions struct {
	Address           string // "" = nowhere
	AllowRemote       bool
	CertFile, KeyFile string
}

// AgentOptions are the flags of agent.
type AgentOptions struct {
	Options
	NoTray bool           // show no icon in the panel
	Level  *slog.LevelVar // of its log
	// Ready is called once, as soon as commands are answered.
	Ready func(api.Version)
}

// WindowOptions are the flags of a program that has a window, without a command.
type WindowOptions struct {
	Options
	InProcess bool   // the engine is the window's own
	Page      string // that it opens at, as in [api.API.Raise]
}

// DemoOptions are the flags of demo.
type DemoOptions struct {
	Web WebOptions
	Log *slog.Logger
	// Ready is called once, as soon as the demonstration can be used.
	Ready func(DemoInfo)
}

// DemoInfo says what a demonstration offers.
type DemoInfo struct {
	Home       string   `json:"home"`       // its PORTOLAN_HOME
	Worktree   string   `json:"worktree"`   // where a person commits
	Repository string   `json:"repository"` // URL of the repository as Portolan follows it
	Kubeconfig string   `json:"kubeconfig"`
	Try        []string `json:"try"` // shell lines worth trying, in order

	// Web is a link to the pages; "" where none are served.
	Web string `json:"web,omitempty"`
}

// program is one run of the command line.
type program struct {
	Deps
	Options
	args     []string // the command line
	out, err *screen
	format   string // text or json; github for validate
	manual   bool   // no agent is started by itself
	parsed   bool   // the command line was understood; later errors are the command's
}

// Run does what args say, without the program's name, and returns the exit code.
// It returns soon after ctx ends.
func Run(ctx context.Context, deps Deps, args []string) int {
	p := &program{Deps: deps, args: args}
	p.out = newScreen(deps.Stdout, deps.Env)
	p.err = newScreen(deps.Stderr, deps.Env)
	root := p.root()
	root.SetArgs(args)
	err := p.faultOf(root, root.ExecuteContext(ctx))
	p.report(err)
	return exitCode(err)
}

// faultOf completes the outcome of a command: what cobra itself finds wrong is a
// usage fault, and output that got lost is a failure.
func (p *program) faultOf(root *cobra.Command, err error) error {
	if output := root.PersistentFlags().Lookup("output"); !p.parsed && !output.Changed {
		_ = output.Value.Set(p.Env("PORTOLAN_OUTPUT")) // for this message; a wrong value is of no use here
	}
	var fault *portolan.Fault
	switch {
	case err == nil && p.out.failed != nil:
		return &portolan.Fault{Kind: portolan.Failed, Code: "output",
			Message: "the output could not be written: " + p.out.failed.Error(),
			Hint:    "check where standard output leads, and the room left on that disk"}
	case errors.Is(err, context.Canceled):
		return &portolan.Fault{Kind: portolan.Failed, Code: "interrupted", Message: "interrupted"}
	case err != nil && !p.parsed && !errors.As(err, &fault):
		return usage(root, err)
	}
	return err
}

// untilInterrupted is the outcome of a command that runs in the foreground:
// Ctrl-C is how it is meant to end.
func untilInterrupted(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// connectOrStart connects to the engine, for a command that changes or runs
// something: where none runs an agent is started, unless that is forbidden.
func (p *program) connectOrStart(ctx context.Context) (api.API, error) {
	client, err := p.Connect(ctx, p.Options)
	if p.manual || p.StartAgent == nil {
		return client, err
	}
	if err == nil {
		_, err = client.Version(ctx)
	}
	if err == nil || portolan.AsFault(err).Code != "not-running" {
		return client, err
	}
	stop := p.progress("starting Portolan", nil)
	v, err := p.StartAgent(ctx, p.Options)
	stop()
	if err != nil {
		return nil, err
	}
	if p.format == "json" {
		p.err.json(struct {
			Started api.Version `json:"started"`
		}{v})
	} else {
		p.err.printf("Portolan was not running; started it (pid %d)\n", v.PID)
	}
	return p.Connect(ctx, p.Options)
}

// lookOrStart is connectOrStart and the view.
func (p *program) lookOrStart(ctx context.Context) (api.API, portolan.View, error) {
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return nil, portolan.View{}, err
	}
	view, err := client.View(ctx)
	return client, view, err
}

// look connects to the engine and reads its view.
func (p *program) look(ctx context.Context) (api.API, portolan.View, error) {
	client, err := p.Connect(ctx, p.Options)
	if err != nil {
		return nil, portolan.View{}, err
	}
	view, err := client.View(ctx)
	return client, view, err
}

// The headings under which the help lists the commands.
const (
	groupRun     = "run"
	groupSources = "sources"
	groupEntries = "entries"
	groupTools   = "tools"
)

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "portolan",
		Short: "Port-forwards that a team shares in a GitHub repository",
		Long: `Portolan follows a GitHub repository in which a team keeps its Kubernetes
port-forwards as JSON files, one per environment, and forwards them.

Commands that change or run something start Portolan in the background where it is
not running, and say so; "portolan agent stop" ends it. Or run it in a terminal of
its own with "portolan serve".

A flag that is followed by [$PORTOLAN_...] can be set by that variable as well; one
that is typed wins. Exit codes: 0 done, 1 failed or invalid, 2 a dry run that would
change something, 64 not understood or not readable, 69 nothing is running, 75 it
is tried again by itself, 77 sign in or ask for the right.`,
		Example: `  portolan serve
  portolan source add acme/forwards
  portolan list
  portolan start staging/api`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.readTwins(cmd.Flags()); err != nil {
				return err
			}
			if err := cmd.ValidateFlagGroups(); err != nil { // cobra itself looks too late for a usage fault
				return err
			}
			p.parsed = true
			return nil
		},
	}
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetIn(p.Stdin)
	root.SetFlagErrorFunc(usage)
	flags := root.PersistentFlags()
	flags.StringVar(&p.Home, "home", "", "directory `DIR` of every file and the socket")
	outputFlag(flags, &p.format, "text", "json")
	flags.BoolVar(&p.manual, "no-autostart", false, "fail rather than start Portolan in the background")
	twins(flags, "home", "output", "no-autostart")

	if p.Window != nil {
		p.opensWindow(root)
	}
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "Forwards:"},
		&cobra.Group{ID: groupSources, Title: "Team repositories:"},
		&cobra.Group{ID: groupEntries, Title: "Entries on this machine:"},
		&cobra.Group{ID: groupTools, Title: "Program:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupRun, p.list(), p.status(), p.start(), p.stop(), p.wait(), p.url(), p.run(), p.events(), p.kubectl(), p.confirm(), p.portForward())
	add(groupSources, p.source(), p.sync(), p.review(), p.hold(), p.restore(), p.pause(), p.resume(),
		p.history(), p.diff(), p.superseded(), p.validate(), p.auth(), p.trust())
	add(groupEntries, p.add(), p.edit(), p.remove(), p.undo(), p.favourite(), p.importFile(), p.export(), p.context())
	add(groupTools, p.agent(), p.serve(), p.web(), p.settingsOf(), p.doctor(), p.logs(), p.demo(), p.completion(), p.man(), p.version())
	root.SetHelpCommandGroupID(groupTools)
	root.CompletionOptions.DisableDefaultCmd = true // ours is in completion.go
	p.complete(root)
	return root
}

// opensWindow makes the program without a command open the window.
func (p *program) opensWindow(root *cobra.Command) {
	var opts WindowOptions
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		opts.Options = p.Options
		code, err := p.Window(cmd.Context(), opts)
		if err == nil && code != exitOK {
			return exited(code)
		}
		return err
	}
	root.Flags().BoolVar(&opts.InProcess, "in-process", false, "run the engine in the window's own process")
	root.Flags().StringVar(&opts.Page, "page", "", "open the window at this page")
	for _, inner := range []string{"in-process", "page"} { // for tests, and for the tray
		_ = root.Flags().MarkHidden(inner) // it fails for an unknown flag alone
	}
}

// group is a command that only holds others.
func group(use, short, example string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Example: example,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	c.AddCommand(commands...)
	return c
}
