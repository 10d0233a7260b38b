package store

import (
	"fmt"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

// BenchmarkUpdate starts one forward in a state that knows 10,000.
func BenchmarkUpdate(b *testing.B) {
	s := open(b, b.TempDir())
	update(b, s, func(tx *Tx) {
		source := portolan.Source{SourceConfig: portolan.SourceConfig{Name: "team"}, IDs: map[string]map[string]portolan.ID{"dev": {}}}
		tx.State.Local = map[portolan.ID]portolan.Local{}
		for i := range 10_000 {
			id := portolan.ID(fmt.Sprintf("%016d", i))
			source.IDs["dev"][fmt.Sprint("alias-", i)] = id
			tx.State.Local[id] = portolan.Local{New: true}
		}
		tx.State.Sources = []portolan.Source{source}
	})
	port := 0
	for b.Loop() {
		port++
		update(b, s, func(tx *Tx) { tx.State.Local["0000000000000001"] = portolan.Local{Wanted: true, Port: port} })
	}
}
