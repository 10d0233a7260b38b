package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestTailFollowsRotation holds, for any order of writing, renaming and reading,
// that each line is read once, whole and in order. Two renamings between two
// reads are more than a tail can follow.
func TestTailFollowsRotation(t *testing.T) {
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		path := filepath.Join(dir, strings.Repeat("x", round%40+1))
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(os.WriteFile(path, nil, 0o600))
		file, err := os.Open(path)
		must(err)
		reader := &tail{path: path, file: file}
		defer func() { reader.file.Close() }()
		var written, read bytes.Buffer
		turned := false
		step := func(name string) {
			switch name {
			case "write", "begin":
				piece := map[string]string{"write": "a line\n", "begin": "half "}[name]
				f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
				must(err)
				_, err = f.WriteString(piece)
				must(err)
				must(f.Close())
				written.WriteString(piece)
			case "turn":
				if !turned {
					must(os.Rename(path, path+".1"))
					must(os.WriteFile(path, nil, 0o600))
				}
				turned = true
			case "read":
				data, err := reader.more()
				must(err)
				if len(data) > 0 && data[len(data)-1] != '\n' {
					t.Fatalf("a line is not whole: %q", data)
				}
				read.Write(data)
				turned = false
			}
		}
		for _, name := range rapid.SliceOf(rapid.SampledFrom([]string{"write", "begin", "turn", "read"})).Draw(t, "steps") {
			step(name)
		}
		step("read")
		step("write")
		step("read")
		if read.String() != written.String() {
			t.Fatalf("read %q of %q", read.String(), written.String())
		}
	})
}
