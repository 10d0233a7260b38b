package portolan

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// MarshalJSON writes one object: the fields in the order of the struct, absent
// ones left out, then Rest in its own order.
func (e Entry) MarshalJSON() ([]byte, error) { return appendEntry(nil, &e), nil }

func appendEntry(dst []byte, e *Entry) []byte {
	dst = append(dst, '{')
	first := true
	member := func(name string, value []byte) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst, _ = jsontext.AppendQuote(dst, name)
		dst = append(append(dst, ':'), value...)
	}
	for i := range fieldTable {
		r := &fieldTable[i]
		if r.ref == nil {
			continue
		}
		if value := r.raw(e); value != nil {
			member(r.Name, value)
		}
	}
	for _, m := range e.Rest {
		member(m.Name, m.Value)
	}
	return append(dst, '}')
}

// UnmarshalJSON reads what MarshalJSON writes, and everything that a file may
// say. It judges types, but not values: an entry that an older version has
// stored must stay readable.
func (e *Entry) UnmarshalJSON(data []byte) error {
	n, bad := readTree(data)
	if bad != nil {
		return fmt.Errorf("an entry: %s", bad.message)
	}
	if n.kind == 'n' {
		return nil // as encoding/json has it
	}
	if n.kind != '{' {
		return fmt.Errorf("an entry is an object, not %s", n.what())
	}
	read, found := readEntry(data, n)
	if len(found) > 0 {
		return fmt.Errorf("an entry: %s (%s)", found[0].message, found[0].hint)
	}
	*e = read
	return nil
}

// Encode writes entries as an environment file: an array, indented by two
// spaces, with a line end at its end. [Parse] reads it back to equal entries.
func Encode(entries []Entry) []byte {
	list := []byte{'['}
	for i := range entries {
		if i > 0 {
			list = append(list, ',')
		}
		list = appendEntry(list, &entries[i])
	}
	list = append(list, ']')
	out, err := jsontext.AppendFormat(nil, list, jsontext.AllowDuplicateNames(true),
		jsontext.Multiline(true), jsontext.WithIndent("  "))
	if err != nil {
		panic("portolan: an entry holds a member that is not JSON: " + err.Error()) // Parse, With and Unmarshal let none in
	}
	return append(out, '\n')
}
