package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// entryFlags adds one flag for each field of an entry that Portolan acts on, and
// collects what is given in fields. The flag of remote_port is --remote-port.
func entryFlags(c *cobra.Command, fields api.Fields) {
	for _, f := range portolan.Fields() {
		if f.Kept {
			continue
		}
		shown, help := fieldHelp(f)
		c.Flags().Var(setter{shown, func(text string) error {
			value, err := fieldValue(f, text)
			if err == nil {
				fields[f.Name] = value
			}
			return err
		}, nil}, flagOf(f.Name), help)
	}
}

func flagOf(field string) string { return strings.ReplaceAll(field, "_", "-") }
func fieldOf(flag string) string { return strings.ReplaceAll(flag, "-", "_") }

// fieldHelp is what the help says of a field: a word for its value, and what it
// means.
func fieldHelp(f portolan.Field) (shown, help string) {
	help = strings.TrimSuffix(f.Description, ".")
	if len(f.Enum) > 0 {
		return "WORD", help + " (" + strings.Join(f.Enum, ", ") + ")"
	}
	switch f.Type {
	case portolan.TypeInteger:
		shown = "NUMBER"
	case portolan.TypePort:
		shown = "PORT"
	case portolan.TypeStrings:
		shown = "A,B,..."
	case portolan.TypeBoolean:
		shown = "true|false"
	case portolan.TypeString:
		shown = "TEXT"
	}
	return shown, help
}

// fieldValue is the JSON of a field as it was typed. Whether the value is
// allowed is the engine's to say; here it only has to be of the field's type.
func fieldValue(f portolan.Field, text string) (json.RawMessage, error) {
	var value any = text
	switch f.Type {
	case portolan.TypeInteger:
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("it must be a number")
		}
		value = n
	case portolan.TypeBoolean:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("it must be true or false")
		}
		value = b
	case portolan.TypePort:
		if n, err := strconv.Atoi(text); err == nil {
			value = n
		}
	case portolan.TypeString:
	case portolan.TypeStrings:
		value = strings.Split(text, ",")
	}
	return json.Marshal(value)
}

func (p *program) add() *cobra.Command {
	var environment string
	fields := api.Fields{}
	c := &cobra.Command{
		Use:   "add --env ENV --alias NAME --service SERVICE --remote-port PORT",
		Short: "Add an entry of your own",
		Long: `Add an entry that belongs to this machine only. No sync touches it. The flags are
the fields of an environment file.`,
		Example: `  portolan add --env dev --alias api --namespace shop --service api --remote-port http
  portolan add --env dev --alias db --workload-type statefulset --service db --remote-port 5432 --local-port 5432`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if environment == "" || len(fields) == 0 {
				return usagef(cmd, "%s needs --env ENVIRONMENT and the entry's fields, such as --service and --remote-port", verb(cmd))
			}
			client, err := p.connectOrStart(cmd.Context())
			if err != nil {
				return err
			}
			f, err := client.Add(cmd.Context(), environment, fields)
			if err != nil {
				return err
			}
			p.printForward(f, "%s is added: %s. Start it with: portolan start %s", bold(api.FullName(f)), leadsTo(f.Entry), quote(api.FullName(f)))
			return nil
		},
	}
	c.Flags().StringVar(&environment, "env", "", "`ENVIRONMENT` to add it to")
	entryFlags(c, fields)
	return c
}

func (p *program) edit() *cobra.Command {
	var here bool
	var unset []string
	fields := api.Fields{}
	c := &cobra.Command{
		Use:   "edit [SOURCE:][ENV/]NAME",
		Short: "Change fields of an entry",
		Long: `Change fields of an entry: of one of your own for good, of a synced one until the
next sync of its source, when the repository wins. With --here the change is for
this machine and no sync touches it; it may be of local-port, local-address and
context.`,
		Example: `  portolan edit dev/api --remote-port 8081
  portolan edit dev/api --local-port 9000 --here
  portolan edit dev/api --clear local-port --here`,
		Args: takes(1, 1, "[SOURCE:][ENV/]NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := clearFields(cmd, fields, unset); err != nil {
				return err
			}
			if len(fields) == 0 {
				return usagef(cmd, "%s was given nothing to change", verb(cmd))
			}
			return p.runEdit(cmd.Context(), args[0], fields, here)
		},
	}
	c.Flags().BoolVar(&here, "here", false, "only on this machine, whatever the repository says")
	c.Flags().StringSliceVar(&unset, "clear", nil, "`FIELD` to take away; may be repeated")
	entryFlags(c, fields)
	return c
}

