package portolan

import (
	"cmp"
	"fmt"
	"strings"
)

// Name is what people call the forward: its alias, or else the name of what it
// leads to.
func (f Forward) Name() string {
	e := f.Entry
	return cmp.Or(e.Alias, e.Service, e.PodName, e.Target, e.RemoteAddress)
}

// spellings are all the names that mean the forward: NAME with and without its
// environment and source, and the id.
func (f Forward) spellings() []string {
	name := f.Name()
	inEnvironment := f.Environment + "/" + name
	return []string{name, inEnvironment, f.Source + ":" + name, f.Source + ":" + inEnvironment, string(f.ID)}
}

// Find returns the one forward that is meant by name, which is
// "[SOURCE:][ENV/]NAME" or an id. Names are compared whole, so that an alias may
// hold a colon or a slash. The error is a fault: nothing has that name (with the
// nearest that exists), or several have (with the names that tell them apart).
func Find(forwards []ForwardView, name string) (*ForwardView, error) {
	var found []*ForwardView
	var known []string
	for i := range forwards {
		spellings := forwards[i].spellings()
		known = append(known, spellings...)
		for _, s := range spellings {
			if s == name {
				found = append(found, &forwards[i])
				break
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		hint := `"portolan list" shows the names`
		if near := Nearest(name, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, &Fault{Kind: Failed, Code: "unknown-forward",
			Message: fmt.Sprintf("there is no forward %q", name), Hint: hint}
	}
	return nil, ambiguous(name, found)
}

// ambiguous names the forwards that name fits: in full, or by id where that does
// not tell them apart either.
func ambiguous(name string, found []*ForwardView) *Fault {
	const most = 5
	count := map[string]int{}
	full := func(f *ForwardView) string { return f.Source + ":" + f.Environment + "/" + f.Name() }
	for _, f := range found {
		count[full(f)]++
	}
	var names []string
	for _, f := range found[:min(most, len(found))] {
		if count[full(f)] > 1 {
			names = append(names, fmt.Sprintf("%s (%s)", f.ID, full(f)))
		} else {
			names = append(names, full(f))
		}
	}
	if len(found) > most {
		names = append(names, "...")
	}
	return &Fault{Kind: Failed, Code: "ambiguous-forward",
		Message: fmt.Sprintf("%q is the name of %d forwards", name, len(found)),
		Hint:    "say which: " + strings.Join(names, ", ")}
}

// Nearest returns the known word that word is most likely a slip of the keyboard
// for, or "" if none is near: at most one slip for each three characters, letter
// case aside. Among equals it is the first.
func Nearest(word string, known []string) string {
	nearest, least := "", len([]rune(word))/3+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < least && k != "" {
			nearest, least = k, d
		}
	}
	return nearest
}

// distance counts the characters to insert, delete, replace or swap with their
// neighbour to make a into b (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			row[j] = last[j-1]
			if s[i-1] != t[j-1] {
				row[j] = 1 + min(last[j-1], last[j], row[j-1])
			}
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
