package portolan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// The limits of a file. A file is untrusted input: what reading it costs is
// bounded before it is understood.
const (
	MaxFileBytes   = 4 << 20 // of one environment file
	MaxEntries     = 10_000  // of one source
	maxDepth       = 32      // objects and arrays inside each other
	maxStringBytes = 4 << 10 // of one string or member name, unescaped
	maxMembers     = 256     // of one object
	maxValues      = 500_000 // of one file; holds the memory of the tree
)

// node is one JSON value with its place in the text. The offsets are bytes; end
// is exclusive.
type node struct {
	kind      jsontext.Kind // '{' '[' '"' '0' 't' 'f' 'n'
	name      string        // of an object's member
	nameStart int           // offset of the member name's opening quote
	start     int
	end       int
	text      string // a string unescaped; a number as written
	kids      []node // members or elements, in the file's order
}

// member returns the child of that name, or nil.
func (n *node) member(name string) *node {
	for i := range n.kids {
		if n.kids[i].name == name {
			return &n.kids[i]
		}
	}
	return nil
}

// syntaxError ends a file: nothing in it can be understood.
type syntaxError struct {
	offset  int
	pointer string
	code    string
	message string
	hint    string
}

func (e *syntaxError) Error() string { return e.message }

var utf8BOM = []byte("\xef\xbb\xbf")

// readTree reads data, which holds no byte order mark, as exactly one JSON value.
func readTree(data []byte) (*node, *syntaxError) {
	if e := wrongKind(data); e != nil {
		return nil, e
	}
	r := treeReader{
		data:  data,
		dec:   jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true)),
		names: make(map[string]string, 32),
	}
	root, err := r.value(0)
	if err != nil {
		return nil, r.explain(err)
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		rest := data[root.end:]
		at := root.end + len(rest) - len(bytes.TrimLeft(rest, " \t\r\n"))
		return nil, &syntaxError{offset: at, code: "json-syntax",
			message: "there is more after the end of the JSON value",
			hint:    "a file holds one array, one entry or one document"}
	}
	return &root, nil
}

// wrongKind names data that cannot be a JSON text before a parser says something
// less helpful about it.
func wrongKind(data []byte) *syntaxError {
	switch {
	case len(data) > MaxFileBytes:
		return &syntaxError{code: "file-size",
			message: fmt.Sprintf("the file has %d bytes; at most %d are read", len(data), MaxFileBytes),
			hint:    "split it into several files"}
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")),
		len(data) >= 4 && (data[0] == 0 || data[1] == 0) && (data[2] == 0 || data[3] == 0):
		return &syntaxError{code: "utf-16", message: "the file is UTF-16", hint: "save it as UTF-8"}
	case bytes.HasPrefix(data, []byte("version https://git-lfs.github.com/spec/")):
		return &syntaxError{code: "lfs-pointer",
			message: "the file is a Git LFS pointer, not the file itself",
			hint:    "keep environment files outside Git LFS"}
	case len(bytes.TrimLeft(data, " \t\r\n")) == 0:
		return &syntaxError{code: "empty", message: "the file is empty", hint: "an environment without forwards is []"}
	}
	if utf8.Valid(data) {
		return nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		at += size
	}
	return &syntaxError{offset: at, code: "utf-8",
		message: fmt.Sprintf("the byte 0x%02x is not valid UTF-8", data[at]), hint: "save the file as UTF-8"}
}

// treeReader builds the tree of one file.
type treeReader struct {
	data   []byte
	dec    *jsontext.Decoder
	names  map[string]string // interned member names
	stack  []node            // children of the values that are still open
	values int
}

