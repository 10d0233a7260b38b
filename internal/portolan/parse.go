package portolan

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Parse reads an environment file: an array of entries, one bare entry, or a
// document with "forwards". It never fails as a whole; what is wrong is in
// Problems, all of it, in the order of the file. A syntax error ends the file
// with that one error. The path is only for messages.
func Parse(path string, data []byte) *File {
	text := bytes.TrimPrefix(data, utf8BOM)
	p := parser{file: &File{Path: path}, text: text}
	root, bad := readTree(text)
	if bad != nil {
		p.file.Broken = true
		p.add(bad.offset, bad.pointer, finding{"", SeverityError, bad.code, bad.message, bad.hint})
	} else {
		p.root(root)
	}
	p.finish()
	return p.file
}

// Fault is nil if the file has no error. Otherwise its message names the first
// one and how many there are, and Problems holds all findings.
func (f *File) Fault() *Fault {
	first, errors := "", 0
	hint := ""
	for _, p := range f.Problems {
		if p.Severity != SeverityError {
			continue
		}
		if errors++; errors == 1 {
			first, hint = fmt.Sprintf("%s:%d:%d: %s", p.File, p.Position.Line, p.Position.Column, p.Message), p.Hint
		}
	}
	switch {
	case errors == 0:
		return nil
	case errors == 2:
		first += ", and 1 more error"
	case errors > 2:
		first += ", and " + strconv.Itoa(errors-1) + " more errors"
	}
	return &Fault{Kind: Failed, Code: "file-invalid", Message: first, Hint: hint, Problems: f.Problems}
}

// parser understands the tree of one file.
type parser struct {
	file  *File
	text  []byte
	found []placed
	at    []int // offsets of the entries, parallel to file.Entries
}

// placed is a problem with its byte offset, which becomes its position.
type placed struct {
	offset int
	Problem
}

func (p *parser) add(offset int, pointer string, f finding) {
	p.found = append(p.found, placed{offset, Problem{
		File: p.file.Path, Pointer: pointer, Severity: f.severity, Code: f.code, Message: f.message, Hint: f.hint,
	}})
}

func (p *parser) error(n *node, pointer, code, message, hint string) {
	p.add(n.start, pointer, finding{"", SeverityError, code, message, hint})
}

// finish puts the problems in order and gives everything its position.
func (p *parser) finish() {
	slices.SortStableFunc(p.found, func(a, b placed) int { return cmp.Compare(a.offset, b.offset) })
	places := newPositions(p.text)
	for _, f := range gathered(p.found) {
		f.Position = places.at(f.offset)
		p.file.Problems = append(p.file.Problems, f.Problem)
	}
	places = newPositions(p.text)
	p.file.Positions = make([]Position, len(p.at))
	for i, offset := range p.at {
		p.file.Positions[i] = places.at(offset)
	}
}

// gathered makes one notice of those that say the same: a field that another
// program put into each of 10,000 entries is one thing to know.
func gathered(found []placed) []placed {
	type said struct{ code, message, hint string }
	first := make(map[said]int)
	var out []placed
	for _, f := range found {
		if f.Severity != SeverityNotice {
			out = append(out, f)
			continue
		}
		key := said{f.Code, f.Message, f.Hint}
		i, again := first[key]
		if !again {
			first[key] = len(out)
			out = append(out, f)
			continue
		}
		out[i].Count = max(out[i].Count, 1) + 1
	}
	for i, f := range out {
		if f.Count > 1 {
			out[i].Message += fmt.Sprintf(" (%d times)", f.Count)
		}
	}
	return out
}

func (p *parser) root(n *node) {
	list, base := entryList(n)
	switch {
	case n.kind == '{' && base != "":
		p.document(n)
	case n.kind == '{':
		p.entry(n, "", 0)
		return
	case n.kind != '[':
		p.error(n, "", "shape", "the file is "+n.what(),
			`write an array of entries, one entry, or a document {"forwards": [...]}`)
		return
	}
	if list == nil {
		return
	}
	p.file.Entries = make([]Entry, 0, min(len(list.kids), MaxEntries))
	for i := range list.kids {
		kid, at := &list.kids[i], base+"/"+strconv.Itoa(i)
		if i == MaxEntries {
			p.error(kid, at, "entries", fmt.Sprintf("the file has %d entries; at most %d are read", len(list.kids), MaxEntries),
				"split the file over several sources")
			return
		}
		p.entry(kid, at, i)
	}
}

