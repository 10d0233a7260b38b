package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"plain ünï":                   "plain ünï",
		"\x1b]0;title\x07x":           "]0;titlex",
		"a\nb\tc\rd":                  "a b cd",
		"\u202eevil\u2066":            "evil",
		"\u009b31m":                   "31m",
		"\xff":                        "\ufffd",
		"👩\u200d💻":                    "👩\u200d💻",
		"zero\u200bwidth\ufeff\u00ad": "zerowidth",
	} {
		if got := clean(text); got != want {
			t.Errorf("clean(%q) = %q, want %q", text, got, want)
		}
	}
}

// Nothing that a repository can hold reaches the terminal as a control
// character, neither in text nor in JSON, and JSON still says the same.
func TestPrintedValuesAreHarmless(t *testing.T) {
	harmless := func(r rune) bool {
		return r == '\n' || r == '\u200c' || r == '\u200d' || !unicode.In(r, unicode.Cc, unicode.Cf)
	}
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		var text, document bytes.Buffer
		env := func(string) string { return "" }
		screen := newScreen(&text, env)
		screen.printf("%s %v %s %s\n", value, errors.New(value), bold(value), portolan.Phase(value))
		screen.table([]string{"A", "B"}, [][]cell{{plain(value), plain(value)}})
		newScreen(&document, env).json(map[string]string{"value": value})
		for _, printed := range []string{text.String(), document.String()} {
			if i := strings.IndexFunc(printed, func(r rune) bool { return !harmless(r) }); i >= 0 {
				t.Fatalf("%q has a control character at %d", printed, i)
			}
		}
		var back map[string]string
		if err := json.Unmarshal(document.Bytes(), &back); err != nil || back["value"] != value {
			t.Fatalf("JSON brought %q back, %v", back["value"], err)
		}
	})
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"dev/api": "dev/api", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(rm)": "'$(rm)'", "~": "'~'", "ü": "'ü'",
	} {
		if got := quote(word); got != want {
			t.Errorf("quote(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestExitCode(t *testing.T) {
	fault := func(kind portolan.Kind) error { return &portolan.Fault{Kind: kind} }
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{fault(portolan.Failed), 1},
		{errChanges, 2},
		{fault(portolan.Usage), 64},
		{fault(portolan.Unavailable), 69},
		{fault(portolan.Later), 75},
		{fault(portolan.SignIn), 77},
		{reported{&portolan.Fault{Kind: portolan.SignIn}}, 77},
		{errors.Join(errChanges, nil), 2},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("exitCode(%v) = %d, want %d", test.err, got, test.want)
		}
	}
}
