package portolan

import "encoding/json"

// This file fixes the signatures first; the implementations follow, each in its own file.

func Parse(path string, data []byte) *File { panic("portolan: not written yet") }

func (f *File) Fault() *Fault { panic("portolan: not written yet") }

func Validate(e Entry) []Problem { panic("portolan: not written yet") }

func (e Entry) Equal(o Entry) bool { panic("portolan: not written yet") }

func (e Entry) With(name string, value json.RawMessage) (Entry, error) {
	panic("portolan: not written yet")
}

func Diff(before, after Entry) []FieldChange { panic("portolan: not written yet") }

func Encode(entries []Entry) []byte { panic("portolan: not written yet") }

func SetEntry(data []byte, index int, changes []FieldChange) ([]byte, error) {
	panic("portolan: not written yet")
}

// FieldType is the JSON type of a field.
type FieldType string

const (
	TypeString  FieldType = "string"
	TypeInteger FieldType = "integer"
	TypeBoolean FieldType = "boolean"
	TypePort    FieldType = "port"
	TypeStrings FieldType = "strings"
)

type Field struct {
	Name        string
	Type        FieldType
	Enum        []string
	Description string
	Kept        bool // kftray's: read, kept in Rest and written back, not acted on
}

func Fields() []Field { panic("portolan: not written yet") }

// Identified is one entry and its key. Index is what SetEntry takes.
type Identified struct {
	Key   string
	File  string
	Index int
	Entry Entry
}

func Tuple(e Entry) string { panic("portolan: not written yet") }

func Identify(environment string, files []*File) ([]Identified, []Problem) {
	panic("portolan: not written yet")
}

func TargetOf(e Entry) Target { panic("portolan: not written yet") }

// NotSupported is not called Unsupported because that is a [Phase].
func NotSupported(e Entry) *Fault { panic("portolan: not written yet") }

func BeyondLoopback(address string) bool { panic("portolan: not written yet") }

func OpenURL(e Entry, address string) (string, error) { panic("portolan: not written yet") }

func ParseRepository(s string) (repo Repository, ref, path string, err error) {
	panic("portolan: not written yet")
}

func ValidName(name string) error { panic("portolan: not written yet") }

func SlugFrom(repoName string) string { panic("portolan: not written yet") }

func Schema() []byte { panic("portolan: not written yet") }
