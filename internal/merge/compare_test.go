package merge

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestCompareCounts holds, for any two revisions, that the rows lead from the one
// to the other.
func TestCompareCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stock := map[string]*portolan.File{}
		files := func(path, sha string) (*portolan.File, error) { return stock[path+sha], nil }
		draw := func(label string) (map[string]portolan.BaseFile, map[place]string) {
			base, entries := map[string]portolan.BaseFile{}, map[place]string{}
			for _, env := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), rapid.ID[string]).Draw(t, label) {
				ports := rapid.MapOfN(rapid.SampledFrom([]string{"x", "y", "z"}), rapid.IntRange(80, 81), 0, 3).Draw(t, label+env)
				var list []portolan.Entry
				for alias, port := range ports {
					list = append(list, portolan.Entry{Alias: alias, Service: "s", RemotePort: portolan.Port{Number: port}})
					entries[place{env, alias}] = fmt.Sprint(port)
				}
				data := portolan.Encode(list)
				name, sha := env+".json", portolan.BlobSHA(data)
				stock[name+sha] = portolan.Parse(name, data)
				base[name] = portolan.BaseFile{Environment: env, SHA: sha}
			}
			return base, entries
		}
		before, was := draw("before")
		after, is := draw("after")
		rows, err := Compare(before, after, files)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			p := place{row.Environment, row.Key}
			old, had := was[p]
			now, has := is[p]
			right := map[portolan.Action]bool{portolan.Added: !had && has, portolan.Deleted: had && !has, portolan.Updated: had && has && old != now}
			if !right[row.Action] {
				t.Fatalf("%+v, but it was %q and is %q", row, old, now)
			}
			delete(was, p)
			if has {
				was[p] = now
			}
		}
		if fmt.Sprint(was) != fmt.Sprint(is) {
			t.Fatalf("the rows lead to %v, not to %v", was, is)
		}
	})
}

func TestRevoke(t *testing.T) {
	state := func() *portolan.State {
		return &portolan.State{Consents: []portolan.Consent{
			{Source: "team", Effect: BindAddress, Value: "0.0.0.0"},
			{Source: "team", Effect: BindAddress, Value: "10.0.0.1"},
			{Source: "team", Effect: EmptySource, Value: "abc"},
			{Source: "other", Effect: BindAddress, Value: "0.0.0.0"},
		}}
	}
	for _, tt := range []struct {
		source, effect, value string
		left                  int
	}{
		{"team", "", "", 1}, {"team", BindAddress, "", 2}, {"team", BindAddress, "10.0.0.1", 3}, {"other", "", "", 3},
		{"nobody", "", "", 4}, {"team", BindAddress, "1.1.1.1", 4},
	} {
		s := state()
		err := Revoke(s, tt.source, tt.effect, tt.value)
		if len(s.Consents) != tt.left {
			t.Errorf("%v leaves %v", tt, s.Consents)
		}
		if f := portolan.AsFault(err); (f == nil) != (tt.left < 4) || f != nil && (f.Code != "consent-unknown" || f.Kind != portolan.Usage) {
			t.Errorf("%v: %v", tt, err)
		}
	}
}
