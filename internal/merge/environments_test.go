package merge_test

import (
	"slices"
	"testing"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

func TestOnlyEnabledEnvironmentsAppear(t *testing.T) {
	c := newScene(t, portolan.SourceConfig{}, team{
		"dev.json":  {svc("api", "one", "api", 80), svc("db", "one", "db", 5432)},
		"prod.json": {svc("api", "live", "api", 80)},
	})
	prod := c.forward("prod", "api").ID
	merge.Want(c.state, []portolan.ID{prod}, true)
	configure := func(globs ...string) {
		t.Helper()
		config := c.state.Sources[0].SourceConfig
		config.Enabled = globs
		if err := merge.Configure(c.state, config); err != nil {
			t.Fatal(err)
		}
	}
	appearing := func(want ...string) {
		t.Helper()
		inForce, err := merge.Forwards(c.state, c.files)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range inForce {
			got = append(got, f.Environment+"/"+f.Key)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v appear, not %v", got, want)
		}
	}

	configure("d*")
	appearing("dev/api", "dev/db")
	if src := &c.state.Sources[0]; !slices.Equal(merge.Hidden(src), []string{"prod"}) {
		t.Errorf("hidden are %v", merge.Hidden(src))
	}
	c.entries["prod.json"] = append(c.entries["prod.json"], svc("web", "live", "web", 80))
	c.expect(c.sync()) // nobody sees it

	merge.Want(c.state, []portolan.ID{c.forward("dev", "db").ID}, true)
	c.entries["prod.json"] = append(c.entries["prod.json"], c.entries["dev.json"][1])
	c.entries["dev.json"] = c.entries["dev.json"][:1]
	c.expect(c.sync(), "prod/db renamed") // away, which is seen
	appearing("dev/api")

	configure()
	appearing("dev/api", "prod/api", "prod/web", "prod/db")
	if c.forward("prod", "api").ID != prod {
		t.Error("an environment that appears again has other ids")
	}
	for _, alias := range []string{"api", "db"} {
		if c.forward("prod", alias).Local.Wanted {
			t.Errorf("prod/%s starts by itself when it appears again", alias)
		}
	}
}
