package portolan

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files and the schema anew")

// report writes everything that Parse says about a file.
func report(f *File) []byte {
	var out bytes.Buffer
	if f.Environment != (EnvironmentInfo{}) {
		fmt.Fprintf(&out, "environment %+v\n", f.Environment)
	}
	for i, e := range f.Entries {
		fmt.Fprintf(&out, "entry %d at %d:%d %s\n", f.Indexes[i], f.Positions[i].Line, f.Positions[i].Column, appendEntry(nil, &e))
	}
	for _, p := range f.Problems {
		fmt.Fprintf(&out, "%s %s %s %s\n", p.Severity, p.Code, p, p.Pointer)
	}
	if fault := f.Fault(); fault != nil {
		fmt.Fprintf(&out, "fault %s\n", fault)
	}
	return out.Bytes()
}

func TestParse(t *testing.T) {
	inputs, err := filepath.Glob("testdata/parse/*.json")
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no input: %v", err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(input), func(t *testing.T) {
			data, err := os.ReadFile(input)
			if err != nil {
				t.Fatal(err)
			}
			got := report(Parse(filepath.Base(input), data))
			golden := strings.TrimSuffix(input, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The limits are too long for golden files.
func TestParseLimits(t *testing.T) {
	entries := func(n int) []byte {
		return []byte("[" + strings.TrimSuffix(strings.Repeat(`{"service":"a","remote_port":1},`, n), ",") + "]")
	}
	members := func(n int) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"m%d":0`, i)
		}
		return []byte(`[{"service":"a","remote_port":1` + b.String() + `}]`)
	}
	tests := []struct {
		name    string
		data    []byte
		entries int
		code    string // of the one error; "" for none
	}{
		{"entries", entries(MaxEntries), MaxEntries, ""},
		{"one entry more", entries(MaxEntries + 1), MaxEntries, "entries"},
		{"bytes", append(entries(1), bytes.Repeat([]byte(" "), MaxFileBytes-33)...), 1, ""},
		{"one byte more", append(entries(1), bytes.Repeat([]byte(" "), MaxFileBytes)...), 0, "file-size"},
		{"members", members(maxMembers - 2), 1, ""},
		{"one member more", members(maxMembers - 1), 0, "object-members"},
		{"values", []byte(`[{"service":"a","remote_port":1,"x":[` + strings.Repeat("0,", maxValues) + `0]}]`), 0, "file-values"},
		{"depth", []byte(`[{"service":"a","remote_port":1,"x":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}]`), 1, ""},
		{"one level more", []byte(`[{"service":"a","remote_port":1,"x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}]`), 0, "nesting"},
		{"string", []byte(`[{"service":"a","remote_port":1,"description":"` + strings.Repeat("x", 4096) + `"}]`), 1, ""},
		{"string of escapes", []byte(`[{"service":"a","remote_port":1,"description":"` + strings.Repeat(`\u0078`, 4096) + `"}]`), 1, ""},
		{"name", []byte(`[{"service":"a","remote_port":1,"` + strings.Repeat("x", 4097) + `":0}]`), 0, "string-size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Parse("f.json", tt.data)
			if len(f.Entries) != tt.entries {
				t.Errorf("%d entries, want %d", len(f.Entries), tt.entries)
			}
			var codes []string
			for _, p := range f.Problems {
				if p.Severity == SeverityError {
					codes = append(codes, p.Code)
				}
			}
			if got := strings.Join(codes, " "); got != tt.code {
				t.Errorf("errors %q, want %q", got, tt.code)
			}
		})
	}
}

// Values that look like secrets are put together here, so that no scanner takes
// this file for a leak.
func TestSecrets(t *testing.T) {
	long := strings.Repeat("a1B2", 12)
	for kind, value := range map[string]string{
		"a private key":       "-----BEGIN RSA " + "PRIVATE KEY-----",
		"a GitHub token":      "gh" + "p_" + long[:36],
		"a GitLab token":      "glp" + "at-" + long[:20],
		"a Slack token":       "xox" + "b-" + long[:20],
		"an AWS access key":   "AK" + "IA" + "ABCDEFGHIJKLMNOP",
		"a Google API key":    "AI" + "za" + long[:35],
		"a Stripe key":        "sk" + "_live_" + long[:20],
		"a JSON web token":    "ey" + "J" + long[:10] + ".ey" + "J" + long[:10] + "." + long[:10],
		"a password in a URL": "postgres://me:" + long[:10] + "@db",
		"a password":          "PASSWORD=" + long[:10],
	} {
		e := Entry{Service: "api", RemotePort: Port{Number: 80}, Description: "see " + value, Rest: []Member{{"note", []byte(`["` + value + `"]`)}}}
		var warned int
		for _, p := range Validate(e) {
			if strings.Contains(p.String(), value) {
				t.Errorf("%s is shown: %s", kind, p)
			}
			if p.Code == "secret" && p.Severity == SeverityWarning && strings.HasSuffix(p.Message, kind) {
				warned++
			}
		}
		if warned != 2 {
			t.Errorf("%s: %d warnings: %v", kind, warned, Validate(e))
		}
		e.Namespace = value
		for _, p := range Validate(e) {
			if strings.Contains(p.String(), value) {
				t.Errorf("%s is shown: %s", kind, p)
			}
		}
	}
	for _, harmless := range []string{"arn:aws:eks:eu-west-1:123456789012:cluster/prod", "the token is in the vault", "gke_project_zone_name", "http://localhost:8080/@home"} {
		if kind := secretKind("context", harmless); kind != "" {
			t.Errorf("%q is taken for %s", harmless, kind)
		}
	}
}

func TestFaultCountsErrors(t *testing.T) {
	f := &File{Path: "f.json", Problems: []Problem{
		{File: "f.json", Position: Position{1, 1}, Severity: SeverityNotice, Message: "n"},
	}}
	if fault := f.Fault(); fault != nil {
		t.Errorf("a notice is no fault: %v", fault)
	}
	wrong := Problem{File: "f.json", Position: Position{2, 3}, Severity: SeverityError, Message: "x is y", Hint: "write z"}
	for _, want := range []string{
		"f.json:2:3: x is y; write z",
		"f.json:2:3: x is y, and 1 more error; write z",
		"f.json:2:3: x is y, and 2 more errors; write z",
	} {
		f.Problems = append(f.Problems, wrong)
		fault := f.Fault()
		if fault.Error() != want || fault.Kind != Failed || fault.Code != "file-invalid" || len(fault.Problems) != len(f.Problems) {
			t.Errorf("got %+v, want %q", fault, want)
		}
	}
}

// big is a file of n entries as teams have them.
func big(n int, pretty bool) []byte {
	entries := make([]Entry, n)
	for i := range entries {
		entries[i] = Entry{
			Alias: fmt.Sprintf("service-%d", i), WorkloadType: Service, Service: fmt.Sprintf("service-%d", i),
			Namespace: "team-a", Context: "arn:aws:eks:eu-west-1:123456789012:cluster/staging", RemotePort: Port{Number: 8080},
			LocalPort: 10000 + i%50000, Protocol: TCP, Tags: []string{"api"}, Description: "Höflich – the service",
			Rest: []Member{{"domain_enabled", []byte("false")}},
		}
	}
	data := Encode(entries)
	if !pretty {
		data = normal(data)
	}
	return data
}

// A hostile file may cost no more than seconds, whatever its shape. The bound is
// wide: it is there to catch quadratic work, not to measure.
func TestParseIsNeverSlow(t *testing.T) {
	tests := map[string][]byte{
		"minified with an error in each entry": bytes.ReplaceAll(big(3000, false), []byte(`"tcp"`), []byte(`"xyz"`)),
		"unknown members":                      []byte("[" + strings.TrimSuffix(strings.Repeat(`{"x":0,"yy":0,"zzz":0,"portt":0},`, 3000), ",") + "]"),
		"duplicates":                           []byte("[" + strings.TrimSuffix(strings.Repeat(`{`+strings.TrimSuffix(strings.Repeat(`"a":0,`, 250), ",")+`},`, 100), ",") + "]"),
		"open brackets":                        bytes.Repeat([]byte("["), MaxFileBytes),
		"a long string":                        append([]byte(`["`), bytes.Repeat([]byte(`\u0041`), MaxFileBytes/6-1)...),
	}
	for name, data := range tests {
		start := time.Now()
		Parse("f.json", data)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(data))
		} else {
			t.Logf("%s: %v for %d bytes", name, took, len(data))
		}
	}
}

