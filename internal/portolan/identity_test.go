package portolan

import (
	"slices"
	"strings"
	"testing"
)

func TestIdentify(t *testing.T) {
	const (
		api     = `{"alias": "api", "service": "api", "remote_port": 80}`
		apiEU   = `{"alias": "api", "service": "api", "remote_port": 80, "context": "eu"}`
		apiText = `{"alias": "api", "service": "api", "remote_port": 80, "description": "x"}`
		apiSame = `{"remote_port": 80, "service": "api", "alias": "api", "id": 5}`
		noAlias = `{"service": "web", "remote_port": "http", "local_port": 8080}`
		odd     = `{"alias": "api service//api/80/tcp:0", "service": "web", "remote_port": 80}`
	)
	tests := []struct {
		name     string
		files    []string // a.json, b.json, …
		keys     []string
		problems []string
	}{
		{"an alias of its own", []string{api}, []string{"api"}, nil},
		{"no alias", []string{"[" + noAlias + "]"}, []string{"service//web/http/tcp:8080"}, nil},
		{"the same alias for two targets", []string{"[" + api + "," + apiEU + "]"},
			[]string{"api service//api/80/tcp:0", "api service//api/80/tcp/eu:0"}, nil},
		{"a copy", []string{"[\n " + api + "]", `{"forwards": [` + noAlias + "," + apiSame + `]}`},
			[]string{"api", "service//web/http/tcp:8080"},
			[]string{`notice duplicate-entry b.json:1:77: "api" is an exact copy of the entry at a.json:2:2 (one of them is enough) /forwards/1`}},
		{"the same key twice", []string{api, "[" + noAlias + "," + apiText + "]"},
			[]string{"service//web/http/tcp:8080"},
			[]string{
				`error duplicate-identity a.json:1:1: "api" has the same alias, target and local port as the entry at b.json:1:64, in the environment staging (give each an alias of its own) `,
				`error duplicate-identity b.json:1:64: "api" has the same alias, target and local port as the entry at a.json:1:1, in the environment staging (give each an alias of its own) /1`,
			}},
		{"an alias that is another's key", []string{"[" + odd + "," + api + "," + apiEU + "]"},
			[]string{"api service//api/80/tcp/eu:0"}, []string{
				`error duplicate-identity a.json:1:2: "api service//api/80/tcp:0" has the same`,
				`error duplicate-identity a.json:1:78: "api" has the same`,
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var files []*File
			for i, data := range tt.files {
				f := Parse(string(rune('a'+i))+".json", []byte(data))
				if fault := f.Fault(); fault != nil {
					t.Fatal(fault)
				}
				files = append(files, f)
			}
			slices.Reverse(files) // the order of the files does not matter
			found, problems := Identify("staging", files)
			var keys []string
			for _, i := range found {
				keys = append(keys, i.Key)
			}
			if !slices.Equal(keys, tt.keys) {
				t.Errorf("keys %q, want %q", keys, tt.keys)
			}
			if len(problems) != len(tt.problems) {
				t.Fatalf("problems %v", problems)
			}
			for i, p := range problems {
				if got := string(p.Severity) + " " + p.Code + " " + p.String() + " " + p.Pointer; !strings.HasPrefix(got, tt.problems[i]) {
					t.Errorf("got  %s\nwant %s", got, tt.problems[i])
				}
			}
		})
	}
}

// Index is what SetEntry takes, also after an entry that is left out.
func TestIdentifyIndex(t *testing.T) {
	data := []byte(`[{}, {"alias": "a", "service": "a", "remote_port": 1}]`)
	found, _ := Identify("", []*File{Parse("f.json", data)})
	if len(found) != 1 || found[0].Index != 1 {
		t.Fatalf("%+v", found)
	}
	edited, err := SetEntry(data, found[0].Index, []FieldChange{{Name: "alias", After: []byte(`"b"`)}})
	if err != nil || !strings.Contains(string(edited), `"alias": "b"`) {
		t.Errorf("%s, %v", edited, err)
	}
}
