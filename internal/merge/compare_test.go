package merge

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestRevisionRows holds, for any two revisions, that the rows lead from the one
// to the other, and that nothing is both deleted and added which leads to the same.
func TestRevisionRows(t *testing.T) {
	renamed := 0
	rapid.Check(t, func(t *rapid.T) {
		stock := map[string]*portolan.File{}
		files := func(path, sha string) (*portolan.File, error) { return stock[path+sha], nil }
		draw := func(label string) (portolan.Revision, map[place]int) {
			r, entries := portolan.Revision{Source: "team", Files: map[string]portolan.BaseFile{}}, map[place]int{}
			for _, env := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), rapid.ID[string]).Draw(t, label) {
				ports := rapid.MapOfN(rapid.SampledFrom([]string{"x", "y", "z"}), rapid.IntRange(80, 83), 0, 3).Draw(t, label+env)
				list := []portolan.Entry{}
				for alias, port := range ports {
					e := portolan.Entry{Alias: alias, Service: "s", RemotePort: portolan.Port{Number: port}}
					entries[place{env, alias}] = port
					if rapid.IntRange(0, 5).Draw(t, "kept") == 0 {
						r.Kept = append(r.Kept, portolan.KeptEntry{Environment: env, File: env + ".json", Key: alias, Entry: e, Reason: "kept"})
						continue
					}
					list = append(list, e)
				}
				data := portolan.Encode(list)
				name, sha := env+".json", portolan.BlobSHA(data)
				stock[name+sha] = portolan.Parse(name, data)
				r.Files[name] = portolan.BaseFile{Environment: env, SHA: sha}
			}
			return r, entries
		}
		before, was := draw("before")
		after, is := draw("after")
		rows, err := RevisionRows(before, after, files)
		if err != nil {
			t.Fatal(err)
		}
		gone, come := map[int]int{}, map[int]int{} // by port, of what has another place
		for _, row := range rows {
			p := place{row.Environment, row.Key}
			old, had := was[p]
			now, has := is[p]
			right := had && has
			switch row.Action {
			case portolan.Added:
				right = !had && has
				come[now]++
			case portolan.Deleted:
				right = had && !has
				gone[old]++
			case portolan.Renamed:
				right = !had && has
				renamed++
			}
			if !right {
				t.Fatalf("%+v, but it was %d and is %d", row, old, now)
			}
			if row.Action == portolan.Renamed {
				delete(was, placeBefore(row))
				was[p] = now
				continue
			}
			delete(was, p)
			if has {
				was[p] = now
			}
		}
		if !maps.Equal(was, is) {
			t.Fatalf("the rows lead to %v, not to %v:\n%+v", was, is, rows)
		}
		for port, n := range gone {
			if n == 1 && come[port] == 1 {
				t.Fatalf("the one to port %d is deleted and added:\n%+v", port, rows)
			}
		}
	})
	if renamed < 5 {
		t.Errorf("the revisions are too tame: %d renamed", renamed)
	}
}

// placeBefore is where a renamed entry was, from what its row says for people.
func placeBefore(row portolan.Row) place {
	if was, ok := strings.CutPrefix(row.Reason, "was "); ok {
		return place{row.Environment, was}
	}
	p := place{strings.TrimPrefix(row.Reason, "moved from "), row.Key}
	for _, f := range row.Fields {
		if f.Name == "alias" {
			p.key = strings.Trim(string(f.Before), `"`)
		}
	}
	return p
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
