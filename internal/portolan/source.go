package portolan

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// LeastInterval is the shortest interval at which a source may be polled. What
// polls may wait longer, where a host allows fewer requests.
const LeastInterval = 10 * time.Second

// Validate reports a setting that has no meaning, as a [Usage] fault that says
// which values have one.
func (c SourceConfig) Validate() error {
	if err := ValidName(c.Name); err != nil {
		return err
	}
	choices := []struct {
		name, value string
		known       []string
	}{
		{"layout", c.Layout, []string{"auto", "files", "folders", "single"}},
		{"on_missing", string(c.OnMissing), []string{string(DeleteMissing), string(KeepMissing), string(FailMissing)}},
		{"on_invalid", string(c.OnInvalid), []string{string(KeepLastGood), string(SkipEntry), string(FailInvalid)}},
		{"apply", string(c.Apply), []string{string(ApplyAuto), string(ApplyReview)}},
		{"on_edit", string(c.OnEdit), []string{string(RepoWins), string(KeepUntilChanged)}},
	}
	for _, choice := range choices {
		if choice.value != "" && !slices.Contains(choice.known, choice.value) {
			return badSetting(choice.name, choice.value, "it is one of "+strings.Join(choice.known, ", "))
		}
	}
	if d := time.Duration(c.Interval); d != 0 && d < LeastInterval {
		return badSetting("interval", d.String(), "it is at least "+LeastInterval.String())
	}
	if d := time.Duration(c.Timeout); d < 0 {
		return badSetting("timeout", d.String(), "it is positive, or 0 for the default of 2m0s")
	}
	for name, globs := range map[string][]string{"protected": c.Protected, "enabled": c.Enabled} {
		for _, glob := range globs {
			if _, err := path.Match(glob, ""); err != nil {
				return badSetting(name, glob, "it is the name of an environment or a glob such as prod*")
			}
		}
	}
	if c.RequireVerified && len(c.Signers) == 0 {
		return badSetting("require_verified", "true", "name those whose commits are taken: signers, by e-mail address")
	}
	for _, signer := range c.Signers {
		if name, host, ok := strings.Cut(signer, "@"); !ok || name == "" || host == "" || signer != OneLine(signer) {
			return badSetting("signers", signer, "it is the e-mail address of a committer")
		}
	}
	return nil
}

// Shows reports whether an environment appears on this machine.
func (c SourceConfig) Shows(environment string) bool {
	return len(c.Enabled) == 0 || oneMatches(c.Enabled, environment)
}

// Protects reports whether the settings, not the files, protect an environment.
func (c SourceConfig) Protects(environment string) bool {
	return oneMatches(c.Protected, environment)
}

func oneMatches(globs []string, environment string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool {
		ok, err := path.Match(glob, environment)
		return err == nil && ok
	})
}

// Trusts reports why a commit is not taken under these settings, as a fault that
// stays until another commit comes or the settings change; nil where it is.
func (c SourceConfig) Trusts(commit Commit) error {
	if !c.RequireVerified {
		return nil
	}
	if commit.Verification != "valid" {
		said := "nothing"
		if commit.Verification != "" {
			said = fmt.Sprintf("%q", commit.Verification)
		}
		return &Fault{Kind: Failed, Code: CodeUnverified,
			Message: fmt.Sprintf("commit %.7s is not taken: %s says %s of its signature, and this source takes verified commits only", commit.SHA, c.Repo.Host, said),
			Hint:    "have the team sign its commits, or set require_verified to off; what was read before stays"}
	}
	if !slices.ContainsFunc(c.Signers, func(s string) bool { return strings.EqualFold(s, commit.Signer) }) {
		return &Fault{Kind: Failed, Code: CodeUnverified,
			Message: fmt.Sprintf("commit %.7s is not taken: it is signed by %s, who is not among the signers of this source", commit.SHA, cmp.Or(commit.Signer, "nobody named")),
			Hint:    "if this person may change your forwards, add the address to signers; what was read before stays"}
	}
	return nil
}

// CodeUnverified is the code of the faults of [SourceConfig.Trusts].
const CodeUnverified = "commit-unverified"

func badSetting(name, value, right string) error {
	return &Fault{Kind: Usage, Code: "setting-value",
		Message: fmt.Sprintf("%s cannot be %q", name, value), Hint: right}
}
