// Package layout decides which files of a repository are environment files, and
// which environment each of them names.
//
// A team keeps one JSON file per environment (staging.json), one folder per
// environment (staging/*.json), or both. Without further settings every .json
// file counts, except those that belong to well-known tools (package.json and
// its like) and those in hidden folders; README.md and all else is left alone.
// include, exclude and a .portolanignore beside the files say otherwise.
//
// [Select] is pure. [ReadDir] reads a directory on disk into what Select takes,
// so that "portolan validate DIR" sees what a source would.
package layout

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Kind is the kind of a tree's item.
type Kind string

// The kinds of item that git keeps in a tree, directories aside.
const (
	Blob      Kind = "blob"
	Symlink   Kind = "symlink"
	Submodule Kind = "submodule"
)

// The ways to name environments, as [portolan.SourceConfig].Layout has them.
const (
	Auto    = "auto"    // a file by its stem, a file in a folder by the folder; the default
	Files   = "files"   // every file by its own path
	Folders = "folders" // by the folder; files outside any folder are skipped
	Single  = "single"  // everything is one environment, called [SingleName]
)

// SingleName is the environment of the layout [Single].
const SingleName = "environment"

// IgnoreFile is the name of the file, in a source's directory, that says in
// gitignore syntax what is no environment file.
const IgnoreFile = ".portolanignore"

// File is one item of a tree.
type File struct {
	Path string // from the repository's root, with slashes
	SHA  string // of the blob; may be empty
	Kind Kind
}

// Selected is an environment file.
type Selected struct {
	File
	Environment string
}

// Ignore finds the ignore file that applies to a source. Its content goes to
// [Select].
func Ignore(config portolan.SourceConfig, files []File) (File, bool) {
	want := path.Join(root(config), IgnoreFile)
	for _, f := range files {
		if f.Path == want && f.Kind == Blob {
			return f, true
		}
	}
	return File{}, false
}

// Select returns the environment files among files, sorted by path; the order of
// files does not matter. Ignore is the content of the ignore file, if there is
// one. The problems are errors where the settings themselves are wrong (then
// nothing is selected) or a path cannot be used, and notices for symlinks and
// submodules, which are never followed.
func Select(config portolan.SourceConfig, ignore []byte, files []File) ([]Selected, []portolan.Problem) {
	if problems := checkConfig(config); len(problems) > 0 {
		return nil, problems
	}
	s := selection{config: config, root: root(config), ignore: parseIgnore(string(ignore))}
	files = slices.SortedFunc(slices.Values(files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	if i := slices.IndexFunc(files, func(f File) bool { return f.Path == s.root && s.root != "" }); i >= 0 {
		s.take(files[i], path.Base(s.root)) // path names one file: taken whatever it is called
		return s.selected, s.problems
	}
	for _, f := range files {
		if relative, ok := s.relative(f.Path); ok && s.wanted(f, relative) {
			s.take(f, relative)
		}
	}
	return s.selected, s.problems
}

// root is the source's directory without slashes around it; "" is the
// repository's own.
func root(config portolan.SourceConfig) string {
	return strings.Trim(path.Clean("/"+config.Path), "/")
}

func checkConfig(config portolan.SourceConfig) []portolan.Problem {
	var problems []portolan.Problem
	wrong := func(message, hint string) {
		problems = append(problems, portolan.Problem{Severity: portolan.SeverityError, Code: "source-setting", Message: message, Hint: hint})
	}
	for _, pattern := range slices.Concat(config.Include, config.Exclude) {
		if !doublestar.ValidatePattern(pattern) {
			wrong(fmt.Sprintf("%q is not a glob", pattern), "write one such as staging/**/*.json")
		}
	}
	switch config.Layout {
	case "", Auto, Files, Folders, Single:
	default:
		wrong(fmt.Sprintf("layout is %q", config.Layout), "write auto, files, folders or single")
	}
	if slices.Contains(strings.Split(config.Path, "/"), "..") {
		wrong(fmt.Sprintf("path is %q", config.Path), "write a directory or file inside the repository")
	}
	return problems
}

// selection is one run of Select.
type selection struct {
	config   portolan.SourceConfig
	root     string
	ignore   []ignoreRule
	selected []Selected
	problems []portolan.Problem
}

// relative is the path from the source's directory, if it is in there.
func (s *selection) relative(name string) (string, bool) {
	if s.root == "" {
		return name, true
	}
	return strings.CutPrefix(name, s.root+"/")
}

// wanted applies exclude, the ignore file and include, in this order.
func (s *selection) wanted(f File, relative string) bool {
	if matchAny(s.config.Exclude, relative) || ignored(s.ignore, relative) {
		return false
	}
	if len(s.config.Include) > 0 {
		return matchAny(s.config.Include, relative)
	}
	if hidden(relative) {
		return false
	}
	// Links and submodules are wanted so that they are named as skipped. Nothing
	// says what is in a submodule, and a link to a folder has no extension.
	return isDefault(relative) || f.Kind == Submodule || f.Kind == Symlink && path.Ext(relative) == ""
}

func matchAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return doublestar.MatchUnvalidated(p, name) })
}

