package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/portolan-app/portolan/internal/portolan"
)

// setter is a flag that hands its value to a function.
type setter struct {
	name  string // what the help shows for the value
	set   func(string) error
	value *string // the value now, which the help shows as the default; nil = none
}

// String is the value now.
func (s setter) String() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Type is what the help shows for the value.
func (s setter) Type() string { return s.name }

// Set takes the value that was typed.
func (s setter) Set(text string) error { return s.set(text) }

// outputFlag adds --output; the first word is its default.
func outputFlag(flags *pflag.FlagSet, value *string, words ...string) {
	if *value == "" {
		*value = words[0]
	}
	flags.VarP(setter{strings.Join(words, "|"), func(text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("it must be one of %s", strings.Join(words, ", "))
		}
		*value = text
		return nil
	}, value}, "output", "o", "how to print")
}

// twinOf marks a flag that has a variable of the environment beside it.
const twinOf = "portolan_twin"

// twins gives the named flags variables of the environment: PORTOLAN_ and the
// flag's name. Only flags that say how something is done have one; what is acted
// on is always typed.
func twins(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		variable := "PORTOLAN_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		f := flags.Lookup(name)
		f.Usage += " [$" + variable + "]"
		f.Annotations = map[string][]string{twinOf: {variable}}
	}
}

// readTwins sets flags that were not typed from their variables.
func (p *program) readTwins(flags *pflag.FlagSet) error {
	var err error
	typed := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { typed[f.Name] = true })
	flags.VisitAll(func(f *pflag.Flag) {
		twin := f.Annotations[twinOf]
		if err != nil || f.Changed || len(twin) == 0 || p.Env(twin[0]) == "" || outdone(f, typed) {
			return
		}
		var invalid *pflag.InvalidValueError
		if errors.As(flags.Set(f.Name, p.Env(twin[0])), &invalid) {
			err = &portolan.Fault{Kind: portolan.Usage, Code: "environment",
				Message: fmt.Sprintf("%s cannot be %s: %s", twin[0], quote(invalid.GetValue()), invalid.Unwrap()),
				Hint:    "change or unset the variable, or say --" + f.Name}
		}
	})
	return err
}

// outdone reports whether a flag was typed with which f cannot go together.
func outdone(f *pflag.Flag, typed map[string]bool) bool {
	const exclusive = "cobra_annotation_mutually_exclusive" // cobra exports no name for it
	return slices.ContainsFunc(f.Annotations[exclusive], func(group string) bool {
		return slices.ContainsFunc(strings.Fields(group), func(name string) bool { return typed[name] })
	})
}

// usage makes a fault of a command line that cannot be understood.
func usage(cmd *cobra.Command, err error) error {
	// cobra puts its suggestions on lines of their own.
	message, suggestion, _ := strings.Cut(err.Error(), "\n")
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		message = fmt.Sprintf("--%s cannot be %s: %s", invalid.GetFlag().Name, quote(invalid.GetValue()), invalid.Unwrap())
	}
	hint := fmt.Sprintf("see %s --help", cmd.CommandPath())
	if words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(suggestion), "Did you mean this?")); len(words) > 0 {
		hint = fmt.Sprintf("did you mean %s? %s", strings.Join(words, " or "), hint)
	}
	return &portolan.Fault{Kind: portolan.Usage, Code: "usage", Message: message, Hint: hint}
}

func usagef(cmd *cobra.Command, format string, args ...any) error {
	return usage(cmd, fmt.Errorf(format, args...))
}

// verb is the command as it is typed after the program's name.
func verb(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// noArgs accepts no arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		message := fmt.Sprintf("%s has no command %s", verb(cmd), quote(args[0]))
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			message += "\n\nDid you mean this?\n" + strings.Join(near, "\n")
		}
		return usagef(cmd, "%s", message)
	}
	return usagef(cmd, "%s takes no argument, but was given %s", verb(cmd), quote(args[0]))
}

// takes accepts from least to most arguments; most < 0 is any number. What names
// them as the command's synopsis does.
func takes(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usagef(cmd, "%s needs %s", verb(cmd), what)
		case most >= 0 && len(args) > most:
			return usagef(cmd, "%s takes %s and nothing more, but was given %s", verb(cmd), what, quote(args[most]))
		}
		return nil
	}
}
