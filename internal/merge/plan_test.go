package merge_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// scene is a team and a machine that the tests steer by hand.
type scene struct {
	*testing.T
	*repo
	state *portolan.State
}

func newScene(t *testing.T, config portolan.SourceConfig, entries map[string][]portolan.Entry) *scene {
	t.Helper()
	c := &scene{T: t, repo: newRepo(), state: fresh(config)}
	c.entries = entries
	c.sync()
	return c
}

// sync takes what the repository holds, and returns the actions on forwards by
// environment/key, and on files by path.
func (c *scene) sync() map[string]portolan.Action {
	c.Helper()
	d := c.plan()
	if d.Refused != nil {
		c.Fatalf("refused: %v", d.Refused)
	}
	d.Apply(c.state)
	got := map[string]portolan.Action{}
	for _, r := range d.Rows {
		name := r.Environment + "/" + r.Key
		if r.Kind == "file" {
			name = r.File
		}
		if r.Action != portolan.Overruled {
			got[name] = r.Action
		}
	}
	return got
}

func (c *scene) plan() merge.Decision {
	c.Helper()
	d, err := merge.Plan(c.state, c.snapshot(), c.files, c.options())
	if err != nil {
		c.Fatalf("Plan: %v", err)
	}
	return d
}

func (c *scene) expect(got map[string]portolan.Action, want ...string) {
	c.Helper()
	var have []string
	for name, action := range got {
		have = append(have, name+" "+string(action))
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		c.Errorf("rows %q, want %q", have, want)
	}
}

// forward finds what is in force by environment and effective alias.
func (c *scene) forward(env, alias string) portolan.Forward {
	c.Helper()
	all, err := merge.Forwards(c.state, c.files)
	if err != nil {
		c.Fatalf("Forwards: %v", err)
	}
	for _, f := range all {
		if f.Environment == env && f.Entry.Alias == alias {
			return f
		}
	}
	c.Fatalf("no forward %s/%s in %+v", env, alias, all)
	return portolan.Forward{}
}

type team = map[string][]portolan.Entry

func TestMoveIntoABrokenFile(t *testing.T) {
	c := newScene(t, portolan.SourceConfig{}, team{
		"dev/a.json": {svc("api", "one", "api", 80)},
		"dev/b.json": {svc("db", "one", "db", 5432)},
	})
	id := c.forward("dev", "api").ID
	c.entries["dev/a.json"] = nil
	c.entries["dev/b.json"] = append(c.entries["dev/b.json"], svc("api", "one", "api", 80))
	c.broken["dev/b.json"] = "[{"
	c.expect(c.sync(), "dev/b.json invalid", "dev/api kept")
	c.expect(c.sync())
	delete(c.broken, "dev/b.json")
	c.expect(c.sync(), "dev/api updated")
	if f := c.forward("dev", "api"); f.ID != id || f.File != "dev/b.json" {
		t.Errorf("%s became %+v", id, f)
	}
}

func TestInvalidPolicies(t *testing.T) {
	const half = `[{"alias":"api","service":"api","remote_port":99999},{"alias":"web","service":"web","remote_port":80}]`
	cases := []struct {
		policy portolan.OnInvalid
		want   []string
	}{
		{portolan.KeepLastGood, []string{"dev.json invalid"}},
		{portolan.SkipEntry, []string{"dev.json invalid", "dev/api kept", "dev/web added"}},
	}
	for _, tc := range cases {
		t.Run(string(tc.policy), func(t *testing.T) {
			c := newScene(t, portolan.SourceConfig{OnInvalid: tc.policy}, team{"dev.json": {svc("api", "one", "api", 80)}})
			c.broken["dev.json"] = half
			c.expect(c.sync(), tc.want...)
		})
	}
	t.Run("fail", func(t *testing.T) {
		c := newScene(t, portolan.SourceConfig{OnInvalid: portolan.FailInvalid}, team{"dev.json": {svc("api", "one", "api", 80)}})
		c.broken["dev.json"] = half
		if d := c.plan(); d.Refused == nil || d.Refused.Code != "invalid-files" || len(d.Refused.Problems) == 0 || d.Changed() {
			t.Errorf("%+v", d)
		}
	})
}

