package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestCommandsInTextsExist holds that every command line of ours that a text
// names, be it a hint, a help or a page, is one that this program understands: a
// person who is in trouble types what the hint says.
func TestCommandsInTextsExist(t *testing.T) {
	root := commandTree()
	known := flagsOf(root)
	lines := 0
	check := func(where, text string) {
		for _, found := range anyFlag.FindAllStringSubmatch(text, -1) {
			if name := found[1]; !known[name] && !strings.Contains(othersFlags, " "+name+" ") {
				t.Errorf("%s: no command has a flag --%s, of which %.80q speaks", where, name, text)
			}
		}
		for _, line := range commandLines(text) {
			lines++
			if problem := misses(root, line); problem != "" {
				t.Errorf("%s: %q: %s", where, "portolan "+line, problem)
			}
		}
	}
	for _, dir := range []string{"../../app", "../../internal"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, expr := range texts(file) {
				check(files.Position(expr.Pos()).String(), textOf(expr))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, page := range []string{"README.md", "SECURITY.md", "ARCHITECTURE.md", "MOVING-FROM-KFTRAY.md"} {
		text, err := os.ReadFile(filepath.Join("../..", page))
		if err != nil {
			t.Fatal(err)
		}
		check(page, string(text))
	}
	if lines < 100 {
		t.Errorf("only %d command lines were found: this test looks in the wrong place", lines)
	}
}

// TestWrongCommandIsFound holds that the check above can fail.
func TestWrongCommandIsFound(t *testing.T) {
	root := commandTree()
	for text, want := range map[string]string{
		"run portolan auth logout --login ann":     "it has no flag --login",
		`see "portolan agents"`:                    "there is no command agents",
		"portolan agent begin":                     "there is no command begin",
		"portolan auth logout --account ann, then": "",
		"`portolan source add` does it":            "",
		"portolan sync --once --token-file=x":      "",
		"portolan review team":                     "",
		"portolan review approve team":             "",
	} {
		lines := commandLines(text)
		if len(lines) != 1 {
			t.Errorf("%q has the command lines %q", text, lines)
			continue
		}
		if got := misses(root, lines[0]); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// othersFlags are flags of other programs that our texts name: of gh, and of build/dev.
const othersFlags = " hostname screenshots "

// anyFlag is a flag in a sentence, whichever command it belongs to.
var anyFlag = regexp.MustCompile(`\s--([a-z][a-z-]+)`)

// commandTree is every command that a text may name.
func commandTree() *cobra.Command {
	root := (&program{Deps: Deps{Env: func(string) string { return "" }}}).root()
	root.InitDefaultHelpCmd()
	root.AddCommand(&cobra.Command{Use: "keychain-call"}) // in [app.Main], and not for people
	return root
}

// flagsOf are the names of all flags of a command and those below it.
func flagsOf(cmd *cobra.Command) map[string]bool {
	names := map[string]bool{"help": true}
	note := func(f *pflag.Flag) { names[f.Name] = true }
	cmd.LocalFlags().VisitAll(note)
	cmd.PersistentFlags().VisitAll(note)
	for _, c := range cmd.Commands() {
		maps.Copy(names, flagsOf(c))
	}
	return names
}

// texts are the strings of a file, each as a whole where it is put together.
func texts(file *ast.File) (found []ast.Expr) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				found = append(found, n)
			}
		case *ast.BinaryExpr:
			if n.Op == token.ADD {
				found = append(found, n)
				return false
			}
		}
		return true
	})
	return found
}

// textOf is the text of a string, with a word in the place of what is only known
// when the program runs.
func textOf(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(expr.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return textOf(expr.X) + textOf(expr.Y)
	}
	return "VALUE"
}

// A command line begins with the program's name, in a sentence after a blank or a
// quote, and ends with the sentence, the line or the quote.
var commandLine = regexp.MustCompile("(?m)(?:^|[\\s\"'`(|&])portolan ((?:-{0,2}[a-zA-Z%{\\[$/<][^\\s\"`;|&)#]*[ ]?)+)")

// commandLines finds what follows the program's name in a text.
func commandLines(text string) (lines []string) {
	for _, found := range commandLine.FindAllStringSubmatch(text, -1) {
		lines = append(lines, strings.TrimSpace(found[1]))
	}
	return lines
}

// misses says what of a command line there is not, or "".
func misses(root *cobra.Command, line string) string {
	cmd, named := root, true
	for word := range strings.FieldsSeq(line) {
		end := strings.TrimRight(word, ",.:") != word
		word = strings.TrimRight(word, ",.:")
		flag, isFlag := strings.CutPrefix(word, "--")
		switch {
		case isFlag:
			flag, _, _ = strings.Cut(flag, "=")
			cmd.InitDefaultHelpFlag()
			if cmd.Flag(flag) == nil && cmd.InheritedFlags().Lookup(flag) == nil {
				return "it has no flag --" + flag
			}
		case named && cmd.HasSubCommands():
			next := child(cmd, word)
			argument := cmd.Args != nil && cmd.Args(cmd, []string{word}) == nil
			if next == nil && isWord(word) && !argument {
				return "there is no command " + word
			}
			if named = next != nil; named {
				cmd = next
			}
		}
		if end {
			break
		}
	}
	return ""
}

// child is the command of that name below another.
func child(cmd *cobra.Command, name string) *cobra.Command {
	for _, c := range cmd.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// isWord tells a command from a value, which is shown in capitals or as a verb of
// a format.
func isWord(text string) bool { return strings.Trim(text, "abcdefghijklmnopqrstuvwxyz-") == "" }
