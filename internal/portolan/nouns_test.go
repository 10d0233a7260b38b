package portolan

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTokenNeverShows(t *testing.T) {
	token := NewToken("hidden-text")
	data, err := json.Marshal(map[string]any{"token": token, "pointer": &token})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%s %v %+v %#v %q %x %d %v", token, token, token, token, token, token, token, struct{ T Token }{token}) + string(data)
	for _, secret := range []string{"hidden", "68696464656e"} {
		if strings.Contains(shown, secret) {
			t.Errorf("the token shows in %s", shown)
		}
	}
	if token.Reveal() != "hidden-text" || token.IsZero() || !NewToken("").IsZero() || NewToken("").String() != "[no token]" {
		t.Error("the token is not what was put in")
	}
}

// The names are those that git itself gives: printf … | git hash-object --stdin.
func TestBlobSHA(t *testing.T) {
	for data, want := range map[string]string{
		"":     "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
		"[]\n": "fe51488c7066f6687ef680d6bfaa4f7768ef205c",
	} {
		if got := BlobSHA([]byte(data)); got != want {
			t.Errorf("BlobSHA(%q) = %s, want %s", data, got, want)
		}
	}
}

func TestStateClone(t *testing.T) {
	s := State{
		Schema: SchemaVersion,
		Sources: []Source{{SourceConfig: SourceConfig{Name: "team", Interval: Duration(90 * time.Second)},
			IDs: map[string]map[string]ID{"staging": {"api": "1"}}}},
		Mine: []MyEntry{{ID: "2", Environment: "dev", Entry: Entry{Alias: "<&>", RemotePort: Port{Name: "http"},
			Rest: []Member{{"x", json.RawMessage(`{"n":1.50,"s":"<"}`)}}}}},
		Edits: map[ID]Edit{"1": {Fields: []FieldChange{{Name: "local_port", After: json.RawMessage("80")}}}},
		Local: map[ID]Local{"1": {Wanted: true}},
	}
	c := s.Clone()
	if !reflect.DeepEqual(s, c) {
		t.Fatalf("got\n%+v\nwant\n%+v", c, s)
	}
	c.Source("team").IDs["staging"]["api"] = "3"
	c.Local["1"] = Local{}
	if s.Sources[0].IDs["staging"]["api"] != "1" || !s.Local["1"].Wanted || s.Source("other") != nil {
		t.Error("the clone shares memory")
	}
}

func TestAsFault(t *testing.T) {
	fault := &Fault{Kind: Later, Code: "x", Message: "m", Hint: "h"}
	if got := AsFault(fmt.Errorf("while: %w", fault)); got != fault {
		t.Errorf("got %v", got)
	}
	if got := AsFault(errors.New("m")); got.Code != "internal" || got.Kind != Failed || got.Error() != "m" {
		t.Errorf("got %v", got)
	}
	if AsFault(nil) != nil {
		t.Error("no error is no fault")
	}
}

func TestPortJSON(t *testing.T) {
	for data, want := range map[string]Port{`80`: {Number: 80}, `"80"`: {Number: 80}, `"http"`: {Name: "http"}, `null`: {}} {
		var p Port
		if err := json.Unmarshal([]byte(data), &p); err != nil || p != want {
			t.Errorf("%s: %+v, %v", data, p, err)
		}
		out, err := json.Marshal(want)
		var again Port
		if err != nil || json.Unmarshal(out, &again) != nil || again != want {
			t.Errorf("%s: writes %s", data, out)
		}
	}
	var p Port
	if json.Unmarshal([]byte(`[1]`), &p) == nil {
		t.Error("a list is a port")
	}
}
