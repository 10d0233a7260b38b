package portolan

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// The table drives everything, so it must be the struct.
func TestFieldsFollowEntry(t *testing.T) {
	entry := reflect.TypeFor[Entry]()
	for i := range entry.NumField() - 1 { // but Rest
		name, _, _ := strings.Cut(entry.Field(i).Tag.Get("json"), ",")
		var e Entry
		at := reflect.ValueOf(&e).Elem().Field(i).Addr().Pointer()
		if rule := fieldTable[i]; rule.Name != name || reflect.ValueOf(rule.ref(&e)).Pointer() != at || rule.Kept {
			t.Errorf("field %d of Entry is %s, of the table %s", i, name, rule.Name)
		}
	}
	for i, f := range Fields() {
		if f.Kept != (i >= entry.NumField()-1) || f.Description == "" || len(f.Enum) > 0 && f.Type != TypeString {
			t.Errorf("%+v", f)
		}
	}
	Fields()[1].Enum[0] = "changed"
	if Fields()[1].Enum[0] != "service" {
		t.Error("a caller can change the table")
	}
}

func TestWith(t *testing.T) {
	base := Entry{Alias: "a", Tags: []string{"x", "y"}, Rest: []Member{{"owner", json.RawMessage(`"me"`)}}}
	tests := []struct {
		name, value string
		want        string // the whole entry
	}{
		{"alias", `"b"`, `{"alias":"b","tags":["x","y"],"owner":"me"}`},
		{"alias", `null`, `{"tags":["x","y"],"owner":"me"}`},
		{"alias", `"default-alias"`, `{"tags":["x","y"],"owner":"me"}`},
		{"tags", `["z"]`, `{"alias":"a","tags":["z"],"owner":"me"}`},
		{"remote_port", `"http"`, `{"alias":"a","remote_port":"http","tags":["x","y"],"owner":"me"}`},
		{"local_port", ` 80 `, `{"alias":"a","local_port":80,"tags":["x","y"],"owner":"me"}`},
		{"owner", `{"n": "<"}`, `{"alias":"a","tags":["x","y"],"owner":{"n":"<"}}`},
		{"owner", `null`, `{"alias":"a","tags":["x","y"]}`},
		{"domain_enabled", `true`, `{"alias":"a","tags":["x","y"],"owner":"me","domain_enabled":true}`},
	}
	for _, tt := range tests {
		got, err := base.With(tt.name, json.RawMessage(tt.value))
		if err != nil || string(appendEntry(nil, &got)) != tt.want {
			t.Errorf("With(%s, %s) = %s, %v", tt.name, tt.value, appendEntry(nil, &got), err)
		}
	}
	if want := `{"alias":"a","tags":["x","y"],"owner":"me"}`; string(appendEntry(nil, &base)) != want {
		t.Errorf("With changed its receiver to %s", appendEntry(nil, &base))
	}
	refused := []struct{ name, value, code, says string }{
		{"loacl_port", `1`, "field-unknown", "did you mean local_port?"},
		{"id", `1`, "field-unknown", "kftray"},
		{"wholly-else", `1`, "field-unknown", "alias, workload_type"},
		{"local_port", `70000`, "field-value", "1 to 65535"},
		{"local_port", `"80"`, "field-value", "without quotes"},
		{"namespace", `"A"`, "field-value", "lower-case"},
		{"workload_type", `"srevice"`, "field-value", `"service"`},
		{"alias", `b`, "field-value", "not JSON"},
		{"alias", `"a` + "\u202e" + `"`, "field-value", "control character"},
	}
	for _, tt := range refused {
		_, err := base.With(tt.name, json.RawMessage(tt.value))
		f := AsFault(err)
		if f == nil || f.Kind != Usage || f.Code != tt.code || !strings.Contains(f.Error(), tt.says) {
			t.Errorf("With(%s, %s): %v", tt.name, tt.value, err)
		}
	}
}

