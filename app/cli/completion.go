package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// completeLimit is how long a person waits for names after Tab.
const completeLimit = 300 * time.Millisecond

func (p *program) completion() *cobra.Command {
	scripts := map[string]func(*cobra.Command) error{
		"bash":       func(root *cobra.Command) error { return root.GenBashCompletionV2(p.out, true) },
		"zsh":        func(root *cobra.Command) error { return root.GenZshCompletion(p.out) },
		"fish":       func(root *cobra.Command) error { return root.GenFishCompletion(p.out, true) },
		"powershell": func(root *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(p.out) },
	}
	const shells = "bash, zsh, fish or powershell"
	return &cobra.Command{
		Use:   "completion {bash | zsh | fish | powershell}",
		Short: "Print what lets your shell complete command lines",
		Long: `Print the script with which your shell completes the command lines of Portolan:
commands and flags, and the names of forwards, sources and environments as far as an
engine is running that knows them. None is started for that.

  bash        into a file below /etc/bash_completion.d, or source it in ~/.bashrc
  zsh         as _portolan into a directory of $fpath
  fish        as ~/.config/fish/completions/portolan.fish
  powershell  portolan completion powershell | Out-String | Invoke-Expression`,
		Example: `  portolan completion bash > /etc/bash_completion.d/portolan
  portolan completion fish > ~/.config/fish/completions/portolan.fish`,
		ValidArgs: []string{"bash", "fish", "powershell", "zsh"},
		Args: func(cmd *cobra.Command, args []string) error {
			if err := takes(1, 1, shells)(cmd, args); err != nil {
				return err
			}
			if scripts[args[0]] == nil {
				return usagef(cmd, "there is no script for %s, only for %s", quote(args[0]), shells)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return scripts[args[0]](cmd.Root()) },
	}
}

// names says what may stand in a command line next after args.
type names func(ctx context.Context, client api.API, args []string) []string

// complete lets commands and flags complete the names that the engine knows.
func (p *program) complete(root *cobra.Command) {
	always := func(int) bool { return true }
	first := func(n int) bool { return n == 0 }
	three := func(n int) bool { return n < 3 }
	for path, c := range map[string]struct {
		names names
		here  func(args int) bool // whether it may be the next after so many
	}{
		"start": {forwardNames, always}, "stop": {forwardNames, always}, "wait": {forwardNames, always},
		"run": {forwardNames, always}, "url": {forwardNames, first}, "confirm": {forwardNames, first},
		"edit": {forwardNames, first}, "remove": {forwardNames, always}, "export": {forwardNames, always},
		"favourite": {forwardNames, always}, "events": {forwardNames, first}, "status": {forwardNames, first}, "kubectl": {forwardNames, first},
		"sync": {sourceNames, always}, "history": {sourceNames, first}, "diff": {sourceNames, first},
		"review": {sourceNames, first}, "review approve": {sourceNames, first}, "restore": {sourceNames, first},
		"hold": {sourceNames, first}, "resume": {heldNames, first}, "trust revoke": {sourceNames, first},
		"source show": {sourceNames, first}, "source set": {sourceNames, first},
		"source confirm": {sourceNames, first}, "source remove": {sourceNames, first},
		"superseded keep": {supersededIDs, first}, "superseded dismiss": {supersededIDs, first},
		"auth login": {hostNames, first}, "auth logout": {hostNames, first},
		"context map":  {mapNames, three},
		"settings get": {settingNames, first}, "settings set": {settingNames, first},
		"agent log-level": {levelNames, first},
	} {
		command, _, err := root.Find(strings.Fields(path))
		if err != nil {
			panic("cli: " + err.Error()) // a slip in the table above
		}
		command.ValidArgsFunction = p.completer(func(args []string) bool { return c.here(len(args)) }, c.names)
	}
	p.completeFlags(root)
}

// completeFlags does so for each flag of that name.
func (p *program) completeFlags(c *cobra.Command) {
	for name, names := range map[string]names{"env": environmentNames, "source": sourceNames} {
		if c.Flags().Lookup(name) != nil {
			_ = c.RegisterFlagCompletionFunc(name, p.completer(func([]string) bool { return true }, names)) // fails for no flag that is there
		}
	}
	for _, sub := range c.Commands() {
		p.completeFlags(sub)
	}
}

// completer asks the running engine, for a moment and without starting one.
func (p *program) completer(here func(args []string) bool, names names) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const nothingElse = cobra.ShellCompDirectiveNoFileComp
		if slices.Contains(p.args[:len(p.args)-1], "--") { // cobra does not tell it from one of its own
			return nil, cobra.ShellCompDirectiveDefault // the command line of another program
		}
		if !here(args) || p.readTwins(cmd.Flags()) != nil {
			return nil, nothingElse
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completeLimit)
		defer cancel()
		client, err := p.Connect(ctx, p.Options)
		if err != nil {
			return nil, nothingElse
		}
		var fits []cobra.Completion
		for _, name := range names(ctx, client, args) {
			value, _, _ := strings.Cut(name, "\t")
			if strings.HasPrefix(value, begun) && !slices.Contains(args, value) && clean(value) == value {
				fits = append(fits, name)
			}
		}
		return fits, nothingElse
	}
}

