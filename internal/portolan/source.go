package portolan

import (
	"fmt"
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
	return nil
}

func badSetting(name, value, right string) error {
	return &Fault{Kind: Usage, Code: "setting-value",
		Message: fmt.Sprintf("%s cannot be %q", name, value), Hint: right}
}
