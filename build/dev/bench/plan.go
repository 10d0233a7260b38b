package main

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// The big repository: 10,000 entries.
const (
	bigFiles   = 50
	bigEntries = 200 // in each file
)

// bigName is the path of a file of the big repository.
func bigName(file int) string { return fmt.Sprintf("env-%02d.json", file) }

// bigFile is the text of a file of the big repository. Its first entry carries
// the version, so that two versions differ in one entry.
func bigFile(file, version int) []byte {
	entries := make([]portolan.Entry, bigEntries)
	for i := range entries {
		name := fmt.Sprintf("service-%02d-%03d", file, i)
		entries[i] = portolan.Entry{
			Alias: name, Service: name, Namespace: "team-" + strconv.Itoa(file), Context: "bench",
			RemotePort: portolan.Port{Number: 8080}, Description: "One of many",
		}
	}
	entries[0].Description = "Version " + strconv.Itoa(version)
	return portolan.Encode(entries)
}

// desk is a machine that follows the big repository, without network and disk.
// Like the engine it parses each version of a file once.
type desk struct {
	state  portolan.State
	now    map[string]portolan.SnapshotFile // the repository's files, by path
	parsed map[string]*portolan.File        // by path and SHA
}

func newDesk() *desk {
	return &desk{
		state:  portolan.State{Sources: []portolan.Source{{SourceConfig: portolan.SourceConfig{Name: "team"}}}},
		now:    map[string]portolan.SnapshotFile{},
		parsed: map[string]*portolan.File{},
	}
}

// sync takes a commit in: it parses the files that are new, plans and applies.
// It returns how long that took, and how many rows the plan had.
func (d *desk) sync(commit string, fresh map[string][]byte) (took time.Duration, rows int, err error) {
	begin := time.Now()
	for path, data := range fresh {
		f := portolan.SnapshotFile{Path: path, SHA: commit, Environment: path, File: portolan.Parse(path, data)}
		f.Fault = f.File.Fault()
		d.now[path], d.parsed[path+"@"+commit] = f, f.File
	}
	snap := portolan.Snapshot{Source: "team", Commit: portolan.Commit{SHA: commit}}
	for i := range bigFiles {
		snap.Files = append(snap.Files, d.now[bigName(i)])
	}
	files := func(path, sha string) (*portolan.File, error) { return d.parsed[path+"@"+sha], nil }
	decision, err := merge.Plan(&d.state, snap, files, merge.Options{
		Now: begin, NewID: func() portolan.ID { return portolan.ID(rand.Text()) },
	})
	if err != nil {
		return 0, 0, err
	}
	decision.Apply(&d.state)
	return time.Since(begin), len(decision.Rows), nil
}

// The figures of a sync of the big repository, without network and disk.
var (
	plan10kFirst = figure{"plan10k_first", "ms", Lower, none}
	plan10k      = figure{"plan10k", "ms", Lower, 150}
)

// planRows measures the first sync of the big repository, and one of a commit
// that changes one entry.
func planRows(runs int) ([]Row, error) {
	var first, next []float64
	for range runs {
		d := newDesk()
		all := map[string][]byte{}
		for i := range bigFiles {
			all[bigName(i)] = bigFile(i, 0)
		}
		took, rows, err := d.sync("0", all)
		if err != nil || rows != bigFiles*bigEntries {
			return nil, fmt.Errorf("the first sync of the big repository has %d rows: %w", rows, err)
		}
		first = append(first, milliseconds(took))
		took, rows, err = d.sync("1", map[string][]byte{bigName(7): bigFile(7, 1)})
		if err != nil || rows != 1 {
			return nil, fmt.Errorf("a change of one entry has %d rows: %w", rows, err)
		}
		next = append(next, milliseconds(took))
	}
	return []Row{plan10kFirst.alone(first), plan10k.alone(next)}, nil
}
