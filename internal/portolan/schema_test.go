package portolan

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

const schemaFile = "environment.schema.json"

// The published schema is the generated one: go test -run TestSchemaFile -update
// writes it.
func TestSchemaFile(t *testing.T) {
	if *update {
		if err := os.WriteFile(schemaFile, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, Schema()) {
		t.Errorf("%s is not up to date: run go test -run TestSchemaFile -update", schemaFile)
	}
}

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaURL, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(SchemaURL)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func accepts(t interface{ Fatal(...any) }, schema *jsonschema.Schema, data []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.TrimPrefix(data, utf8BOM)))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

// typesFit reports whether a file is valid, also to the types that kftray has
// for the fields that are only kept.
func typesFit(f *File) bool {
	return !slices.ContainsFunc(f.Problems, func(p Problem) bool {
		return p.Severity == SeverityError || p.Code == "field-type"
	})
}

func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	schema := compileSchema(t)
	inputs, err := filepath.Glob("testdata/parse/*.json")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, input := range inputs {
		data, err := os.ReadFile(input)
		if err != nil {
			t.Fatal(err)
		}
		if typesFit(Parse(input, data)) {
			checked++
			if err := accepts(t, schema, data); err != nil {
				t.Errorf("%s: %v", input, err)
			}
		}
	}
	if checked < 6 {
		t.Errorf("only %d examples are valid", checked)
	}
	rapid.Check(t, func(t *rapid.T) {
		data := Encode(rapid.SliceOfN(entries(), 0, 4).Draw(t, "entries"))
		if typesFit(Parse("f.json", data)) {
			if err := accepts(t, schema, data); err != nil {
				t.Fatalf("%s\n%v", data, err)
			}
		}
	})
}

func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	for _, data := range []string{
		`42`, `["api"]`, `[{"remote_port": 70000}]`, `[{"local_port": "8080"}]`, `[{"workload_type": "deploymnet"}]`,
		`[{"protocol": "TCP"}]`, `[{"tags": "ui"}]`, `[{"namespace": "A_B"}]`, `[{"local_address": "example.org"}]`,
		`[{"url_path": "admin"}]`, `[{"domain_enabled": "yes"}]`, `{"forwards": {}}`, `{"forwards": [], "environment": {"color": "url(x)"}}`,
	} {
		if accepts(t, schema, []byte(data)) == nil {
			t.Errorf("the schema accepts %s", data)
		}
	}
}