// entryList returns the array that holds the entries of a file and its pointer,
// which is "" for the two shapes that are not a document. The list is nil for a
// bare entry, and for a document without forwards.
func entryList(root *node) (list *node, pointer string) {
	if root.kind == '[' {
		return root, ""
	}
	if root.kind != '{' || root.member("forwards") == nil && root.member("environment") == nil {
		return nil, ""
	}
	if list = root.member("forwards"); list != nil && list.kind != '[' {
		list = nil
	}
	return list, "/forwards"
}

// document reads what stands around the entries.
func (p *parser) document(n *node) {
	p.duplicates(n, "")
	for i := range n.kids {
		kid, at := &n.kids[i], pointer("", n.kids[i].name)
		switch kid.name {
		case "$schema":
		case "environment":
			p.environment(kid, at)
		case "forwards":
			if kid.kind != '[' {
				p.error(kid, at, "field-type", "forwards is "+kid.what(), "write an array of entries")
			}
		default:
			p.unknown(kid, at, documentFields)
		}
	}
}

var (
	documentFields    = []string{"environment", "forwards"}
	environmentFields = []string{"title", "description", "color", "protected", "order"}
)

func (p *parser) unknown(n *node, pointer string, known []string) {
	f := finding{"", SeverityNotice, "unknown-field", printable(n.name) + " is not known; it is kept", ""}
	if near := nearest(n.name, known); near != "" {
		f.hint = "did you mean " + near + "?"
	}
	p.add(n.nameStart, pointer, f)
	p.nested(n, pointer)
}

// environment reads the head of a document. What is wrong in it does not touch
// the entries.
func (p *parser) environment(n *node, base string) {
	if n.kind != '{' {
		p.error(n, base, "field-type", "environment is "+n.what(), `write an object such as {"title": "Staging"}`)
		return
	}
	p.duplicates(n, base)
	info := &p.file.Environment
	for i := range n.kids {
		kid, at := &n.kids[i], pointer(base, n.kids[i].name)
		switch kid.name {
		case "title":
			p.word(kid, at, &info.Title)
		case "description":
			p.word(kid, at, &info.Description)
		case "color":
			p.word(kid, at, &info.Color)
			if info.Color != "" && !isColor(info.Color) {
				p.error(kid, at, "color", "color is "+show(info.Color), "write #rrggbb, or a name such as red")
				info.Color = ""
			}
		case "protected":
			p.flag(kid, at, &info.Protected)
		case "order":
			v, err := strconv.Atoi(kid.text)
			if kid.kind != '0' || err != nil {
				p.error(kid, at, "field-type", "order is "+kid.what(), "write a whole number")
				continue
			}
			info.Order = v
		default:
			p.unknown(kid, at, environmentFields)
		}
	}
}

func (p *parser) word(n *node, pointer string, to *string) {
	if n.kind == 'n' {
		return
	}
	if n.kind != '"' {
		p.error(n, pointer, "field-type", n.name+" is "+n.what(), "write a string")
		return
	}
	if f := checkText(n.text, n.name == "description"); f.code != "" {
		p.error(n, pointer, f.code, n.name+f.message, f.hint)
		return
	}
	if kind := secretKind(n.name, n.text); kind != "" {
		p.add(n.start, pointer, secretFound(n.name, kind))
	}
	*to = n.text
}

func (p *parser) flag(n *node, pointer string, to *bool) {
	switch {
	case n.kind == 't' || n.text == "true":
		*to = true
	case n.kind == 'f' || n.kind == 'n' || n.text == "false":
	default:
		p.error(n, pointer, "field-type", n.name+" is "+n.what(), "write true or false")
	}
}

// isColor accepts #rgb, #rrggbb and plain names, so that a color can be put into
// a style without being anything else.
func isColor(s string) bool {
	if s[0] == '#' {
		_, err := strconv.ParseUint(s[1:], 16, 32)
		return err == nil && (len(s) == 4 || len(s) == 7)
	}
	for _, r := range s {
		if r < 'a' || r > 'z' {
			return false
		}
	}
	return len(s) <= 20
}

