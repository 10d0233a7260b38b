package layout

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// ignoreRule is one line of an ignore file (git-scm.com/docs/gitignore). The
// known packages for these files differ from git in ?, in special characters and
// in what a parent folder means; with doublestar at hand the rules are short.
type ignoreRule struct {
	pattern string // doublestar, against the whole path
	negate  bool   // brings a path back
	folder  bool   // matches folders only
}

func parseIgnore(text string) []ignoreRule {
	var rules []ignoreRule
	for line := range strings.SplitSeq(text, "\n") {
		if r, ok := parseIgnoreLine(line); ok {
			rules = append(rules, r)
		}
	}
	return rules
}

func parseIgnoreLine(line string) (ignoreRule, bool) {
	line = strings.TrimSuffix(line, "\r")
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	if strings.HasPrefix(line, "#") {
		return ignoreRule{}, false
	}
	var r ignoreRule
	line, r.negate = strings.CutPrefix(line, "!")
	line, r.folder = strings.CutSuffix(line, "/")
	if line == "" {
		return ignoreRule{}, false
	}
	pattern, anchored := strings.CutPrefix(line, "/")
	if !anchored && !strings.Contains(line, "/") {
		pattern = "**/" + pattern
	}
	if strings.HasSuffix(pattern, "/**") {
		pattern += "/*" // what is inside, but not the folder itself
	}
	r.pattern = strings.NewReplacer("{", `\{`, "}", `\}`).Replace(pattern) // no alternatives in gitignore
	return r, doublestar.ValidatePattern(r.pattern)
}

// ignored reports whether the rules leave a file out: the last rule that matches
// decides, and what is in a folder that is left out cannot be brought back.
func ignored(rules []ignoreRule, name string) bool {
	if len(rules) == 0 {
		return false
	}
	for i := range len(name) {
		if name[i] == '/' && lastRule(rules, name[:i], true) {
			return true
		}
	}
	return lastRule(rules, name, false)
}

func lastRule(rules []ignoreRule, name string, folder bool) bool {
	for i := len(rules) - 1; i >= 0; i-- {
		if r := rules[i]; (folder || !r.folder) && doublestar.MatchUnvalidated(r.pattern, name) {
			return !r.negate
		}
	}
	return false
}
