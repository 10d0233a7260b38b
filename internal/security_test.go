package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityNamesItsTests holds SECURITY.md to its word: every threat in its
// table names a test, and every test that it names exists. A threat that no test
// can hold says why with a dash.
func TestSecurityNamesItsTests(t *testing.T) {
	page, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	exists := testNames(t)
	name := regexp.MustCompile("`((?:Test|Fuzz)\\w+|\\w+\\.txt)`")
	_, table, found := strings.Cut(string(page), "## Threats and answers")
	table, _, _ = strings.Cut(table, "\n## ") // "### " does not end it
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(cells[0], "---") || strings.TrimSpace(cells[0]) == "threat" {
			continue
		}
		rows++
		held := strings.TrimSpace(cells[2])
		if !name.MatchString(held) && !strings.HasPrefix(held, "– ") {
			t.Errorf("no test is named for: %s", cells[0])
		}
	}
	if !found || rows < 10 {
		t.Fatalf("SECURITY.md has no table of threats, or one of %d rows", rows)
	}
	for _, m := range name.FindAllStringSubmatch(string(page), -1) {
		if !exists[m[1]] {
			t.Errorf("SECURITY.md names %s, which does not exist", m[1])
		}
	}
}

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