// entry reads one entry, and takes it into the file if it has no error.
func (p *parser) entry(n *node, at string, index int) {
	if n.kind != '{' {
		p.error(n, at, "shape", "an entry is "+n.what(), `write an object such as {"service": "api", "remote_port": 80}`)
		return
	}
	before := len(p.found)
	p.duplicates(n, at)
	e, found := readEntry(p.text, n)
	for _, f := range append(found, e.judge()...) {
		p.place(n, at, f, before)
	}
	for i := range n.kids {
		kid := &n.kids[i]
		if rule := fieldIndex[kid.name]; rule == nil || rule.ref == nil {
			p.restMember(n, kid, at)
		}
	}
	for _, f := range p.found[before:] {
		if f.Severity == SeverityError {
			return
		}
	}
	p.file.Entries = append(p.file.Entries, e)
	p.file.Indexes = append(p.file.Indexes, index)
	p.file.pointers = append(p.file.pointers, at)
	p.at = append(p.at, n.start)
}

// place adds what was found about a field, where the field stands; about an
// absent one, where the entry starts. After an error in a field the rest follows
// from it, and is left out.
func (p *parser) place(n *node, at string, f finding, since int) {
	offset := n.start
	if f.field != "" {
		at = pointer(at, f.field)
		if kid := n.member(f.field); kid != nil {
			offset = kid.start
			if f.code == "unknown-field" {
				offset = kid.nameStart
			}
		}
	}
	if f.field != "" {
		for _, known := range p.found[since:] {
			if known.Severity == SeverityError && known.Pointer == at {
				return
			}
		}
	}
	p.add(offset, at, f)
}

func (p *parser) restMember(n, kid *node, at string) {
	if why, ok := ignoredFields[kid.name]; ok {
		if kid.kind != 'n' && kid.text != "" && kid.text != "default" {
			p.add(kid.start, pointer(at, kid.name), finding{"", SeverityNotice, "ignored-field", kid.name + " is ignored", why})
		}
		return
	}
	for _, f := range judgeRest(kid) {
		p.place(n, at, f, len(p.found))
	}
	if len(kid.kids) > 0 {
		p.nested(kid, pointer(at, kid.name))
	}
}

// nested looks for duplicate names in the objects of a value that is kept.
func (p *parser) nested(n *node, at string) {
	if n.kind == '{' {
		p.duplicates(n, at)
	}
	for i := range n.kids {
		kid := &n.kids[i]
		if kid.kind == '{' || kid.kind == '[' {
			token := kid.name
			if n.kind == '[' {
				token = strconv.Itoa(i)
			}
			p.nested(kid, pointer(at, token))
		}
	}
}

// duplicates reports each name that an object has more than once. Which of them
// counts differs from reader to reader, so none may.
func (p *parser) duplicates(n *node, at string) {
	for _, i := range duplicateKids(n) {
		kid := &n.kids[i]
		p.add(kid.nameStart, pointer(at, kid.name), finding{"", SeverityError, "duplicate-key",
			printable(kid.name) + " is given more than once in one object", "keep one of them"})
	}
}

// duplicateKids returns the second place of each name that repeats.
func duplicateKids(n *node) []int {
	if len(n.kids) <= 24 && !repeats(n.kids) {
		return nil
	}
	var found []int
	seen := make(map[string]int, len(n.kids))
	for i := range n.kids {
		name := n.kids[i].name
		if seen[name]++; seen[name] == 2 {
			found = append(found, i)
		}
	}
	return found
}

// repeats compares each with each, which is faster than a map for as many as
// an entry has.
func repeats(kids []node) bool {
	for i := range kids {
		for j := range i {
			if kids[i].name == kids[j].name {
				return true
			}
		}
	}
	return false
}

// readEntry decodes the members of an object. The findings are about types only.
func readEntry(text []byte, n *node) (Entry, []finding) {
	var (
		e     Entry
		found []finding
	)
	for i := range n.kids {
		kid := &n.kids[i]
		rule := fieldIndex[kid.name]
		if rule != nil && rule.ref != nil {
			if f := rule.decode(&e, kid); f.code != "" {
				found = append(found, f)
			}
			continue
		}
		if _, ignored := ignoredFields[kid.name]; !ignored {
			e.Rest = append(e.Rest, Member{Name: kid.name, Value: normal(text[kid.start:kid.end])})
		}
	}
	return e, found
}