func BenchmarkParse10000(b *testing.B) {
	for name, data := range map[string][]byte{"pretty": big(10_000, true), "minified": big(10_000, false)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if f := Parse("f.json", data); len(f.Entries) != 10_000 {
					b.Fatal(f.Fault())
				}
			}
		})
	}
}

func BenchmarkIdentify10000(b *testing.B) {
	files := []*File{Parse("f.json", big(10_000, true))}
	b.ReportAllocs()
	for b.Loop() {
		if keys, _ := Identify("staging", files); len(keys) != 10_000 {
			b.Fatal(len(keys))
		}
	}
}

// Line ends are no business of a version control system here.
func TestParseCountsLines(t *testing.T) {
	f := Parse("f.json", []byte("\ufeff[\r\n\t{\"service\": \"höher\",\r\n   \"remote_port\": 80},\r\n {\"service\":\"a\",\"remote_port\":1}]\r\n"))
	if len(f.Problems) != 1 || f.Problems[0].Position != (Position{2, 14}) {
		t.Errorf("%v", f.Problems)
	}
	if len(f.Positions) != 1 || f.Positions[0] != (Position{4, 2}) || f.Indexes[0] != 1 {
		t.Errorf("%v %v", f.Positions, f.Indexes)
	}
}

// TestNoticesAreGathered holds that what another program put into every entry is
// said once for each field, and that errors and warnings are all there.
func TestNoticesAreGathered(t *testing.T) {
	const n = 1000
	var text strings.Builder
	text.WriteString(`{"color": "red", "forwards": [`)
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"alias": "a%d", "service": "s", "remote_port": 80, "owner": "bo", "team": %d, "scheme": "ftp"}`, i, i)
	}
	text.WriteString(`]}`)
	f := Parse("x.json", []byte(text.String()))
	count := map[string]int{}
	for _, p := range f.Problems {
		count[string(p.Severity)+" "+p.Code]++
		if p.Severity == SeverityNotice && strings.Contains(p.Message, "owner") &&
			(p.Count != n || p.Pointer != "/forwards/0/owner" || p.Message != "owner is not known; it is kept (1000 times)") {
			t.Errorf("%+v", p)
		}
	}
	if count["notice unknown-field"] != 3 || len(f.Problems) != n+3 {
		t.Errorf("found %v", count)
	}
}
