package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/portolan-app/portolan/internal/portolan"
)

// config is short for what every setting is a part of.
type config = portolan.SourceConfig

// settings collects the settings of a source that were given as flags, so that
// add can apply them to an empty configuration and set to the present one. An
// empty value stands for the default.
type settings struct {
	flags *pflag.FlagSet
	names []string // of the flags
	edits []func(*config)
}

// apply makes the changes that were asked for, in order.
func (s *settings) apply(c *config) {
	for _, edit := range s.edits {
		edit(c)
	}
}

// add adds a flag whose parsed value edits the configuration.
func (s *settings) add(name, shown, help string, parse func(string) (func(*config), error)) {
	s.names = append(s.names, name)
	s.flags.Var(setter{shown, func(text string) error {
		edit, err := parse(text)
		if err == nil {
			s.edits = append(s.edits, edit)
		}
		return err
	}, nil}, name, help)
}

// all adds every setting.
func (s *settings) all() {
	s.text("ref", "REF", "branch, tag or full SHA (default: the default branch)",
		func(c *config) *string { return &c.Ref })
	s.text("path", "PATH", "directory or file inside the repository",
		func(c *config) *string { return &c.Path })
	s.selection()
	s.list("enabled", "GLOBS", "environments that appear here (default: all)",
		func(c *config) *[]string { return &c.Enabled })
	s.list("protected", "GLOBS", "environments that are never deleted or started in passing",
		func(c *config) *[]string { return &c.Protected })
	s.text("api-url", "URL", "of the GitHub API, where it is not at the usual place",
		func(c *config) *string { return &c.Repo.APIURL })
	s.text("account", "LOGIN", "to use, where the host has several",
		func(c *config) *string { return &c.Account })
	s.duration("interval", "between syncs, such as 30s or 5m (default: 60s with a token, 15m without)",
		func(c *config) *portolan.Duration { return &c.Interval })
	s.duration("timeout", "for one whole sync (default: 120s)",
		func(c *config) *portolan.Duration { return &c.Timeout })
	word(s, "on-missing", "what happens to an entry that the repository no longer has",
		func(c *config) *portolan.OnMissing { return &c.OnMissing },
		portolan.DeleteMissing, portolan.KeepMissing, portolan.FailMissing)
	word(s, "on-invalid", "what happens when a file is invalid",
		func(c *config) *portolan.OnInvalid { return &c.OnInvalid },
		portolan.KeepLastGood, portolan.SkipEntry, portolan.FailInvalid)
	word(s, "apply", "whether a sync takes what it finds, or waits for your yes",
		func(c *config) *portolan.Apply { return &c.Apply },
		portolan.ApplyAuto, portolan.ApplyReview)
	word(s, "on-edit", "what happens to your edits at a sync",
		func(c *config) *portolan.OnEdit { return &c.OnEdit },
		portolan.RepoWins, portolan.KeepUntilChanged)
	s.choice("require-verified", "whether only commits are taken that the host reports as verified, of the signers",
		func(c *config) *bool { return &c.RequireVerified })
	s.list("signers", "EMAILS", "committers whose verified commits are taken",
		func(c *config) *[]string { return &c.Signers })
}

// selection adds the settings that say which files are environment files.
func (s *settings) selection() {
	s.list("include", "GLOBS", "only files that match, such as 'prod/**.json'",
		func(c *config) *[]string { return &c.Include })
	s.list("exclude", "GLOBS", "no files that match",
		func(c *config) *[]string { return &c.Exclude })
	word(s, "layout", "how environments are named",
		func(c *config) *string { return &c.Layout },
		"auto", "files", "folders", "single")
	s.renames("rename", "other names here for environments of the repository, such as dev-eu=dev",
		func(c *config) *map[string]string { return &c.Rename })
}

func (s *settings) text(name, shown, help string, field func(*config) *string) {
	s.add(name, shown, help, func(text string) (func(*config), error) {
		return func(c *config) { *field(c) = text }, nil
	})
}

// list takes values separated by commas, and may be repeated. The first one
// given replaces what was there.
func (s *settings) list(name, shown, help string, field func(*config) *[]string) {
	var values []string
	s.add(name, shown, help, func(text string) (func(*config), error) {
		for value := range strings.SplitSeq(text, ",") {
			if value != "" {
				values = append(values, value)
			}
		}
		return func(c *config) { *field(c) = values }, nil
	})
}

// renames takes pairs THEIRS=HERE separated by commas, and may be repeated. The first
// one given replaces what was there.
func (s *settings) renames(name, help string, field func(*config) *map[string]string) {
	var pairs map[string]string
	s.add(name, "THEIRS=HERE", help, func(text string) (func(*config), error) {
		for pair := range strings.SplitSeq(text, ",") {
			theirs, here, ok := strings.Cut(pair, "=")
			switch {
			case pair == "":
				continue
			case !ok || theirs == "" || here == "":
				return nil, errors.New("it must be pairs such as dev-eu=dev")
			case pairs == nil:
				pairs = map[string]string{}
			}
			pairs[theirs] = here
		}
		return func(c *config) { *field(c) = pairs }, nil
	})
}

// choice takes on or off.
func (s *settings) choice(name, help string, field func(*config) *bool) {
	help += " (off, on)"
	s.add(name, "WORD", help, func(text string) (func(*config), error) {
		if text != "" && text != "off" && text != "on" {
			return nil, errors.New("it must be on or off")
		}
		return func(c *config) { *field(c) = text == "on" }, nil
	})
}

func (s *settings) duration(name, help string, field func(*config) *portolan.Duration) {
	s.add(name, "TIME", help, func(text string) (func(*config), error) {
		if text == "" {
			return func(c *config) { *field(c) = 0 }, nil
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil, errors.New("it must be a time such as 30s, 5m or 1h30m")
		}
		return func(c *config) { *field(c) = portolan.Duration(d) }, nil
	})
}

// word takes one of a few words, the default first.
func word[T ~string](s *settings, name, help string, field func(*config) *T, words ...T) {
	known := make([]string, len(words))
	for i, w := range words {
		known[i] = string(w)
	}
	help += " (" + strings.Join(known, ", ") + ")"
	s.add(name, "WORD", help, func(text string) (func(*config), error) {
		if text != "" && !slices.Contains(known, text) {
			return nil, fmt.Errorf("it must be one of %s", strings.Join(known, ", "))
		}
		return func(c *config) { *field(c) = T(text) }, nil
	})
}
