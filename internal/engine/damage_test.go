package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// A database that is lost takes the files of the sources with it; what a person
// wanted is in state.json. The engine must come up all the same, and the next
// sync, which finds the repository unchanged, bring the forwards back.
func TestLostFilesComeBackWithTheNextSync(t *testing.T) {
	w := newWorld(t)
	home := t.TempDir()
	var before portolan.ForwardView
	t.Run("before", func(t *testing.T) {
		e := run(t, home, w.Kubeconfig, w.tokens)
		if _, err := e.AddSource(t.Context(), api.AddSource{Repository: w.RepoURL, Config: portolan.SourceConfig{Name: "team"}}); err != nil {
			t.Fatal(err)
		}
		started, err := e.Start(t.Context(), api.Selection{Names: []string{"development/shop"}})
		if err != nil {
			t.Fatal(err)
		}
		before = started[0]
	})
	if err := os.Remove(filepath.Join(home, "portolan.db")); err != nil {
		t.Fatal(err)
	}
	w.Engine = run(t, home, w.Kubeconfig, w.tokens)
	if results, err := w.Sync(t.Context(), nil); err != nil || results[0].Fault != nil {
		t.Fatalf("Sync: %+v, %v", results, err)
	}
	after := w.forward(t, "development/shop")
	if after.ID != before.ID || !after.Local.Wanted || len(after.Status.Addresses) == 0 {
		t.Errorf("it is back as %+v", after)
	}
}