// value reads the next value with everything in it.
func (r *treeReader) value(depth int) (node, error) {
	if r.values++; r.values > maxValues {
		return node{}, r.limit("file-values", fmt.Sprintf("the file has more than %d values", maxValues))
	}
	kind := r.dec.PeekKind()
	if kind != '{' && kind != '[' {
		return r.scalar(kind)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return node{}, err
	}
	n := node{kind: kind, start: int(r.dec.InputOffset()) - 1}
	if depth == maxDepth {
		return node{}, r.limit("nesting", fmt.Sprintf("objects and arrays are nested more than %d deep", maxDepth))
	}
	first := len(r.stack)
	for {
		next := r.dec.PeekKind()
		if next == '}' || next == ']' {
			break
		}
		kid, err := r.child(kind, depth)
		if err != nil {
			return node{}, err
		}
		r.stack = append(r.stack, kid)
		if kind == '{' && len(r.stack)-first > maxMembers {
			return node{}, r.limit("object-members", fmt.Sprintf("an object has more than %d members", maxMembers))
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return node{}, err
	}
	n.end = int(r.dec.InputOffset())
	n.kids = slices.Clone(r.stack[first:])
	r.stack = r.stack[:first]
	return n, nil
}

// child reads one element of an array, or one member of an object.
func (r *treeReader) child(parent jsontext.Kind, depth int) (node, error) {
	if parent == '[' {
		return r.value(depth + 1)
	}
	if r.dec.PeekKind() != '"' {
		_, err := r.dec.ReadToken()
		if err == nil {
			err = errors.New("a member name is not a string") // the decoder has said so itself
		}
		return node{}, err
	}
	name, err := r.scalar('"')
	if err != nil {
		return node{}, err
	}
	kid, err := r.value(depth + 1)
	kid.name, kid.nameStart = r.intern(name.text), name.start
	return kid, err
}

func (r *treeReader) scalar(kind jsontext.Kind) (node, error) {
	raw, err := r.dec.ReadValue()
	if err != nil {
		return node{}, err
	}
	n := node{kind: kind, end: int(r.dec.InputOffset())}
	n.start = n.end - len(raw)
	switch kind {
	case '"':
		inner := raw[1 : len(raw)-1]
		if bytes.IndexByte(inner, '\\') >= 0 {
			if inner, err = jsontext.AppendUnquote(nil, raw); err != nil {
				return node{}, err
			}
		}
		if len(inner) > maxStringBytes {
			return node{}, &syntaxError{offset: n.start, pointer: string(r.dec.StackPointer()), code: "string-size",
				message: fmt.Sprintf("a string has %d bytes; at most %d are read", len(inner), maxStringBytes)}
		}
		n.text = r.intern(string(inner))
	case '0':
		n.text = string(raw)
	}
	return n, nil
}

// intern keeps one copy of the short strings that repeat in every entry.
func (r *treeReader) intern(s string) string {
	if len(s) > 32 {
		return s
	}
	if known, ok := r.names[s]; ok {
		return known
	}
	if len(r.names) < 4096 {
		r.names[s] = s
	}
	return s
}

func (r *treeReader) limit(code, message string) *syntaxError {
	return &syntaxError{offset: int(r.dec.InputOffset()), pointer: string(r.dec.StackPointer()), code: code, message: message}
}

// explain turns a decoder's error into one that says what to do.
func (r *treeReader) explain(err error) *syntaxError {
	var own *syntaxError
	if errors.As(err, &own) {
		return own
	}
	e := &syntaxError{offset: len(r.data), code: "json-syntax", message: "the file ends too early",
		hint: `a closing ", ] or } is missing`}
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) || errors.Is(err, io.ErrUnexpectedEOF) {
		return e
	}
	e.offset, e.pointer = int(syntactic.ByteOffset), string(syntactic.JSONPointer)
	e.message, e.hint = printable(syntactic.Err.Error()), ""
	if e.offset >= len(r.data) {
		return e
	}
	switch rest := r.data[e.offset:]; {
	case rest[0] == ',' && strings.HasPrefix(string(bytes.TrimLeft(rest[1:], " \t\r\n")), "]"),
		rest[0] == ',' && strings.HasPrefix(string(bytes.TrimLeft(rest[1:], " \t\r\n")), "}"):
		e.message, e.hint = "there is a comma with nothing after it", "remove the comma"
	case rest[0] == '/' || rest[0] == '#':
		e.message, e.hint = "JSON has no comments", `use the field "description"`
	case rest[0] == '\'':
		e.message, e.hint = "a string is in single quotes", "use double quotes"
	case rest[0] == '\n' || rest[0] == '\r':
		e.message, e.hint = "a string goes on over the end of the line", `close it with a ", or write \n`
	}
	return e
}

// positions turns ascending byte offsets of text into lines and columns in one
// pass. A minified file is one long line, so that counting each from the line's
// start would be quadratic.
type positions struct {
	text   []byte
	offset int
	now    Position
}

func newPositions(text []byte) *positions { return &positions{text: text, now: Position{1, 1}} }

// at returns the position of an offset that is not before the last one asked.
func (p *positions) at(offset int) Position {
	offset = min(offset, len(p.text))
	for p.offset < offset {
		span := p.text[p.offset:offset]
		if i := bytes.IndexByte(span, '\n'); i >= 0 {
			p.offset += i + 1
			p.now = Position{p.now.Line + 1, 1}
			continue
		}
		p.now.Column += utf8.RuneCount(span)
		p.offset = offset
	}
	return p.now
}

// pointer appends one reference token (RFC 6901, section 3).
func pointer(base, token string) string {
	if strings.ContainsAny(token, "~/") {
		token = strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
	}
	return base + "/" + token
}

// printable makes text from a file fit for a message: without control
// characters.
func printable(s string) string {
	if strings.ContainsFunc(s, isControl) {
		quoted := strconv.QuoteToASCII(s)
		return quoted[1 : len(quoted)-1]
	}
	return s
}
