package merge

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Environments lists the environments of a source that appear, with what their files
// say of them, by their order and then by name. Forwards is not filled in. The error
// is from files.
func Environments(src *portolan.Source, files Files) ([]portolan.EnvironmentView, error) {
	found := map[string]*portolan.EnvironmentView{}
	of := func(name string) *portolan.EnvironmentView {
		if found[name] == nil {
			found[name] = &portolan.EnvironmentView{Name: name, Protected: src.Protects(name)}
		}
		return found[name]
	}
	for _, path := range sortedKeys(src.Base.Files) {
		b := src.Base.Files[path]
		if !src.Shows(b.Environment) {
			continue
		}
		e := of(b.Environment)
		e.File = cmp.Or(e.File, path)
		if b.SHA == "" {
			continue
		}
		file, err := files(path, b.SHA)
		if err != nil {
			return nil, err
		}
		info := file.Environment
		e.Title, e.Description = cmp.Or(e.Title, info.Title), cmp.Or(e.Description, info.Description)
		e.Color, e.Order = cmp.Or(e.Color, info.Color), cmp.Or(e.Order, info.Order)
		e.Protected = e.Protected || info.Protected
	}
	for _, k := range src.Base.Kept {
		if src.Shows(k.Environment) {
			e := of(k.Environment)
			e.Protected = e.Protected || k.Protected
		}
	}
	list := make([]portolan.EnvironmentView, 0, len(found))
	for _, e := range found {
		list = append(list, *e)
	}
	slices.SortFunc(list, func(a, b portolan.EnvironmentView) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.Name, b.Name))
	})
	return list, nil
}

// Hidden names the environments of a source that its settings let not appear, sorted.
func Hidden(src *portolan.Source) []string {
	var hidden []string
	for _, b := range src.Base.Files {
		if !src.Shows(b.Environment) {
			hidden = append(hidden, b.Environment)
		}
	}
	slices.Sort(hidden)
	return slices.Compact(hidden)
}

// Configure replaces the settings of the source of that name, but for which
// repository it is. What ends to appear is no longer wanted, so that it does not
// start by itself when it appears again. The error is a Fault: no such source.
func Configure(s *portolan.State, config portolan.SourceConfig) error {
	src := s.Source(config.Name)
	if src == nil {
		return UnknownSource(s, config.Name)
	}
	repo := src.Repo // a sync may have learned its new name meanwhile
	repo.APIURL = config.Repo.APIURL
	src.SourceConfig, src.Repo = config, repo
	for env, ids := range src.IDs {
		if !src.Shows(env) {
			Want(s, slices.Collect(maps.Values(ids)), false)
		}
	}
	return nil
}
