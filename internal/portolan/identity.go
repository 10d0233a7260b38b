package portolan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Identified is one entry of an environment with its key. Index counts the
// list of the file named File as [SetEntry] does.
type Identified struct {
	Key   string
	File  string
	Index int
	Entry Entry
}

// Tuple says where an entry leads:
//
//	workload_type/namespace/(service|target|pod_name|remote_address)/remote_port/protocol[/context]
//
// Two entries with the same tuple reach the same thing; an entry whose key is
// gone and whose tuple is that of a new key was renamed.
func Tuple(e Entry) string {
	t := TargetOf(e)
	parts := []string{string(t.Kind), t.Namespace, cmp.Or(t.Selector, t.Name), t.Port.String(), string(cmp.Or(e.Protocol, TCP))}
	for i, part := range parts {
		if strings.ContainsAny(part, "%/") { // a selector's label keys may hold a slash
			parts[i] = strings.NewReplacer("%", "%25", "/", "%2F").Replace(part)
		}
	}
	if t.Context != "" {
		parts = append(parts, t.Context)
	}
	return strings.Join(parts, "/")
}

// candidate is an entry on its way to a key.
type candidate struct {
	Identified
	pointer  string
	position Position
}

func (c candidate) place() string {
	return fmt.Sprintf("%s:%d:%d", c.File, c.position.Line, c.position.Column)
}

// Identify gives each entry of one environment its key: the alias where no
// other entry of the environment has it, otherwise alias, tuple and local port.
// Keys are unique, and depend neither on the order of the files nor on that of
// the entries. The result is sorted by file and place.
//
// Exact copies count once, with a notice. Entries with the same key and
// different content are left out, each with an error that names the other.
func Identify(environment string, files []*File) ([]Identified, []Problem) {
	within := ""
	if environment != "" { // a file read by itself belongs to none
		within = ", in the environment " + environment
	}
	distinct, problems := collapse(candidates(files))
	aliases := make(map[string]int, len(distinct))
	for i := range distinct {
		aliases[distinct[i].Entry.Alias]++
	}
	owners := make(map[string]int, len(distinct))
	for i, c := range distinct {
		key := c.Entry.Alias
		if key == "" || aliases[key] > 1 {
			key = strings.TrimPrefix(fmt.Sprintf("%s %s:%d", key, Tuple(c.Entry), c.Entry.LocalPort), " ")
		}
		distinct[i].Key = key
		owners[key]++
	}
	identified := make([]Identified, 0, len(distinct))
	for i, c := range distinct {
		if owners[c.Key] == 1 {
			identified = append(identified, c.Identified)
			continue
		}
		rival := func(o candidate) bool { return o.Key == c.Key }
		other := slices.IndexFunc(distinct, rival)
		if other == i {
			other += 1 + slices.IndexFunc(distinct[i+1:], rival)
		}
		problems = append(problems, c.problem(SeverityError, "duplicate-identity",
			fmt.Sprintf("%s has the same alias, target and local port as the entry at %s%s",
				c.name(), distinct[other].place(), within), "give each an alias of its own"))
	}
	return identified, problems
}

// collapse leaves out exact copies of an entry before them.
func collapse(all []candidate) (distinct []candidate, notices []Problem) {
	aliases := make(map[string]int, len(all))
	for i := range all {
		aliases[all[i].Entry.Alias]++
	}
	if len(aliases) == len(all) {
		return all, nil
	}
	distinct = make([]candidate, 0, len(all))
	seen := map[string]int{} // content -> place in all
	for i, c := range all {
		if aliases[c.Entry.Alias] == 1 { // nothing else can be a copy of it
			distinct = append(distinct, c)
			continue
		}
		content := contentOf(c.Entry)
		first, again := seen[content]
		if !again {
			seen[content] = i
			distinct = append(distinct, c)
			continue
		}
		notices = append(notices, c.problem(SeverityNotice, "duplicate-entry",
			fmt.Sprintf("%s is an exact copy of the entry at %s", c.name(), all[first].place()), "one of them is enough"))
	}
	return distinct, notices
}

// contentOf is the same for entries that are [Entry.Equal], and for no others.
func contentOf(e Entry) string {
	if len(e.Rest) > 1 {
		e.Rest = slices.SortedFunc(slices.Values(e.Rest), func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	}
	return string(appendEntry(nil, &e))
}

func candidates(files []*File) []candidate {
	files = slices.SortedFunc(slices.Values(files), func(a, b *File) int { return cmp.Compare(a.Path, b.Path) })
	size := 0
	for _, f := range files {
		size += len(f.Entries)
	}
	all := make([]candidate, 0, size)
	for _, f := range files {
		for i, e := range f.Entries {
			c := candidate{Identified: Identified{File: f.Path, Index: i, Entry: e}}
			if i < len(f.Indexes) {
				c.Index = f.Indexes[i]
			}
			if i < len(f.Positions) {
				c.position = f.Positions[i]
			}
			if i < len(f.pointers) {
				c.pointer = f.pointers[i]
			}
			all = append(all, c)
		}
	}
	return all
}

func (c candidate) name() string {
	if c.Entry.Alias != "" {
		return show(c.Entry.Alias)
	}
	return "an entry without alias"
}

func (c candidate) problem(severity Severity, code, message, hint string) Problem {
	return Problem{File: c.File, Pointer: c.pointer, Position: c.position,
		Severity: severity, Code: code, Message: message, Hint: hint}
}