// clearFields sets each named field to null. A field may be named as in the
// files or as a flag.
func clearFields(cmd *cobra.Command, fields api.Fields, unset []string) error {
	var known []string
	for _, f := range portolan.Fields() {
		known = append(known, f.Name)
	}
	for _, name := range unset {
		field := fieldOf(name)
		if !slices.Contains(known, field) {
			message := fmt.Sprintf("an entry has no field %s", quote(name))
			if near := portolan.Nearest(field, known); near != "" {
				message += "\nDid you mean this?\n" + flagOf(near)
			}
			return usagef(cmd, "%s", message)
		}
		if _, set := fields[field]; set {
			return usagef(cmd, "--%s and --clear %s contradict each other", flagOf(field), name)
		}
		fields[field] = json.RawMessage("null")
	}
	return nil
}

func (p *program) runEdit(ctx context.Context, name string, fields api.Fields, here bool) error {
	client, before, err := p.connectTo(ctx, name)
	if err != nil {
		return err
	}
	after, err := client.Edit(ctx, before.ID, fields, here)
	if err != nil {
		return err
	}
	if p.format == "json" {
		p.printForward(after, "")
		return nil
	}
	p.out.printf("%s is changed: %s.\n", bold(api.FullName(after)), leadsTo(after.Entry))
	switch {
	case here:
		p.out.printf("The change is for this machine; no sync touches it.\n")
	case after.Source != portolan.Mine:
		return p.printRepositoryWins(ctx, client, after)
	}
	return nil
}

// printRepositoryWins says, at the moment of an edit, how long it will live.
func (p *program) printRepositoryWins(ctx context.Context, client api.API, f portolan.ForwardView) error {
	view, err := client.View(ctx)
	if err != nil {
		return err
	}
	source, err := findSource(view, f.Source)
	if err != nil {
		return err
	}
	if source.OnEdit == portolan.KeepUntilChanged {
		p.out.printf("It stays until the repository changes the same field.\n")
		return nil
	}
	when := "at the next sync of " + source.Name
	switch next := source.Status.Next; {
	case source.Held != nil:
		when = "when " + source.Name + " goes on (portolan resume " + source.Name + ")"
	case source.Apply == portolan.ApplyReview:
		when = "when you take the next commit of " + source.Name
	case !next.IsZero():
		when += " (" + until(next) + ")"
	}
	p.out.printf("%s\n", yellow("The repository wins "+when+"."))
	p.out.printf("Your edit is then kept under \"portolan superseded\". For this machine only: --here.\n")
	return nil
}

func (p *program) remove() *cobra.Command {
	return &cobra.Command{
		Use:     "remove [SOURCE:][ENV/]NAME...",
		Short:   "Remove entries of your own",
		Example: `  portolan remove mine:dev/api`,
		Args:    takes(1, -1, "[SOURCE:][ENV/]NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, view, err := p.lookOrStart(cmd.Context())
			if err != nil {
				return err
			}
			// All names are looked up first, so that a slip removes nothing.
			forwards, err := api.Selection{Names: args}.Pick(view.Forwards)
			if err != nil {
				return err
			}
			return p.runRemove(cmd.Context(), client, forwards)
		},
	}
}

func (p *program) runRemove(ctx context.Context, client api.API, forwards []portolan.ForwardView) error {
	for _, f := range forwards {
		if err := client.Remove(ctx, f.ID); err != nil {
			return err
		}
		if p.format != "json" {
			p.out.printf("%s is removed.\n", bold(api.FullName(f)))
		}
	}
	if p.format == "json" {
		p.printForwards(forwards)
	}
	return nil
}
