package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestExamples holds that each command has help and an example, and that each
// example is a command line that would be understood.
func TestExamples(t *testing.T) {
	var visit func(path []string)
	visit = func(path []string) {
		c := find(t, path)
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s has no help or no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			for part := range strings.SplitSeq(line, "|") {
				understood(t, part)
			}
		}
		for _, sub := range c.Commands() {
			if sub.Name() != "help" && sub.Name() != "completion" {
				visit(append(path[:len(path):len(path)], sub.Name()))
			}
		}
	}
	visit(nil)
}

// find returns a command of a fresh program, as flags keep what they were given.
func find(t *testing.T, path []string) *cobra.Command {
	t.Helper()
	var sink bytes.Buffer
	p := &program{Deps: Deps{Stdout: &sink, Stderr: &sink, Env: func(string) string { return "" }}}
	p.out, p.err = newScreen(&sink, p.Env), newScreen(&sink, p.Env)
	c, _, err := p.root().Find(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func understood(t *testing.T, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " > ")
	line, _, _ = strings.Cut(line, " < ")
	words := strings.Fields(strings.ReplaceAll(line, "'", ""))
	if strings.Contains(line, "''") {
		words = strings.Fields(strings.ReplaceAll(line, "''", "none"))
	}
	if len(words) == 0 || words[0] != "portolan" {
		t.Errorf("%q is no command line of ours", line)
		return
	}
	var sink bytes.Buffer
	p := &program{Deps: Deps{Stdout: &sink, Stderr: &sink, Env: func(string) string { return "" }}}
	p.out, p.err = newScreen(&sink, p.Env), newScreen(&sink, p.Env)
	root := p.root()
	root.SetArgs(words[1:])
	// What is understood gets as far as being run; nothing more is wanted here.
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return errUnderstood }
	if err := root.ExecuteContext(t.Context()); !errors.Is(err, errUnderstood) {
		t.Errorf("%q: %v", line, err)
	}
}

var errUnderstood = errors.New("understood")

// TestHelp holds that help goes to standard output and names every command.
func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Deps{Stdout: &stdout, Stderr: &stderr, Env: func(string) string { return "" }}, []string{"--help"})
	if code != 0 || stderr.Len() > 0 {
		t.Fatalf("exit code %d, %s", code, &stderr)
	}
	for _, c := range find(t, nil).Commands() {
		if !strings.Contains(stdout.String(), "  "+c.Name()+" ") {
			t.Errorf("the help does not list %s", c.Name())
		}
	}
	for _, twin := range []string{"$PORTOLAN_HOME", "$PORTOLAN_OUTPUT"} {
		if !strings.Contains(stdout.String(), twin) {
			t.Errorf("the help does not name %s", twin)
		}
	}
}
