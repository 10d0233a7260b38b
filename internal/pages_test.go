package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPagesNameTheirTests holds the pages that claim to be tested to their word:
// the last cell of each row of their tables names a test, and every test that they
// name exists. A row that no test can hold says why with a dash.
func TestPagesNameTheirTests(t *testing.T) {
	exists := testNames(t)
	for _, page := range []struct {
		path, begin, end string // of the tables
		cells            int    // of a row
		rows             int    // at least
	}{
		{"../SECURITY.md", "## Threats and answers", "\n## ", 3, 60}, // "### " does not end it
		{"source/SCENARIOS.md", "# What may happen", "", 2, 60},
	} {
		text, err := os.ReadFile(page.path)
		if err != nil {
			t.Fatal(err)
		}
		_, table, found := strings.Cut(string(text), page.begin)
		if page.end != "" {
			table, _, _ = strings.Cut(table, page.end)
		}
		rows := 0
		for line := range strings.Lines(table) {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			if len(cells) != page.cells || strings.HasPrefix(cells[0], "---") || strings.TrimSpace(cells[len(cells)-1]) == "tests" {
				continue
			}
			rows++
			held := strings.TrimSpace(cells[len(cells)-1])
			if !testName.MatchString(held) && !strings.HasPrefix(held, "– ") {
				t.Errorf("%s: no test is named for: %s", page.path, cells[0])
			}
		}
		if !found || rows < page.rows {
			t.Errorf("%s has no table of tests, or one of %d rows", page.path, rows)
		}
		for _, m := range testName.FindAllStringSubmatch(string(text), -1) {
			if !exists[m[1]] {
				t.Errorf("%s names %s, which does not exist", page.path, m[1])
			}
		}
	}
}

var testName = regexp.MustCompile("`((?:Test|Fuzz)\\w+|\\w+\\.txt)`")

// testNames returns the names of all test functions and scripts of the module.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "node_modules":
			return fs.SkipDir
		case filepath.Base(filepath.Dir(path)) == "script":
			names[d.Name()] = true
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range function.FindAllSubmatch(text, -1) {
				names[string(m[1])] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
