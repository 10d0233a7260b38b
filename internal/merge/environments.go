package merge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Environments lists the environments of a source, with what their files say of
// them, by their order and then by name. Forwards is not filled in. The error is
// from files.
func Environments(src *portolan.Source, files Files) ([]portolan.EnvironmentView, error) {
	found := map[string]*portolan.EnvironmentView{}
	of := func(name string) *portolan.EnvironmentView {
		if found[name] == nil {
			found[name] = &portolan.EnvironmentView{Name: name, Protected: protects(src.Protected, name)}
		}
		return found[name]
	}
	for _, path := range sortedKeys(src.Base.Files) {
		b := src.Base.Files[path]
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
		e := of(k.Environment)
		e.Protected = e.Protected || k.Protected
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
