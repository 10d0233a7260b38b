package engine

import (
	"cmp"
	"log/slog"
	"sync"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// library parses blobs once. A blob is immutable, so a parsed file is good for
// as long as anything names it.
type library struct {
	blob func(sha string) ([]byte, error)
	log  *slog.Logger

	mu    sync.Mutex
	files map[volume]*portolan.File
}

// volume names one parsed file: problems carry the path, so it counts.
type volume struct{ path, sha string }

func newLibrary(blob func(sha string) ([]byte, error), log *slog.Logger) *library {
	return &library{blob: blob, log: log, files: make(map[volume]*portolan.File)}
}

// file is a [merge.Files].
func (l *library) file(path, sha string) (*portolan.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.files[volume{path, sha}]; f != nil {
		return f, nil
	}
	data, err := l.blob(sha)
	if err != nil {
		return nil, err
	}
	f := portolan.Parse(path, data)
	l.files[volume{path, sha}] = f
	return f, nil
}

// present is file, but what the store has lost is empty: its entries are out of
// force until the next sync of their source, which fetches it again.
func (l *library) present(path, sha string) (*portolan.File, error) {
	file, err := l.file(path, sha)
	if store.IsLost(err) {
		l.log.Warn("a file of a source is lost; its next sync fetches it again", "file", path, "err", err)
		return &portolan.File{Path: path}, nil
	}
	return file, err
}

// environments lists the environments of each source, by its name.
func (l *library) environments(s *portolan.State) (map[string][]portolan.EnvironmentView, error) {
	all := make(map[string][]portolan.EnvironmentView, len(s.Sources))
	for i := range s.Sources {
		list, err := merge.Environments(&s.Sources[i], l.present)
		if err != nil {
			return nil, err
		}
		all[s.Sources[i].Name] = list
	}
	return all, nil
}

// waiting counts what the commit that waits would change in each source, by its
// name. What cannot be read is not there: the next sync reads it again.
func (l *library) waiting(s *portolan.State, opt merge.Options) map[string]int {
	counts := make(map[string]int)
	for i := range s.Sources {
		if s.Sources[i].Waiting == nil {
			continue
		}
		name := s.Sources[i].Name
		d, err := merge.Pending(s, name, l.file, opt)
		if err != nil {
			l.log.Warn("what waits cannot be read", "source", name, "err", err)
			continue
		}
		counts[name] = len(d.Rows)
	}
	return counts
}

// forwards works out what is in force, and forgets the files that no source
// names any more.
func (l *library) forwards(s *portolan.State) ([]portolan.Forward, error) {
	inForce, err := merge.Forwards(s, l.present)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	named := make(map[volume]bool)
	for _, source := range s.Sources {
		for path, file := range source.Base.Files {
			named[volume{path, file.SHA}] = true
		}
		if source.Waiting != nil {
			for path, file := range source.Waiting.Files {
				named[volume{path, cmp.Or(file.SHA, file.BadSHA)}] = true
			}
		}
	}
	for v := range l.files {
		if !named[v] {
			delete(l.files, v)
		}
	}
	return inForce, nil
}