// forwardNames are the shortest names that fit one forward each, with where they
// lead.
func forwardNames(ctx context.Context, client api.API, _ []string) []string {
	view, err := client.View(ctx)
	if err != nil {
		return nil
	}
	count := map[string]int{}
	for _, f := range view.Forwards {
		for _, name := range api.Names(f) {
			count[name]++
		}
	}
	var list []string
	for _, f := range view.Forwards {
		known := api.Names(f)
		i := slices.IndexFunc(known[1:], func(name string) bool { return count[name] == 1 }) // with the environment: what people type
		if i >= 0 {
			list = append(list, known[i+1]+"\t"+clean(leadsTo(f.Entry)))
		}
	}
	return list
}

func sourceNames(ctx context.Context, client api.API, _ []string) []string {
	view, err := client.View(ctx)
	if err != nil {
		return nil
	}
	list := []string{}
	for _, s := range view.Sources {
		list = append(list, s.Name+"\t"+clean(repository(s.SourceConfig)))
	}
	return list
}

// heldNames are the sources that can be let go on.
func heldNames(ctx context.Context, client api.API, _ []string) []string {
	view, err := client.View(ctx)
	if err != nil {
		return nil
	}
	list := []string{}
	for _, s := range view.Sources {
		if s.Held != nil {
			list = append(list, s.Name+"\t"+clean(commit(s.Held.Commit)))
		}
	}
	return list
}

func environmentNames(ctx context.Context, client api.API, _ []string) []string {
	view, err := client.View(ctx)
	if err != nil {
		return nil
	}
	var list []string
	for _, f := range view.Forwards {
		list = append(list, f.Environment)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// settingNames need no engine.
func settingNames(context.Context, api.API, []string) []string {
	var list []string
	for _, s := range (portolan.Settings{}).List() {
		list = append(list, s.Name+"\t"+s.Help)
	}
	return list
}

// levelNames need no engine either.
func levelNames(context.Context, api.API, []string) []string {
	return []string{"debug", "info", "warn", "error"}
}

// mapNames are an environment, a context that it names, and one of this machine's.
func mapNames(ctx context.Context, client api.API, args []string) []string {
	if len(args) == 0 {
		return environmentNames(ctx, client, args)
	}
	contexts, err := client.Contexts(ctx)
	if err != nil {
		return nil
	}
	var list []string
	for _, use := range contexts.Uses {
		if len(args) == 1 && use.Environment == args[0] && use.Team != "" {
			list = append(list, use.Team)
		}
	}
	for _, c := range contexts.Contexts {
		if len(args) == 2 {
			list = append(list, c.Name+"\t"+clean(c.Server))
		}
	}
	return list
}

func supersededIDs(ctx context.Context, client api.API, _ []string) []string {
	view, err := client.View(ctx)
	if err != nil {
		return nil
	}
	var list []string
	for _, s := range view.Superseded {
		list = append(list, shortID(view.Superseded, s.ID)+"\t"+clean(s.Source+":"+s.Environment+"/"+s.Alias))
	}
	return list
}

// hostNames are those of the sources and accounts, which may be signed in to anew.
func hostNames(ctx context.Context, client api.API, _ []string) []string {
	view, err := client.View(ctx)
	if err != nil {
		return nil
	}
	var list []string
	for _, s := range view.Sources {
		list = append(list, s.Repo.Host)
	}
	for _, a := range view.Accounts {
		list = append(list, a.Host)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
