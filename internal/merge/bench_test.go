package merge_test

import (
	"fmt"
	"testing"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// BenchmarkPlan10000 parses, plans and applies a commit that touches each of 50
// files of 200 entries.
func BenchmarkPlan10000(b *testing.B) {
	r := newRepo()
	fill := func(port int) {
		for i := range 10_000 {
			name := fmt.Sprintf("env-%02d.json", i%50)
			e := svc(fmt.Sprintf("service-%d", i), fmt.Sprintf("team-%d", i%7), fmt.Sprintf("service-%d", i), 8080)
			if i < 50 {
				e.RemotePort.Number = port
			}
			e.Description = "What it is, and whom to ask when it is not there."
			e.Tags = []string{"backend", "http"}
			if len(r.entries[name]) < 200 {
				r.entries[name] = append(r.entries[name], e)
			} else {
				r.entries[name][i/50] = e
			}
		}
	}
	fill(80)
	state := fresh(portolan.SourceConfig{})
	first, err := merge.Plan(state, r.snapshot(), r.files, r.options())
	if err != nil {
		b.Fatal(err)
	}
	first.Apply(state)
	fill(81)
	next := r.snapshot()
	for b.Loop() {
		b.StopTimer()
		s := state.Clone()
		b.StartTimer()
		for i, f := range next.Files {
			next.Files[i].File = portolan.Parse(f.Path, r.blobs[f.SHA])
		}
		d, err := merge.Plan(&s, next, r.files, r.options())
		if err != nil || len(d.Rows) != 50 {
			b.Fatalf("%d rows, %v", len(d.Rows), err)
		}
		d.Apply(&s)
	}
}
