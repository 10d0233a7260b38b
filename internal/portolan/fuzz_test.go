package portolan

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"unicode/utf8"
)

func addExamples(f *testing.F, add func(data []byte)) {
	inputs, err := filepath.Glob("testdata/parse/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range inputs {
		data, err := os.ReadFile(input)
		if err != nil {
			f.Fatal(err)
		}
		add(data)
	}
}

func FuzzParse(f *testing.F) {
	addExamples(f, func(data []byte) { f.Add(data) })
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file := Parse("f.json", data)
		lines := bytes.Split(bytes.TrimPrefix(data, utf8BOM), []byte("\n"))
		within := func(p Position) {
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > utf8.RuneCount(lines[p.Line-1])+1 {
				t.Errorf("%+v is not within the file", p)
			}
		}
		for i, e := range file.Entries {
			within(file.Positions[i])
			if !noError(Validate(e)) {
				t.Errorf("a good entry is not valid: %v", Validate(e))
			}
		}
		for i, p := range file.Problems {
			within(p.Position)
			if i > 0 && before(p.Position, file.Problems[i-1].Position) {
				t.Errorf("the problems are not in order: %v", file.Problems)
			}
			if !utf8.ValidString(p.Message) || !utf8.ValidString(p.Hint) || bytes.ContainsFunc([]byte(p.String()), isControl) {
				t.Errorf("a message cannot be shown: %q", p)
			}
		}
		if file.Broken && (len(file.Problems) != 1 || len(file.Entries) != 0) {
			t.Errorf("a syntax error gave %v", file.Problems)
		}
		encoded := Encode(file.Entries)
		again := Parse("f.json", encoded)
		if len(file.Entries) > 0 && !reflect.DeepEqual(again.Entries, file.Entries) {
			t.Errorf("encoding changes\n%+v\nto\n%+v %v", file.Entries, again.Entries, again.Problems)
		}
		if typesFit(file) && len(data) < 1<<16 {
			if err := accepts(t, schema, data); err != nil {
				t.Errorf("the schema refuses what Parse accepts: %v", err)
			}
		}
	})
}

func before(a, b Position) bool { return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column }

// Editing one field of one entry changes that and nothing else.
func FuzzSetEntry(f *testing.F) {
	addExamples(f, func(data []byte) { f.Add(data, 0, "alias", `"b"`); f.Add(data, 1, "x", "") })
	f.Fuzz(func(t *testing.T, data []byte, index int, name, value string) {
		if !utf8.ValidString(name) || len(name) > 100 || len(value) > 1000 {
			return
		}
		edited, err := SetEntry(data, index, []FieldChange{{Name: name, After: json.RawMessage(value)}})
		if err != nil {
			if f := AsFault(err); f.Code == "internal" {
				t.Fatal(err)
			}
			return
		}
		was, bad := readTree(bytes.TrimPrefix(data, utf8BOM))
		if bad != nil {
			t.Fatalf("a broken file was edited: %v", bad)
		}
		now, bad := readTree(bytes.TrimPrefix(edited, utf8BOM))
		if bad != nil {
			if bad.code != "json-syntax" {
				return // the new value itself breaks a limit
			}
			t.Fatalf("%q became %q: %v", data, edited, bad)
		}
		if len(was.kids) != len(now.kids) && was.kind == '[' {
			t.Fatalf("%q became %q: another number of entries", data, edited)
		}
		again, err := SetEntry(edited, index, []FieldChange{{Name: name, After: json.RawMessage(value)}})
		if err == nil && !bytes.Equal(again, edited) {
			t.Errorf("setting the same again changes %q to %q", edited, again)
		}
	})
}
