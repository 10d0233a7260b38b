package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Pick returns the forwards that the selection names, in their own order, each
// once. It is pure, so that the engine and a face agree on what a name means.
//
// A name is an id or "[SOURCE:][ENV/]NAME", NAME being the alias, or the
// identity key where an entry has no alias. A name that fits none or several is
// a [portolan.Usage] fault which says what there is.
func (s Selection) Pick(forwards []portolan.ForwardView) ([]portolan.ForwardView, error) {
	chosen := make(map[portolan.ID]bool)
	for _, name := range s.Names {
		id, err := pickOne(forwards, name)
		if err != nil {
			return nil, err
		}
		chosen[id] = true
	}
	wide := s.All || s.Environment != "" || s.Source != ""
	if !wide && len(s.Names) == 0 {
		return nil, &portolan.Fault{Kind: portolan.Usage, Code: "nothing-selected",
			Message: "no forward is named", Hint: "name one, or use --env ENV or --all"}
	}
	if s.Environment != "" && !slices.ContainsFunc(forwards, s.covers) {
		return nil, &portolan.Fault{Kind: portolan.Usage, Code: "environment-unknown",
			Message: fmt.Sprintf("there is no environment %q", s.Environment),
			Hint:    "there are: " + strings.Join(environments(forwards), ", ")}
	}
	var picked []portolan.ForwardView
	for i := range forwards {
		if f := &forwards[i]; chosen[f.ID] || wide && s.covers(*f) {
			picked = append(picked, *f)
		}
	}
	return picked, nil
}

// covers reports whether the wide part of the selection takes f in.
func (s Selection) covers(f portolan.ForwardView) bool {
	return (s.Environment == "" || s.Environment == f.Environment) && (s.Source == "" || s.Source == f.Source)
}

func pickOne(forwards []portolan.ForwardView, name string) (portolan.ID, error) {
	var fits []portolan.ForwardView
	for i := range forwards {
		f := &forwards[i]
		if string(f.ID) == name {
			return f.ID, nil
		}
		if called(f, name) {
			fits = append(fits, *f)
		}
	}
	switch len(fits) {
	case 1:
		return fits[0].ID, nil
	case 0:
		return "", &portolan.Fault{Kind: portolan.Usage, Code: "forward-unknown",
			Message: fmt.Sprintf("there is no forward %q", name), Hint: near(forwards, name)}
	}
	var full []string
	for _, f := range fits {
		full = append(full, FullName(f))
	}
	return "", &portolan.Fault{Kind: portolan.Usage, Code: "forward-ambiguous",
		Message: fmt.Sprintf("%q is the name of %d forwards", name, len(fits)),
		Hint:    "say which: " + strings.Join(full, ", ")}
}

// near is the hint for a name that fits nothing: the nearest that does.
func near(forwards []portolan.ForwardView, name string) string {
	var known []string
	for _, f := range forwards {
		known = append(known, Names(f)...)
	}
	if nearest := portolan.Nearest(name, known); nearest != "" {
		return fmt.Sprintf("did you mean %q?", nearest)
	}
	return "see what there is with: portolan list"
}

// FullName is the name that fits one forward only: "SOURCE:ENV/NAME".
func FullName(f portolan.ForwardView) string {
	return f.Source + ":" + f.Environment + "/" + shortName(f)
}

// Names are all the names by which a forward may be selected, shortest first.
func Names(f portolan.ForwardView) []string {
	n := shortName(f)
	return []string{n, f.Environment + "/" + n, f.Source + ":" + n, FullName(f)}
}

// called reports whether a name is one of [Names], without making them: 10,000
// forwards are asked.
func called(f *portolan.ForwardView, name string) bool {
	where, ok := strings.CutSuffix(name, shortName(*f))
	if !ok {
		return false
	}
	if within, ok := strings.CutPrefix(where, f.Source); ok {
		if within, ok = strings.CutPrefix(within, ":"); ok && (within == "" || within == f.Environment+"/") {
			return true
		}
	}
	return where == "" || where == f.Environment+"/"
}

func shortName(f portolan.ForwardView) string {
	if f.Entry.Alias != "" {
		return f.Entry.Alias
	}
	return f.Key
}

func environments(forwards []portolan.ForwardView) []string {
	var names []string
	for _, f := range forwards {
		names = append(names, f.Environment)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