func TestClashBlamesTheFileThatChanged(t *testing.T) {
	one, two := svc("", "one", "api", 80), svc("", "one", "api", 80)
	two.Description = "another"
	c := newScene(t, portolan.SourceConfig{}, team{"dev/a.json": {one}, "dev/b.json": {svc("db", "one", "db", 5432)}})
	c.entries["dev/b.json"] = append(c.entries["dev/b.json"], two)
	c.expect(c.sync(), "dev/b.json invalid")
	c.expect(c.sync())
	c.entries["dev/a.json"] = []portolan.Entry{svc("web", "one", "web", 80)}
	if f := c.state.Sources[0].Base.Files["dev/b.json"]; f.Invalid.Code != "duplicate-identity" {
		t.Errorf("%+v", f)
	}
	c.expect(c.sync(), "dev/service/one/api/80/tcp:0 updated", "dev/web added")
}

func TestMissing(t *testing.T) {
	entries := func() team {
		return team{"dev.json": {svc("api", "one", "api", 80), svc("db", "one", "db", 5432)}}
	}
	cases := []struct {
		name   string
		config portolan.SourceConfig
		want   string
	}{
		{"delete", portolan.SourceConfig{}, "dev/db deleted"},
		{"keep", portolan.SourceConfig{OnMissing: portolan.KeepMissing}, "dev/db kept"},
		{"protected", portolan.SourceConfig{Protected: []string{"d*"}}, "dev/db kept"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newScene(t, tc.config, entries())
			c.entries["dev.json"] = c.entries["dev.json"][:1]
			c.expect(c.sync(), tc.want)
			c.expect(c.sync())
		})
	}
	t.Run("fail", func(t *testing.T) {
		c := newScene(t, portolan.SourceConfig{OnMissing: portolan.FailMissing}, entries())
		c.entries["dev.json"] = c.entries["dev.json"][:1]
		if d := c.plan(); d.Refused == nil || d.Refused.Code != "missing-entries" {
			t.Errorf("%+v", d)
		}
	})
	t.Run("the file takes its protection along", func(t *testing.T) {
		c := newScene(t, portolan.SourceConfig{}, entries())
		c.entries["prod.json"], c.protected["prod.json"] = []portolan.Entry{svc("api", "one", "api", 80)}, true
		c.sync()
		id := c.forward("prod", "api").ID
		delete(c.entries, "prod.json")
		c.expect(c.sync(), "prod/api kept")
		c.expect(c.sync())
		if err := merge.RemoveEntry(c.state, id); err != nil {
			t.Errorf("a person cannot remove what was kept: %v", err)
		}
		c.expect(c.sync())
	})
}

func TestNoFilesWaitForAYes(t *testing.T) {
	for _, policy := range []portolan.OnMissing{"", portolan.KeepMissing, portolan.FailMissing} {
		c := newScene(t, portolan.SourceConfig{OnMissing: policy}, team{"dev.json": {svc("api", "one", "api", 80)}})
		delete(c.entries, "dev.json")
		d := c.plan()
		if d.Refused == nil || d.Refused.Code != "source-empty" || d.Changed() {
			t.Errorf("%s: %+v", policy, d)
		}
		merge.AllowEmpty(c.state, "team", "another commit", noon)
		if d = c.plan(); d.Refused == nil {
			t.Errorf("%s: the yes to one commit counts for another", policy)
		}
		merge.AllowEmpty(c.state, "team", c.snapshot().Commit.SHA, noon)
		if d = c.plan(); d.Refused != nil && policy == "" {
			t.Errorf("%s: %v", policy, d.Refused)
		}
	}
}

func TestTooManyEntries(t *testing.T) {
	c := newScene(t, portolan.SourceConfig{}, team{})
	for i := range portolan.MaxEntries + 1 {
		name := fmt.Sprintf("dev%d.json", i%2)
		c.entries[name] = append(c.entries[name], svc(fmt.Sprint("e", i), "one", "api", 80))
	}
	if d := c.plan(); d.Refused == nil || d.Refused.Code != "too-many-entries" {
		t.Errorf("%v", d.Refused)
	}
}

