package api_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func forward(id, source, environment, alias string) portolan.ForwardView {
	return portolan.ForwardView{Forward: portolan.Forward{
		ID: portolan.ID(id), Source: source, Environment: environment, Key: alias,
		Entry: portolan.Entry{Alias: alias},
	}}
}

var fleet = []portolan.ForwardView{
	forward("1", "team", "dev", "api"),
	forward("2", "team", "prod", "api"),
	forward("3", "team", "dev", "db"),
	forward("4", "other", "dev", "db"),
	forward("5", "mine", "dev", "cache"),
}

func TestPick(t *testing.T) {
	tests := []struct {
		name string
		sel  api.Selection
		want string // ids
		code string
	}{
		{name: "nothing", code: "nothing-selected"},
		{name: "all", sel: api.Selection{All: true}, want: "1 2 3 4 5"},
		{name: "environment", sel: api.Selection{Environment: "dev"}, want: "1 3 4 5"},
		{name: "environment of a source", sel: api.Selection{Environment: "dev", Source: "team"}, want: "1 3"},
		{name: "unknown environment", sel: api.Selection{Environment: "qa"}, code: "environment-unknown"},
		{name: "id", sel: api.Selection{Names: []string{"4"}}, want: "4"},
		{name: "unique alias", sel: api.Selection{Names: []string{"cache"}}, want: "5"},
		{name: "alias in two environments", sel: api.Selection{Names: []string{"api"}}, code: "forward-ambiguous"},
		{name: "alias with environment", sel: api.Selection{Names: []string{"prod/api"}}, want: "2"},
		{name: "alias with source", sel: api.Selection{Names: []string{"other:db"}}, want: "4"},
		{name: "environment does not tell sources apart", sel: api.Selection{Names: []string{"dev/db"}}, code: "forward-ambiguous"},
		{name: "full name", sel: api.Selection{Names: []string{"team:dev/db"}}, want: "3"},
		{name: "in view order, once", sel: api.Selection{Names: []string{"cache", "1", "team:dev/api"}}, want: "1 5"},
		{name: "names beside an environment", sel: api.Selection{Names: []string{"cache"}, Environment: "prod"}, want: "2 5"},
		{name: "unknown", sel: api.Selection{Names: []string{"nope"}}, code: "forward-unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.sel.Pick(fleet)
			if tt.code != "" {
				if fault := portolan.AsFault(err); fault == nil || fault.Code != tt.code || fault.Kind != portolan.Usage {
					t.Fatalf("got %+v, want a usage fault %q", fault, tt.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, f := range got {
				ids = append(ids, string(f.ID))
			}
			if strings.Join(ids, " ") != tt.want {
				t.Errorf("got %v, want %s", ids, tt.want)
			}
		})
	}
}

func TestPickSuggestsTheNearestName(t *testing.T) {
	for name, want := range map[string]string{
		"cahce": `did you mean "cache"?`, "prdo/api": `did you mean "prod/api"?`, "nothing-like-it": "see what there is with: portolan list",
	} {
		_, err := api.Selection{Names: []string{name}}.Pick(fleet)
		if fault := portolan.AsFault(err); fault == nil || fault.Hint != want {
			t.Errorf("%s: got %v, want the hint %q", name, fault, want)
		}
	}
}

func TestFullNameFitsOnlyItsForward(t *testing.T) {
	for _, f := range fleet {
		got, err := api.Selection{Names: []string{api.FullName(f)}}.Pick(fleet)
		if err != nil || len(got) != 1 || got[0].ID != f.ID {
			t.Errorf("%s picks %v, %v", api.FullName(f), got, err)
		}
	}
}

// A name picks exactly the forwards that have it among their names, however much
// of it is a source, an environment or an alias.
func TestNameIsOneOfNames(t *testing.T) {
	part := rapid.StringMatching(`[a:/]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		f := forward("1", part.Draw(t, "source"), part.Draw(t, "environment"), part.Draw(t, "alias"))
		name := rapid.OneOf(rapid.SampledFrom(api.Names(f)), rapid.StringMatching(`[a:/]{0,9}`)).Draw(t, "name")
		picked, err := api.Selection{Names: []string{name}}.Pick([]portolan.ForwardView{f})
		if want := slices.Contains(api.Names(f), name); want != (len(picked) == 1) || want != (err == nil) {
			t.Fatalf("%q of %q: %+v, %v", name, api.Names(f), picked, err)
		}
	})
}
