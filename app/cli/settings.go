package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/portolan-app/portolan/internal/portolan"
)

// sourceSettings collects the settings of a source that were given as flags, so
// that add can apply them to an empty configuration and set to the present one.
type sourceSettings struct {
	edits []func(*portolan.SourceConfig)
}

func (s *sourceSettings) apply(c *portolan.SourceConfig) {
	for _, edit := range s.edits {
		edit(c)
	}
}

// flags adds one flag for each setting, and returns their names. An empty value
// stands for the default.
func (s *sourceSettings) flags(flags *pflag.FlagSet) []string {
	before := names(flags)
	s.selection(flags)
	s.text(flags, "ref", "branch, tag or full SHA to follow, as `REF` (default: the default branch)", func(c *portolan.SourceConfig) *string { return &c.Ref })
	s.text(flags, "path", "`DIRECTORY` or file inside the repository", func(c *portolan.SourceConfig) *string { return &c.Path })
	s.list(flags, "protected", "environments (`GLOBS`) that are never deleted or started in passing", func(c *portolan.SourceConfig) *[]string { return &c.Protected })
	s.text(flags, "api-url", "`URL` of the GitHub API, where it is not at the usual place", func(c *portolan.SourceConfig) *string { return &c.Repo.APIURL })
	s.text(flags, "account", "`LOGIN` to use, where the host has several", func(c *portolan.SourceConfig) *string { return &c.Account })
	s.duration(flags, "interval", "`TIME` between syncs, such as 30s or 5m (default: 60s with a token, 15m without)", func(c *portolan.SourceConfig) *portolan.Duration { return &c.Interval })
	s.duration(flags, "timeout", "`TIME` for one whole sync (default: 120s)", func(c *portolan.SourceConfig) *portolan.Duration { return &c.Timeout })
	s.word(flags, "on-missing", "what happens to an entry that the repository no longer has", func(c *portolan.SourceConfig, v string) { c.OnMissing = portolan.OnMissing(v) },
		string(portolan.DeleteMissing), string(portolan.KeepMissing), string(portolan.FailMissing))
	s.word(flags, "on-invalid", "what happens when a file is invalid", func(c *portolan.SourceConfig, v string) { c.OnInvalid = portolan.OnInvalid(v) },
		string(portolan.KeepLastGood), string(portolan.SkipEntry), string(portolan.FailInvalid))
	s.word(flags, "on-edit", "what happens to your edits at a sync", func(c *portolan.SourceConfig, v string) { c.OnEdit = portolan.OnEdit(v) },
		string(portolan.RepoWins), string(portolan.KeepUntilChanged))
	return slices.DeleteFunc(names(flags), func(name string) bool { return slices.Contains(before, name) })
}

// selection adds the settings that say which files are environment files.
func (s *sourceSettings) selection(flags *pflag.FlagSet) {
	s.list(flags, "include", "only files that match these `GLOBS`, such as prod/**.json", func(c *portolan.SourceConfig) *[]string { return &c.Include })
	s.list(flags, "exclude", "no files that match these `GLOBS`", func(c *portolan.SourceConfig) *[]string { return &c.Exclude })
	s.word(flags, "layout", "how environments are named", func(c *portolan.SourceConfig, v string) { c.Layout = v },
		"auto", "files", "folders", "single")
}

func names(flags *pflag.FlagSet) []string {
	var all []string
	flags.VisitAll(func(f *pflag.Flag) { all = append(all, f.Name) })
	return all
}

func (s *sourceSettings) text(flags *pflag.FlagSet, name, help string, field func(*portolan.SourceConfig) *string) {
	flags.Func(name, help, func(value string) error {
		s.edits = append(s.edits, func(c *portolan.SourceConfig) { *field(c) = value })
		return nil
	})
}

// list takes values separated by commas, and may be repeated. The first one
// given replaces what was there.
func (s *sourceSettings) list(flags *pflag.FlagSet, name, help string, field func(*portolan.SourceConfig) *[]string) {
	var all []string
	flags.Func(name, help, func(value string) error {
		for one := range strings.SplitSeq(value, ",") {
			if one != "" {
				all = append(all, one)
			}
		}
		s.edits = append(s.edits, func(c *portolan.SourceConfig) { *field(c) = all })
		return nil
	})
}

func (s *sourceSettings) duration(flags *pflag.FlagSet, name, help string, field func(*portolan.SourceConfig) *portolan.Duration) {
	flags.Func(name, help, func(value string) error {
		var d time.Duration
		if value != "" {
			var err error
			if d, err = time.ParseDuration(value); err != nil || d <= 0 {
				return fmt.Errorf("it must be a time such as 30s, 5m or 1h30m")
			}
		}
		s.edits = append(s.edits, func(c *portolan.SourceConfig) { *field(c) = portolan.Duration(d) })
		return nil
	})
}

// word takes one of a few words; the first is the default.
func (s *sourceSettings) word(flags *pflag.FlagSet, name, help string, set func(*portolan.SourceConfig, string), words ...string) {
	help += " (one of " + strings.Join(words, ", ") + ")"
	flags.Var(setter{"WORD", func(value string) error {
		if value != "" && !slices.Contains(words, value) {
			return fmt.Errorf("it must be one of %s", strings.Join(words, ", "))
		}
		s.edits = append(s.edits, func(c *portolan.SourceConfig) { set(c, value) })
		return nil
	}}, name, help)
}
