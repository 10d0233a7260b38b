package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// numbered are the files that turn a time into a number or back, which drops the
// reading of the clock that nobody can set (package time, "Monotonic Clocks"), and
// why that may be.
var numbered = map[string]string{
	"internal/engine/engine.go":    "names the engine's first revision; nothing is measured with it",
	"internal/github/limit.go":     "compares two times of the server's clock",
	"internal/kube/connect.go":     "a deadline long ago, to end what waits",
	"internal/kube/dial.go":        "a deadline long ago, to end what waits",
	"internal/system/upset.go":     "tells sleep by the clock that goes on in it",
	"internal/source/follower.go":  "tells by it what fell due in sleep",
	"internal/demo/github.go":      "what a server says to others",
	"internal/githubtest/gate.go":  "what a server says to others",
	"internal/githubtest/fault.go": "what a server says to others",
}

// TestClocksMayJump holds that no wait depends on what the machine's clock shows:
// when it is set back by hours, nothing may stand still for hours. A time.Time that
// is kept as it was read measures rightly; as a number of seconds it does not.
func TestClocksMayJump(t *testing.T) {
	drops := []string{"Unix", "UnixNano", "UnixMilli", "UnixMicro", "Round"}
	found := map[string]bool{}
	for _, dir := range []string{"../internal", "../app"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if f, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(drops, f.Sel.Name) {
					if found[name] = true; numbered[name] == "" {
						t.Errorf("%s calls %s: keep the time.Time as it is, or say in this test why not", name, f.Sel.Name)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range numbered {
		if !found[name] {
			t.Errorf("%s no longer needs its exception", name)
		}
	}
}
