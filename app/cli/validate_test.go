package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

// A source's limit holds over all its files together.
func TestValidateTooManyEntries(t *testing.T) {
	dir := t.TempDir()
	for i := range 2 {
		entries := make([]portolan.Entry, portolan.MaxEntries/2+1)
		for j := range entries {
			entries[j] = portolan.Entry{Alias: fmt.Sprint("a", j), Service: "api", RemotePort: portolan.Port{Number: 80}}
		}
		name := filepath.Join(dir, fmt.Sprintf("%d.json", i))
		if err := os.WriteFile(name, portolan.Encode(entries), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v, err := validatePath(dir, config{})
	if err != nil || v.Errors != 1 || v.Problems[len(v.Problems)-1].Code != "too-many-entries" {
		t.Errorf("%d errors, %v, %v", v.Errors, err, v.Problems)
	}
}

func TestAnnotation(t *testing.T) {
	got := annotation(portolan.Problem{File: "a,b:c%.json", Position: portolan.Position{Line: 3, Column: 4},
		Severity: portolan.SeverityWarning, Code: "secret", Message: "100%\nsure", Hint: "remove it"})
	want := "::warning file=a%2Cb%3Ac%25.json,line=3,col=4,title=secret::100%25%0Asure (remove it)"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
