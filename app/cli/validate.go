package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portolan-app/portolan/internal/layout"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) validate() *cobra.Command {
	var given settings
	c := &cobra.Command{
		Use:   "validate PATH...",
		Short: "Check environment files, as a sync would",
		Long: `Check environment files, as a sync would. A directory is read as a repository is:
its .portolanignore is honoured, and what is no environment file is passed over.
No engine is needed.

The exit code is 1 if a file is invalid, and 64 if one cannot be read. With
--output github the findings become annotations of a GitHub workflow. With --output
json they are one object with files, forwards, errors, warnings, notices and
problems: file, pointer (RFC 6901), position (line, column), severity, code,
message, hint.`,
		Example: `  portolan validate forwards/
  portolan validate staging.json --output json
  portolan validate . --output github`,
		Args: takes(1, -1, "PATH"),
		RunE: func(_ *cobra.Command, args []string) error {
			var c config
			given.apply(&c)
			var all validation
			for _, path := range args {
				v, err := validatePath(path, c)
				if err != nil {
					return err
				}
				all.add(v)
			}
			return p.printValidation(all)
		},
	}
	outputFlag(c.Flags(), &p.format, "text", "json", "github")
	given.flags = c.Flags()
	given.selection()
	twins(c.Flags(), append(given.names, "output")...)
	return c
}

// validation is what was found, and what --output json prints.
type validation struct {
	Files    int                `json:"files"`
	Forwards int                `json:"forwards"`
	Errors   int                `json:"errors"`
	Warnings int                `json:"warnings"`
	Notices  int                `json:"notices"`
	Problems []portolan.Problem `json:"problems"`
}

func (v *validation) add(o validation) {
	v.Files += o.Files
	v.Forwards += o.Forwards
	v.report(o.Problems)
}

// report adds problems and counts them.
func (v *validation) report(problems []portolan.Problem) {
	for _, problem := range problems {
		switch problem.Severity {
		case portolan.SeverityError:
			v.Errors++
		case portolan.SeverityWarning:
			v.Warnings++
		case portolan.SeverityNotice:
			v.Notices++
		}
	}
	v.Problems = append(v.Problems, problems...)
}

// environmentFile is a file to check, and the environment that it belongs to.
type environmentFile struct {
	path        string
	environment string
}

// validatePath checks a file, or the directory of a source.
func validatePath(path string, c config) (validation, error) {
	info, err := os.Stat(path)
	if err != nil {
		return validation{}, unreadable(path, err)
	}
	if !info.IsDir() {
		return validateFiles([]environmentFile{{path: path}})
	}
	files, problems, err := selectFiles(path, c)
	if err != nil {
		return validation{}, unreadable(path, err)
	}
	if len(files) == 0 {
		return validation{}, &portolan.Fault{Kind: portolan.Failed, Code: "no-files",
			Message: "there is no environment file in " + quote(path),
			Hint:    "environment files end in .json; check the path, --include, --exclude and " + layout.IgnoreFile}
	}
	v, err := validateFiles(files)
	v.report(problems)
	if v.Forwards > portolan.MaxEntries {
		v.report([]portolan.Problem{{File: filepath.ToSlash(path), Position: portolan.Position{Line: 1, Column: 1},
			Severity: portolan.SeverityError, Code: "too-many-entries",
			Message: fmt.Sprintf("the source has %d entries; the limit is %d", v.Forwards, portolan.MaxEntries),
			Hint:    "split it into several sources with --path, --include or --exclude"}})
	}
	return v, err
}

// validateFiles checks each file by itself, and then the identities inside each
// environment.
func validateFiles(files []environmentFile) (validation, error) {
	v := validation{Files: len(files)}
	environments := map[string][]*portolan.File{}
	var names []string
	for _, f := range files {
		data, err := readFile(f.path)
		if err != nil {
			return v, unreadable(f.path, err)
		}
		parsed := portolan.Parse(filepath.ToSlash(f.path), data)
		v.report(parsed.Problems)
		if environments[f.environment] == nil {
			names = append(names, f.environment)
		}
		environments[f.environment] = append(environments[f.environment], parsed)
	}
	for _, name := range names {
		identified, problems := portolan.Identify(name, environments[name])
		v.Forwards += len(identified)
		v.report(problems)
	}
	return v, nil
}

// selectFiles finds the environment files below dir, as a source that follows
// it would.
func selectFiles(dir string, c config) ([]environmentFile, []portolan.Problem, error) {
	tree, ignore, err := layout.ReadDir(os.DirFS(dir), c)
	if err != nil {
		return nil, nil, err
	}
	selected, problems := layout.Select(c, ignore, tree)
	files := make([]environmentFile, len(selected))
	for i, s := range selected {
		files[i] = environmentFile{filepath.Join(dir, filepath.FromSlash(s.Path)), s.Environment}
	}
	for i := range problems {
		problems[i].File = filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(problems[i].File)))
	}
	return files, problems, nil
}

func (p *program) printValidation(v validation) error {
	slices.SortStableFunc(v.Problems, func(a, b portolan.Problem) int { return strings.Compare(a.File, b.File) })
	switch p.format {
	case "json":
		if v.Problems == nil {
			v.Problems = []portolan.Problem{}
		}
		p.out.json(v)
	default:
		for _, problem := range v.Problems {
			if p.format == "github" {
				p.out.printf("%s\n", annotation(problem))
			} else {
				p.printProblem(problem)
			}
		}
		p.out.printf("%s, %s: %s, %s, %s\n", number(v.Files, "file"), number(v.Forwards, "forward"),
			number(v.Errors, "error"), number(v.Warnings, "warning"), number(v.Notices, "notice"))
	}
	if v.Errors > 0 {
		return reported{&portolan.Fault{Kind: portolan.Failed, Code: "invalid", Message: "a file is invalid"}}
	}
	return nil
}

func (p *program) printProblem(problem portolan.Problem) {
	severity := map[portolan.Severity]func(string) cell{portolan.SeverityError: red,
		portolan.SeverityWarning: yellow}[problem.Severity]
	if severity == nil {
		severity = plain
	}
	p.out.printf("%s:%d:%d: %s: %s\n", problem.File, problem.Position.Line, problem.Position.Column,
		severity(string(problem.Severity)), problem.Message)
	if problem.Hint != "" {
		p.out.printf("  %s\n", problem.Hint)
	}
}

// annotation is a workflow command that GitHub shows at the line
// (docs.github.com/actions/reference/workflow-commands-for-github-actions).
func annotation(problem portolan.Problem) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	message := problem.Message
	if problem.Hint != "" {
		message += " (" + problem.Hint + ")"
	}
	return fmt.Sprintf("::%s file=%s,line=%d,col=%d,title=%s::%s", problem.Severity, property.Replace(problem.File),
		problem.Position.Line, problem.Position.Column, property.Replace(problem.Code), data.Replace(message))
}

// number is "1 file" or "2 files".
func number(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
