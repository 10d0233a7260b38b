package merge_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// repo is a team's repository in memory, with every version it ever had.
type repo struct {
	entries   map[string][]portolan.Entry // by path
	broken    map[string]string           // path -> text in place of the entries
	protected map[string]bool             // path -> the file says so
	blobs     map[string][]byte
	parsed    map[string]*portolan.File
	ids       int
}

func newRepo() *repo {
	return &repo{
		entries: map[string][]portolan.Entry{}, broken: map[string]string{},
		protected: map[string]bool{}, blobs: map[string][]byte{}, parsed: map[string]*portolan.File{},
	}
}

func environmentOf(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return strings.TrimSuffix(name, ".json")
}

func (r *repo) text(name string) []byte {
	if text, ok := r.broken[name]; ok {
		return []byte(text)
	}
	list := portolan.Encode(r.entries[name])
	if r.protected[name] {
		return fmt.Appendf(nil, `{"environment": {"protected": true}, "forwards": %s}`, list)
	}
	return list
}

// snapshot commits what the repository holds.
func (r *repo) snapshot() portolan.Snapshot {
	snap := portolan.Snapshot{Source: "team"}
	names := slices.Collect(maps.Keys(r.entries))
	slices.Sort(names)
	var all strings.Builder
	for _, name := range names {
		data := r.text(name)
		sha := portolan.BlobSHA(data)
		r.blobs[sha] = data
		file := portolan.Parse(name, data)
		snap.Files = append(snap.Files, portolan.SnapshotFile{
			Path: name, SHA: sha, Environment: environmentOf(name), File: file, Fault: file.Fault(),
		})
		fmt.Fprintln(&all, name, sha)
	}
	snap.Commit = portolan.Commit{SHA: portolan.BlobSHA([]byte(all.String())), Author: "Ada"}
	return snap
}

func (r *repo) files(path, sha string) (*portolan.File, error) {
	data, ok := r.blobs[sha]
	if !ok {
		return nil, fmt.Errorf("no blob %s of %s", sha, path)
	}
	key := path + sha
	if r.parsed[key] == nil {
		r.parsed[key] = portolan.Parse(path, data)
	}
	return r.parsed[key], nil
}

func (r *repo) newID() portolan.ID {
	r.ids++
	return portolan.ID(fmt.Sprintf("id-%03d", r.ids))
}

func (r *repo) options() merge.Options { return merge.Options{Now: noon, NewID: r.newID} }

func svc(alias, namespace, service string, port int) portolan.Entry {
	return portolan.Entry{Alias: alias, Namespace: namespace, Service: service, RemotePort: portolan.Port{Number: port}}
}

func raw(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func fresh(config portolan.SourceConfig) *portolan.State {
	config.Name = "team"
	return &portolan.State{Sources: []portolan.Source{{SourceConfig: config}}}
}