func TestIdentitySurvives(t *testing.T) {
	api, db := svc("api", "one", "api", 80), svc("db", "one", "db", 5432)
	renamed := api
	renamed.Alias = "gateway"
	twin := api
	twin.LocalPort = 9000
	cases := []struct {
		name  string
		after team
		env   string
		alias string
		same  bool
	}{
		{"another target", team{"dev.json": {svc("api", "two", "other", 81), db}}, "dev", "api", true},
		{"another name", team{"dev.json": {renamed, db}}, "dev", "gateway", true},
		{"another file", team{"dev/x.json": {api}, "dev.json": {db}}, "dev", "api", true},
		{"another environment", team{"prod.json": {api}, "dev.json": {db}}, "prod", "api", true},
		{"another environment and name", team{"prod.json": {renamed}, "dev.json": {db}}, "prod", "gateway", true},
		{"two new ones with its target", team{"prod.json": {renamed}, "test.json": {renamed}, "dev.json": {db}}, "prod", "gateway", false},
		{"a twin with another port", team{"dev.json": {api, twin, db}}, "dev", "api", true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newScene(t, portolan.SourceConfig{}, team{"dev.json": {api, db}})
			id := c.forward("dev", "api").ID
			c.entries = tc.after
			c.sync()
			if f := c.forward(tc.env, tc.alias); (f.ID == id) != tc.same {
				t.Errorf("%s became %s", id, f.ID)
			}
		})
	}
}

func TestRetargetWaitsForAYes(t *testing.T) {
	at := func(ns string, port int) team { return team{"dev.json": {svc("api", ns, "api", port)}} }
	c := newScene(t, portolan.SourceConfig{}, at("one", 80))
	id := c.forward("dev", "api").ID
	merge.Want(c.state, []portolan.ID{id}, true)
	approved := func() string {
		if a := c.forward("dev", "api").Local.Approved; a != nil {
			return a.Namespace
		}
		return ""
	}
	for i, step := range []struct {
		ns   string
		port int
		want string
	}{
		{"one", 81, ""}, {"two", 81, "one"}, {"two", 81, "one"}, {"three", 82, "one"}, {"one", 81, ""}, {"two", 81, "one"},
	} {
		c.entries = at(step.ns, step.port)
		d := c.plan()
		d.Apply(c.state)
		if got := approved(); got != step.want {
			t.Errorf("step %d: approved is %q, want %q", i, got, step.want)
		}
		if len(d.Rows) > 0 && d.Rows[0].Confirm != (step.want != "") {
			t.Errorf("step %d: %+v", i, d.Rows)
		}
	}
	if err := merge.Confirm(c.state, c.files, id, noon); err != nil || approved() != "" {
		t.Errorf("after a yes: %q, %v", approved(), err)
	}
	c.expect(c.sync())
	if err := merge.Confirm(c.state, c.files, id, noon); portolan.AsFault(err) == nil {
		t.Error("there was nothing to confirm")
	}
}

func TestProtectedRetarget(t *testing.T) {
	c := newScene(t, portolan.SourceConfig{Protected: []string{"prod"}}, team{"prod.json": {svc("api", "one", "api", 80)}})
	id := c.forward("prod", "api").ID
	merge.Want(c.state, []portolan.ID{id}, true)
	c.entries = team{"prod.json": {svc("api", "one", "api", 81)}}
	c.sync()
	if c.forward("prod", "api").Local.Approved == nil {
		t.Error("a port of a protected environment changes without a yes")
	}
	merge.Want(c.state, []portolan.ID{id}, false)
	if c.forward("prod", "api").Local.Approved != nil {
		t.Error("what is stopped still waits")
	}
}

func TestMoveToAnotherClusterByTheMapping(t *testing.T) {
	c := newScene(t, portolan.SourceConfig{}, team{"dev.json": {svc("api", "one", "api", 80), svc("db", "one", "db", 1)}})
	c.state.Contexts = map[string]map[string]string{"prod": {"": "real-prod"}}
	id := c.forward("dev", "api").ID
	merge.Want(c.state, []portolan.ID{id}, true)
	c.entries = team{"prod.json": {svc("api", "one", "api", 80)}, "dev.json": {svc("db", "one", "db", 1)}}
	c.sync()
	f := c.forward("prod", "api")
	if f.ID != id || f.Local.Approved == nil || f.Local.Approved.Context != "" || merge.TargetOf(c.state, f).Context != "real-prod" {
		t.Errorf("%+v", f)
	}
}
