package merge_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Each change of a person's own has rows that say what it did, and what takes it
// back has those that lead the other way.
func TestLocalRows(t *testing.T) {
	r := newRepo()
	r.entries["dev.json"] = []portolan.Entry{svc("api", "one", "api", 80), svc("db", "one", "db", 5432)}
	s := fresh(portolan.SourceConfig{Repo: portolan.Repository{Owner: "acme", Name: "forwards"}})
	d, err := merge.Plan(s, r.snapshot(), r.files, r.options())
	if err != nil {
		t.Fatal(err)
	}
	d.Apply(s)
	api := s.Source("team").IDs["dev"]["api"]
	mine, err := merge.AddEntry(s, "dev", svc("own", "", "own", 80), r.newID)
	if err != nil {
		t.Fatal(err)
	}
	s.Superseded = []portolan.Superseded{{ID: "s1", Forward: api, Source: "team", Environment: "dev", Alias: "api",
		Fields: []portolan.FieldChange{{Name: "namespace", Before: raw("one"), After: raw("mine")}}, Entry: svc("edited", "mine", "api", 80)}}
	s.Edits = map[portolan.ID]portolan.Edit{api: {At: noon, Fields: []portolan.FieldChange{{Name: "description", After: raw("mine")}}}}

	fields := func(of ...any) map[string]json.RawMessage {
		m := map[string]json.RawMessage{}
		for i := 0; i < len(of); i += 2 {
			m[of[i].(string)] = raw(of[i+1])
		}
		return m
	}
	for _, tt := range []struct {
		what       string
		change     func(*portolan.State) error
		want, back string
	}{
		{"add", func(s *portolan.State) error {
			_, err := merge.AddEntry(s, "dev", svc("new", "", "new", 80), r.newID)
			return err
		},
			"mine dev/new added", "mine dev/new deleted"},
		{"remove", func(s *portolan.State) error { return merge.RemoveEntry(s, mine) }, "mine dev/own deleted", "mine dev/own added"},
		{"change mine", func(s *portolan.State) error {
			return merge.EditEntry(s, r.files, mine, fields("namespace", "two"), noon)
		},
			`mine dev/own updated namespace="two"`, "mine dev/own updated namespace="},
		{"rename mine", func(s *portolan.State) error {
			return merge.EditEntry(s, r.files, mine, fields("alias", "yours"), noon)
		},
			`mine dev/yours renamed alias="yours" (was own)`, `mine dev/own renamed alias="own" (was yours)`},
		{"edit", func(s *portolan.State) error {
			return merge.EditEntry(s, r.files, api, fields("namespace", "two"), noon)
		},
			`team dev/api updated namespace="two"`, `team dev/api updated namespace="one"`},
		{"edit back", func(s *portolan.State) error {
			return merge.EditEntry(s, r.files, api, fields("description", nil), noon)
		},
			`team dev/api updated description=`, `team dev/api updated description="mine"`},
		{"override", func(s *portolan.State) error { return merge.SetOverride(s, r.files, api, fields("local_port", 7000)) },
			`team dev/api updated local_port=7000 (for this machine)`, `team dev/api updated local_port= (for this machine)`},
		{"override mine", func(s *portolan.State) error { return merge.SetOverride(s, r.files, mine, fields("local_port", 7000)) },
			`mine dev/own updated local_port=7000 (for this machine)`, `mine dev/own updated local_port= (for this machine)`},
		{"answer", func(s *portolan.State) error { return merge.AnswerSuperseded(s, "s1", false, r.newID) },
			`team dev/api superseded namespace="one" (answered)`, ""},
		{"keep", func(s *portolan.State) error { return merge.AnswerSuperseded(s, "s1", true, r.newID) },
			`team dev/api superseded namespace="one" (answered), mine dev/edited added`, "mine dev/edited deleted"},
		{"unfollow", func(s *portolan.State) error { return merge.RemoveSource(s, "team", false, r.files, r.newID) },
			"team /team deleted (its forwards are removed)", "team /team added (acme/forwards)"},
		{"unfollow and keep", func(s *portolan.State) error { return merge.RemoveSource(s, "team", true, r.files, r.newID) },
			"team /team deleted (2 forwards of it are kept as your own)", "team /team added (acme/forwards)"},
		{"start", func(s *portolan.State) error { merge.Want(s, []portolan.ID{api, mine}, true); return nil }, "", ""},
		{"favourite", func(s *portolan.State) error { return merge.SetFavourite(s, r.files, api, true) }, "", ""},
		{"hold", func(s *portolan.State) error { return merge.Hold(s, "team", 1, noon) }, "", ""},
	} {
		before := stored(s)
		after := stored(s)
		if err := tt.change(&after); err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if got := told(t, &before, &after); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.what, got, tt.want)
		}
		merge.ReverseOf(&before, &after).Apply(&after)
		undone := stored(&before)
		if err := tt.change(&undone); err != nil {
			t.Errorf("%s: %v", tt.what, err)
		}
		if got := told(t, &undone, &after); got != tt.back {
			t.Errorf("%s taken back: %s\nwant %s", tt.what, got, tt.back)
		}
	}
}

// told is what [merge.LocalRows] says, in words.
func told(t *testing.T, before, after *portolan.State) string {
	t.Helper()
	rows, err := merge.LocalRows(before, after)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, r := range rows {
		text := fmt.Sprintf("%s %s/%s %s", r.Source, r.Environment, r.Key, r.Action)
		for _, f := range r.Fields {
			if !slices.Contains([]portolan.Action{portolan.Added, portolan.Deleted}, r.Action) {
				text += fmt.Sprintf(" %s=%s", f.Name, f.After)
			}
		}
		if r.Reason != "" {
			text += " (" + r.Reason + ")"
		}
		said = append(said, text)
	}
	return strings.Join(said, ", ")
}
