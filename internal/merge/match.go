package merge

import (
	"maps"
	"slices"
	"strconv"

	"github.com/portolan-app/portolan/internal/portolan"
)

// match says which entry before each entry after continues: from[i] is an index
// into before, or -1 for an entry that is new.
//
// The same key continues. If a key is gone, an entry with the same target
// continues it under its new name: first inside the environment, then in another
// one. Each pass looks at what the passes before it left, from the most to the
// least telling likeness, and takes only what is unique on both sides; so the
// order of the entries cannot matter, and an ambiguous one is new, which never
// runs by itself.
func match(before, after []item) (from []int) {
	from = make([]int, len(after))
	byPlace := make(map[place]int, len(before))
	for i, b := range before {
		byPlace[b.place] = i
	}
	var lost, found []candidate
	for i, a := range after {
		from[i] = -1
		if j, ok := byPlace[a.place]; ok && before[j].id != "" {
			from[i] = j
			delete(byPlace, a.place)
			continue
		}
		found = append(found, newCandidate(i, a))
	}
	for _, j := range byPlace {
		if before[j].id != "" {
			lost = append(lost, newCandidate(j, before[j]))
		}
	}
	for _, likeness := range likenesses {
		if len(lost) == 0 || len(found) == 0 {
			break
		}
		lost, found = pair(from, lost, found, likeness)
	}
	return from
}

// candidate is an entry that no key has matched, with what may match it.
type candidate struct {
	index                   int
	env, alias, tuple, port string
}

func newCandidate(index int, it item) candidate {
	return candidate{index, it.env, it.entry.Alias, portolan.Tuple(it.entry), strconv.Itoa(it.entry.LocalPort)}
}

// likenesses are ways in which two entries may be the same one, the most telling
// first.
var likenesses = []func(candidate) [4]string{
	func(c candidate) [4]string { return [4]string{c.env, c.tuple, c.alias, c.port} },
	func(c candidate) [4]string { return [4]string{c.env, c.tuple, c.port} },
	func(c candidate) [4]string { return [4]string{c.env, c.tuple, c.alias} },
	func(c candidate) [4]string { return [4]string{c.env, c.tuple} },
	func(c candidate) [4]string { return [4]string{"", c.tuple, c.alias, c.port} },
	func(c candidate) [4]string { return [4]string{"", c.tuple, c.alias} },
	func(c candidate) [4]string { return [4]string{"", c.tuple} },
}

// pair notes in from what one likeness matches, and returns what is left.
func pair(from []int, lost, found []candidate, likeness func(candidate) [4]string) (lostLeft, foundLeft []candidate) {
	groups := map[[4]string]*[2][]int{} // positions in lost and in found
	group := func(c candidate) *[2][]int {
		k := likeness(c)
		if groups[k] == nil {
			groups[k] = new([2][]int)
		}
		return groups[k]
	}
	for i, c := range lost {
		g := group(c)
		g[0] = append(g[0], i)
	}
	for i, c := range found {
		g := group(c)
		g[1] = append(g[1], i)
	}
	unique := func(g *[2][]int) bool { return len(g[0]) == 1 && len(g[1]) == 1 }
	for _, c := range lost {
		if !unique(group(c)) {
			lostLeft = append(lostLeft, c)
		}
	}
	for _, c := range found {
		if g := group(c); unique(g) {
			from[c.index] = lost[g[0][0]].index
		} else {
			foundLeft = append(foundLeft, c)
		}
	}
	return lostLeft, foundLeft
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
