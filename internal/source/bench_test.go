package source_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
	"github.com/portolan-app/portolan/internal/store"
)

// BenchmarkIdle10000 polls a source of 10,000 entries in 50 files that has not
// changed; the base is checked and planned all the same.
func BenchmarkIdle10000(b *testing.B) {
	h := newHost()
	files := map[string]string{}
	for i := range 50 {
		entries := make([]string, 200)
		for j := range entries {
			entries[j] = entry(fmt.Sprintf("service-%d-%d", i, j), 8080)
		}
		files[fmt.Sprintf("env-%02d.json", i)] = list(entries...)
	}
	h.commit(files)
	quiet := slog.New(slog.DiscardHandler)
	s, err := store.Open(b.TempDir(), quiet)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	err = s.Update(func(tx *store.Tx) error {
		tx.State.Sources = []portolan.Source{{SourceConfig: portolan.SourceConfig{Name: "team", Repo: h.repo}}}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	f := source.New(source.Config{Name: "team", Store: s, Log: quiet,
		Remote: func(portolan.SourceConfig) (source.Remote, error) { return h, nil }})
	go func() { _ = f.Run(b.Context()) }()
	if _, err := f.Sync(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if result, err := f.Sync(b.Context()); err != nil || result.Changed {
			b.Fatalf("%+v, %v", result, err)
		}
	}
}