// hidden reports whether a path leads through something that tools keep for
// themselves.
func hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") || part == "node_modules" {
			return true
		}
	}
	return false
}

// toolFiles are JSON files that repositories hold for well-known tools. They are
// taken only if include names them.
var toolFiles = []string{
	"package.json", "package-lock.json", "npm-shrinkwrap.json", "composer.json", "deno.json", "jsconfig.json",
	"tsconfig*.json", "renovate*.json", "biome.json", "lerna.json", "nx.json", "turbo.json", "angular.json",
	"vercel.json", "firebase.json", "release-please-config.json", "*.schema.json",
}

func isDefault(name string) bool {
	base := path.Base(name)
	return strings.EqualFold(path.Ext(base), ".json") && !matchAny(toolFiles, strings.ToLower(base))
}

// take selects a wanted file, or says why not.
func (s *selection) take(f File, relative string) {
	skip := func(severity portolan.Severity, code, message, hint string) {
		s.problems = append(s.problems, portolan.Problem{File: f.Path, Position: portolan.Position{Line: 1, Column: 1},
			Severity: severity, Code: code, Message: message, Hint: hint})
	}
	environment := s.environment(relative)
	switch {
	case f.Kind != Blob:
		skip(portolan.SeverityNotice, string(f.Kind), fmt.Sprintf("a %s is not followed", f.Kind), "keep the file itself in the repository")
	case !fs.ValidPath(f.Path) || !printable(f.Path) || !usable(environment):
		skip(portolan.SeverityError, "path", fmt.Sprintf("%q cannot name an environment", cmp.Or(environment, relative)),
			"rename the file; a path has no control characters, and an environment's name no colon and at most 100 bytes")
	case environment == "":
		skip(portolan.SeverityNotice, "no-folder", "the file is in no folder, and the layout is folders", "move it, or set the layout to auto")
	default:
		s.selected = append(s.selected, Selected{f, environment})
	}
}

// environment names the environment of a file; "" if the layout gives it none.
func (s *selection) environment(relative string) string {
	folder := strings.ReplaceAll(strings.TrimPrefix(path.Dir(relative), "."), "/", ".")
	base := path.Base(relative)
	stem := strings.TrimSuffix(base, path.Ext(base))
	name := folder
	switch s.config.Layout {
	case Single:
		name = SingleName
	case Files:
		name = strings.TrimPrefix(folder+"."+stem, ".")
	case Folders:
	default:
		name = cmp.Or(folder, stem)
	}
	return cmp.Or(s.config.Rename[name], name)
}

// usable reports whether an environment's name can be shown, and written in
// "SOURCE:ENV/NAME". The empty name is none, which is not wrong.
func usable(environment string) bool {
	return len(environment) <= 100 && printable(environment) && !strings.ContainsAny(environment, ":/\\")
}

// printable reports whether a text can be shown as it is. A path is shown wherever
// something is said of its file.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
