package cli

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
)

// verbs are all commands that do something, as they are typed.
func verbs(t *testing.T) (all []string) {
	t.Helper()
	var visit func(path []string)
	visit = func(path []string) {
		c := find(t, path)
		subs := c.Commands()
		if len(subs) == 0 && len(path) > 0 {
			all = append(all, strings.Join(path, " "))
		}
		for _, sub := range subs {
			if sub.Name() != "help" {
				visit(append(path[:len(path):len(path)], sub.Name()))
			}
		}
	}
	visit(nil)
	return all
}

// silent are the verbs that print no data, so that --output json shows in their
// faults only.
var silent = map[string]string{
	"completion":   "prints a script for a shell",
	"export":       "prints an environment file",
	"man":          "writes files",
	"port-forward": "prints kubectl's lines",
	"run":          "its output is the command's",
}

// TestEachVerbHasAScript holds that the whole program was seen doing it, and that
// what prints data was seen printing JSON.
func TestEachVerbHasAScript(t *testing.T) {
	var scripts strings.Builder
	for _, dir := range []string{"testdata/script", "../testdata/script"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no scripts in %s: %v", dir, err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			// serve, agent, demo and forward are the scripts' own words for commands
			// that go on.
			scripts.WriteString(regexp.MustCompile(`(?m)^(serve|agent|demo)\b`).ReplaceAllString(string(text), "portolan $1 --output json"))
		}
	}
	lines := regexp.MustCompile(`(?m)^.*\bportolan\b.*$`).FindAllString(scripts.String(), -1)
	for _, verb := range verbs(t) {
		typed := regexp.MustCompile(`\bportolan( -\S+)* ` + strings.ReplaceAll(regexp.QuoteMeta(verb), " ", `( -\S+)* `) + `( |$)`)
		seen, json := false, false
		for _, line := range lines {
			if typed.MatchString(line) {
				seen = true
				json = json || strings.Contains(line, "json")
			}
		}
		if !seen {
			t.Errorf("no script has portolan %s", verb)
		} else if _, none := silent[verb]; !json && !none {
			t.Errorf("no script has portolan %s --output json", verb)
		}
	}
}

// TestWrongOutput holds that every verb refuses a format that there is not, before
// it does anything.
func TestWrongOutput(t *testing.T) {
	for _, verb := range verbs(t) {
		var stdout, stderr bytes.Buffer
		deps := Deps{Stdout: &stdout, Stderr: &stderr, Env: func(string) string { return "" }}
		args := append(strings.Fields(verb), "--output", "xml")
		if code := Run(t.Context(), deps, args); code != exitUsage || stderr.Len() == 0 || stdout.Len() > 0 {
			t.Errorf("%s --output xml: exit code %d, %s%s", verb, code, &stdout, &stderr)
		}
	}
}

// TestCompletionOfAHangingEngine holds that Tab gives up on an engine that does not
// answer.
func TestCompletionOfAHangingEngine(t *testing.T) {
	l, err := api.Listen(api.SocketPath(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // nobody accepts
	path := l.Addr().(*net.UnixAddr).Name
	var stdout, stderr bytes.Buffer
	deps := Deps{Stdout: &stdout, Stderr: &stderr, Env: func(string) string { return "" },
		Connect: func(context.Context, Options) (api.API, error) { return api.NewClient(path), nil }}
	began := time.Now()
	code := Run(t.Context(), deps, []string{"__complete", "start", ""})
	if took := time.Since(began); code != 0 || took < completeLimit || took > completeLimit+5*time.Second { // the machine may be busy; a hang is for good
		t.Errorf("exit code %d after %s", code, took)
	}
	if got := stdout.String(); got != ":4\n" {
		t.Errorf("it completes %q", got)
	}
}

// TestEachNameIsCompleted holds that Tab completes what only the engine knows,
// wherever a verb takes it.
func TestEachNameIsCompleted(t *testing.T) {
	for _, verb := range verbs(t) {
		c := find(t, strings.Fields(verb))
		synopsis := strings.TrimPrefix(c.Use, c.Name())
		known := regexp.MustCompile(`NAME|SOURCE|HOST|ENV |LEVEL|\bID\b`).MatchString(synopsis)
		switch verb {
		case "source add", "port-forward", "add": // something new
			known = false
		}
		if known && c.ValidArgsFunction == nil {
			t.Errorf("%s%s is not completed", verb, synopsis)
		}
	}
}