func TestValidateOfRest(t *testing.T) {
	e := Entry{Service: "api", RemotePort: Port{Number: 80}, Rest: []Member{
		{"http_logs_enabled", json.RawMessage(`"true"`)}, {"broken", json.RawMessage(`{`)}, {"$schema", json.RawMessage(`"x"`)},
	}}
	var got []string
	for _, p := range Validate(e) {
		got = append(got, p.Pointer+" "+p.Code)
	}
	if want := []string{"/http_logs_enabled kept-field", "/broken json-syntax"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, data := range []string{`[]`, `{"local_port":"x"}`, `{"tags":[1]}`, `"a"`} {
		var e Entry
		if err := json.Unmarshal([]byte(data), &e); err == nil {
			t.Errorf("%s was read as %+v", data, e)
		}
	}
	var e Entry // values are not judged: what is stored stays readable
	if err := json.Unmarshal([]byte(`{"namespace":"A B","local_port":70000}`), &e); err != nil || e.LocalPort != 70000 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestSetEntryKeepsTheRest(t *testing.T) {
	change := func(name, after string) []FieldChange {
		c := FieldChange{Name: name}
		if after != "" {
			c.After = json.RawMessage(after)
		}
		return []FieldChange{c}
	}
	const pretty = "[\r\n\t{\r\n\t\t\"alias\" : \"a\",\r\n\t\t\"x\": [1,  2]\r\n\t},\n {}\n]"
	tests := []struct {
		name, in string
		index    int
		changes  []FieldChange
		want     string
	}{
		{"replace", pretty, 0, change("alias", `"b"`), strings.Replace(pretty, `"a",`, `"b",`, 1)},
		{"add", pretty, 0, change("local_port", `80`), strings.Replace(pretty, "2]\r\n", "2],\r\n\t\t\"local_port\": 80\r\n", 1)},
		{"remove the first", pretty, 0, change("alias", ""), strings.Replace(pretty, "\"alias\" : \"a\",\r\n\t\t", "", 1)},
		{"remove the last", pretty, 0, change("x", "null"), strings.Replace(pretty, ",\r\n\t\t\"x\": [1,  2]", "", 1)},
		{"remove what is not there", pretty, 0, change("y", ""), pretty},
		{"add to nothing", pretty, 1, change("alias", `"b"`), strings.Replace(pretty, " {}", ` {"alias": "b"}`, 1)},
		{"remove the only one", `{"a": 1}`, 0, change("a", ""), `{}`},
		{"add to one line", `{ "a": 1 }`, 0, change("b", `2`), `{ "a": 1, "b": 2 }`},
		{"add to a minified file", `[{"a":1,"b":2}]`, 0, change("c", ` 3 `), `[{"a":1,"b":2,"c":3}]`},
		{"a document", `{"environment": {"title": "T"}, "forwards": [{"a":1}]}`, 0, change("a", `2`), `{"environment": {"title": "T"}, "forwards": [{"a":2}]}`},
		{"a byte order mark", "\ufeff[{\"a\":1}]\n", 0, change("a", `2`), "\ufeff[{\"a\":2}]\n"},
		{"a name that is escaped", `[{"\u0061":1}]`, 0, change("a", `2`), `[{"\u0061":2}]`},
		{"a name with a quote", `[{"a\"":1}]`, 0, change("b", `2`), `[{"a\"":1,"b":2}]`},
	}
	for _, tt := range tests {
		got, err := SetEntry([]byte(tt.in), tt.index, tt.changes)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s\n%v", tt.name, got, tt.want, err)
		}
	}
	for _, tt := range []struct {
		in    string
		index int
		after string
		code  string
	}{
		{"[", 0, "1", "file-invalid"}, {"[]", 0, "1", "entry-unknown"}, {"[{}]", -1, "1", "entry-unknown"}, {"{}", 1, "1", "entry-unknown"},
		{`{"environment":{}}`, 0, "1", "entry-unknown"}, {`[5]`, 0, "1", "entry-unknown"}, {`[{"a":1,"a":2}]`, 0, "1", "file-invalid"}, {`[{}]`, 0, "{", "field-value"},
	} {
		_, err := SetEntry([]byte(tt.in), tt.index, change("a", tt.after))
		if f := AsFault(err); f == nil || f.Code != tt.code {
			t.Errorf("%s %d: %v", tt.in, tt.index, err)
		}
	}
}
