package portolan

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// SetEntry returns the file's text with some fields of one entry changed: After
// replaces or adds the member of that name, and a nil After (or null) removes it.
// Everything else stays as it is, byte by byte: order, white space, unknown
// members, a byte order mark. The index counts the file's own list, from 0; a
// bare entry is 0. Before is not looked at. The error is a [*Fault].
func SetEntry(data []byte, index int, changes []FieldChange) ([]byte, error) {
	text := bytes.TrimPrefix(data, utf8BOM)
	mark := data[:len(data)-len(text)]
	for _, c := range changes {
		entry, err := entryAt(text, index)
		if err != nil {
			return nil, err
		}
		after := jsontext.Value(c.After)
		switch {
		case len(after) == 0 || string(after) == "null":
			text = removeMember(text, entry, c.Name)
		case !after.IsValid():
			return nil, &Fault{Kind: Usage, Code: "field-value", Message: fmt.Sprintf("the new value of %s is not JSON", show(c.Name))}
		default:
			text = setMember(text, entry, c.Name, bytes.TrimSpace(after))
		}
	}
	return slices.Concat(mark, text), nil
}

// entryAt finds an entry in a file's text.
func entryAt(text []byte, index int) (*node, error) {
	root, bad := readTree(text)
	if bad != nil {
		return nil, &Fault{Kind: Failed, Code: "file-invalid", Message: "the file cannot be read: " + bad.message, Hint: bad.hint}
	}
	list, base := entryList(root)
	entry := root
	switch {
	case list != nil && index >= 0 && index < len(list.kids):
		entry = &list.kids[index]
	case list != nil || base != "" || index != 0:
		return nil, &Fault{Kind: Failed, Code: "entry-unknown", Message: fmt.Sprintf("the file has no entry %d", index)}
	}
	if entry.kind != '{' {
		return nil, &Fault{Kind: Failed, Code: "entry-unknown", Message: fmt.Sprintf("entry %d of the file is %s", index, entry.what())}
	}
	if len(duplicateKids(entry)) > 0 {
		return nil, &Fault{Kind: Failed, Code: "file-invalid", Message: fmt.Sprintf("entry %d of the file has a field more than once", index),
			Hint: "keep one of them"}
	}
	return entry, nil
}

func splice(text []byte, start, end int, with ...[]byte) []byte {
	return slices.Concat(text[:start], slices.Concat(with...), text[end:])
}

func setMember(text []byte, entry *node, name string, value []byte) []byte {
	if old := entry.member(name); old != nil {
		return splice(text, old.start, old.end, value)
	}
	if len(entry.kids) == 0 {
		return splice(text, entry.start+1, entry.start+1, quote(name), []byte(": "), value)
	}
	// The new member looks like the last one: the same white space before it and
	// around its colon.
	last := entry.kids[len(entry.kids)-1]
	before := entry.start + 1
	if len(entry.kids) > 1 {
		before = entry.kids[len(entry.kids)-2].end
	}
	space := bytes.TrimPrefix(bytes.TrimLeft(text[before:last.nameStart], " \t\r\n"), []byte(","))
	if len(entry.kids) == 1 {
		space = text[before:last.nameStart]
	}
	colon := text[last.nameStart:last.start]
	colon = colon[bytes.LastIndexByte(colon, '"')+1:]
	return splice(text, last.end, last.end, []byte(","), space, quote(name), colon, value)
}

func removeMember(text []byte, entry *node, name string) []byte {
	i := slices.IndexFunc(entry.kids, func(n node) bool { return n.name == name })
	switch {
	case i < 0:
		return text
	case len(entry.kids) == 1:
		return splice(text, entry.start+1, entry.end-1)
	case i == 0:
		return splice(text, entry.kids[0].nameStart, entry.kids[1].nameStart)
	}
	return splice(text, entry.kids[i-1].end, entry.kids[i].end)
}
