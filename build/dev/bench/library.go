package main

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// The figures of a store with a long past: 50 sources of 10 files with 20 entries,
// and 200 revisions of each, which change one entry.
var (
	storeSize = figure{"store_size", "MB", Lower, 50}
	storeOpen = figure{"store_open", "ms", Lower, 100}
)

const (
	oldSources   = 50
	oldRevisions = 200 // all that a source keeps
	oldFiles     = 10
	oldEntries   = 20
)

// storeRows measures that store: its files, and how long it takes to open.
func storeRows(dir string, runs int) ([]Row, error) {
	home := filepath.Join(dir, "library")
	if err := fill(home); err != nil {
		return nil, err
	}
	size := 0.0
	for _, name := range []string{"portolan.db", "state.json", "state.json.bak"} {
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil {
			return nil, err
		}
		size += float64(info.Size()) / 1e6
	}
	var opened []float64
	for range runs {
		begin := time.Now()
		s, err := store.Open(home, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, err
		}
		opened = append(opened, milliseconds(time.Since(begin)))
		if err := s.Close(); err != nil {
			return nil, err
		}
	}
	return []Row{storeSize.alone([]float64{size}), storeOpen.alone(opened)}, nil
}

// fill makes the store.
func fill(home string) error {
	s, err := store.Open(home, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	for source := range oldSources {
		if err := s.Update(func(tx *store.Tx) error { return past(tx, fmt.Sprint("team-", source)) }); err != nil {
			return err
		}
	}
	return s.Close()
}

// past gives a source all its revisions.
func past(tx *store.Tx, name string) error {
	files := map[string]portolan.BaseFile{}
	put := func(file, version int) error {
		sha, err := tx.PutBlob(oldFile(name, file, version))
		environment := fmt.Sprint("env-", file)
		files[environment+".json"] = portolan.BaseFile{Environment: environment, SHA: sha}
		return err
	}
	for file := range oldFiles {
		if err := put(file, 0); err != nil {
			return err
		}
	}
	src := portolan.Source{SourceConfig: portolan.SourceConfig{Name: name}}
	for version := range oldRevisions {
		if err := put(version%oldFiles, version+1); err != nil {
			return err
		}
		src.Base = portolan.Base{Commit: portolan.Commit{SHA: fmt.Sprintf("%040x", version)}, Files: maps.Clone(files)}
		tx.AddRevision(portolan.Revision{At: time.Now(), Source: name, Commit: src.Base.Commit, Files: src.Base.Files})
	}
	tx.State.Sources = append(tx.State.Sources, src)
	return nil
}

// oldFile is one version of a file of a source.
func oldFile(source string, file, version int) []byte {
	entries := make([]portolan.Entry, oldEntries)
	for i := range entries {
		name := fmt.Sprintf("service-%d-%02d", file, i)
		entries[i] = portolan.Entry{
			Alias: name, Service: name, Namespace: source, Context: "bench",
			RemotePort: portolan.Port{Number: 8080}, Description: "One of many",
		}
	}
	entries[version%oldEntries].Description = fmt.Sprint("Version ", version)
	return portolan.Encode(entries)
}
