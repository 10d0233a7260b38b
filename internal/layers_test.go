package internal_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/portolan-app/portolan"

// TestLayers holds the import table of ARCHITECTURE.md: a package imports what
// its row lists and the standard library, on every system; anything else fails,
// and so does a package without a row. Tests may import more.
func TestLayers(t *testing.T) {
	rows := importTable(t)
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, p := range packages(t, system) {
			row, ok := rows[p.name()]
			if !ok && len(p.GoFiles) > 0 {
				t.Errorf("%s has no row in the import table of ARCHITECTURE.md", p.name())
			}
			for _, imported := range p.Imports {
				if !row.allows(imported) {
					t.Errorf("%s: %s may not import %s (see the import table of ARCHITECTURE.md)",
						system, p.name(), imported)
				}
			}
		}
	}
}

// TestPackages holds what every package owes its reader: a doc comment, and a
// name that says what is inside.
func TestPackages(t *testing.T) {
	rooms := []string{"utils", "common", "helpers", "types", "pkg"}
	for _, p := range packages(t, "linux") {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.name())
		}
		if slices.Contains(rooms, path.Base(p.name())) {
			t.Errorf("%s: the name says nothing about what is inside", p.name())
		}
	}
}

// A row is one line of the import table: the packages of ours and the import
// paths of others (each with what is below it) that a package may import.
type row struct {
	all    bool // every package of ours, except those that only tests may import
	ours   []string
	others []string
}

func (r row) allows(imported string) bool {
	if name, ours := strings.CutPrefix(imported, module+"/"); ours {
		return slices.Contains(r.ours, name) || r.all && !strings.HasSuffix(name, "test")
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(r.others, func(other string) bool {
		return imported == other || strings.HasPrefix(imported, other+"/")
	})
}

// importTable reads the table below the heading "Allowed imports".
func importTable(t *testing.T) map[string]row {
	t.Helper()
	f, err := os.Open("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	code := regexp.MustCompile("`([^`]+)`")
	names := func(cell string) (found []string) {
		for _, m := range code.FindAllStringSubmatch(cell, -1) {
			found = append(found, m[1])
		}
		return found
	}
	rows := map[string]row{}
	inside := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if heading, ok := strings.CutPrefix(lines.Text(), "## "); ok {
			inside = heading == "Allowed imports"
		}
		cells := strings.Split(lines.Text(), "|")
		if !inside || len(cells) != 5 {
			continue
		}
		for _, name := range names(cells[1]) {
			if _, twice := rows[name]; twice {
				t.Errorf("%s has two rows in the import table", name)
			}
			rows[name] = row{
				all:    strings.TrimSpace(cells[2]) == "all",
				ours:   names(cells[2]),
				others: names(cells[3]),
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatal("ARCHITECTURE.md has no import table")
	}
	return rows
}

// A pkg is what `go list` says about one package.
type pkg struct {
	ImportPath string
	Doc        string
	GoFiles    []string
	Imports    []string
}

// name is the path below the module; "main" is the module's root.
func (p pkg) name() string {
	if p.ImportPath == module {
		return "main"
	}
	return strings.TrimPrefix(p.ImportPath, module+"/")
}

// packages lists the module as it builds for a system. Without cgo, so that a C
// compiler for that system is not needed; what does not build is the compiler's to report.
func packages(t *testing.T, system string) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Doc,GoFiles,Imports", "./...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}
