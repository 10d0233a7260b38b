package forward

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/forward/mux"
)

func TestJudge(t *testing.T) {
	text := func(s string) error { return &mux.RemoteError{Text: s} }
	cases := []struct {
		err  error
		want verdict
	}{
		{nil, finished},
		{mux.ErrLost, broken},
		{mux.ErrReset, broken},
		{mux.ErrRejected, unaccepted},
		{io.ErrUnexpectedEOF, broken},
		{text(""), broken},
		{text("something that no runtime says"), broken},
	}
	for _, c := range cases {
		if got := judge(c.err); got != c.want {
			t.Errorf("%v: judged %d, want %d", c.err, got, c.want)
		}
	}
}

// TestFailures holds that every text of FAILURES.md is taken as it says there.
func TestFailures(t *testing.T) {
	page, err := os.ReadFile("FAILURES.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## On the stream for errors of a pair\n")
	table, _, _ = strings.Cut(table, "\n## ")
	named := map[string]verdict{"refused": refused, "undelivered": undelivered, "broken": broken}
	row := regexp.MustCompile("(?m)^\\| .* \\| `(.*)` \\| ([a-z]+) \\|$")
	rows := row.FindAllStringSubmatch(table, -1)
	if len(rows) < 10 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	for _, r := range rows {
		text := strings.ReplaceAll(r[1], "ID", strings.Repeat("1f", 32))
		want, known := named[r[2]]
		if got := judge(&mux.RemoteError{Text: text}); got != want || !known {
			t.Errorf("%s: judged %d, want %s", text, got, r[2])
		}
	}
}
