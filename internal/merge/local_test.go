package merge_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

type fields = map[string]json.RawMessage

func code(err error) string {
	if err == nil {
		return ""
	}
	return portolan.AsFault(err).Code
}

func newAPI(t *testing.T, config portolan.SourceConfig) (*scene, portolan.ID) {
	t.Helper()
	c := newScene(t, config, team{"dev.json": {svc("api", "one", "api", 80)}})
	return c, c.forward("dev", "api").ID
}

func TestEditOfASyncedEntry(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{})
	edit := func(f fields) error { return merge.EditEntry(c.state, c.files, id, f, noon) }
	if err := edit(fields{"namespace": raw("mine"), "local_port": raw(9000)}); err != nil {
		t.Fatal(err)
	}
	f := c.forward("dev", "api")
	if f.Entry.Namespace != "mine" || f.Team.Namespace != "one" || !f.Edited || len(c.state.Edits[id].Fields) != 2 {
		t.Errorf("%+v", f)
	}
	if err := edit(fields{"namespace": raw("one"), "local_port": []byte("null")}); err != nil || len(c.state.Edits) != 0 {
		t.Errorf("an edit back to the team's words stays: %+v, %v", c.state.Edits, err)
	}
	for name, f := range map[string]fields{
		"field-unknown": {"nonsense": raw(1)}, "field-value": {"local_port": raw(70000)}, "invalid-entry": {"service": []byte("null")},
	} {
		if got := code(edit(f)); got != name {
			t.Errorf("%v gives %q, want %q", f, got, name)
		}
	}
	if got := code(merge.EditEntry(c.state, c.files, "nobody", fields{}, noon)); got != "forward-unknown" {
		t.Error(got)
	}
	if len(c.state.Edits) != 0 {
		t.Errorf("a refused edit stays: %+v", c.state.Edits)
	}
}

func TestRepoWins(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{})
	if err := merge.EditEntry(c.state, c.files, id, fields{"namespace": raw("mine")}, noon); err != nil {
		t.Fatal(err)
	}
	d := c.plan()
	d.Apply(c.state)
	if len(d.Rows) != 1 || d.Rows[0].Action != portolan.Overruled || string(d.Rows[0].Fields[0].After) != `"one"` {
		t.Errorf("%+v", d.Rows)
	}
	if len(c.state.Superseded) != 1 || len(c.state.Edits) != 0 {
		t.Fatalf("%+v", c.state)
	}
	old := c.state.Superseded[0]
	if old.Forward != id || old.Entry.Namespace != "mine" || string(old.Fields[0].Before) != `"one"` ||
		string(old.Fields[0].After) != `"mine"` || old.Commit.Author != "Ada" || old.EditedAt != noon {
		t.Errorf("%+v", old)
	}
	if err := merge.AnswerSuperseded(c.state, old.ID, true, c.newID); err != nil {
		t.Fatal(err)
	}
	if len(c.state.Superseded) != 0 || len(c.state.Mine) != 1 || c.state.Mine[0].Entry.Namespace != "mine" || c.state.Mine[0].ID == id {
		t.Errorf("%+v", c.state)
	}
	if got := code(merge.AnswerSuperseded(c.state, old.ID, false, c.newID)); got != "superseded-unknown" {
		t.Error(got)
	}
}

func TestEditOfADeletedEntry(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{OnEdit: portolan.KeepUntilChanged})
	if err := merge.EditEntry(c.state, c.files, id, fields{"namespace": raw("mine")}, noon); err != nil {
		t.Fatal(err)
	}
	c.entries["dev.json"] = []portolan.Entry{svc("db", "one", "db", 5432)}
	c.sync()
	if len(c.state.Superseded) != 1 || len(c.state.Edits) != 0 || c.state.Superseded[0].Entry.Namespace != "mine" {
		t.Errorf("%+v", c.state)
	}
}

func TestKeepUntilChanged(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{OnEdit: portolan.KeepUntilChanged})
	if err := merge.EditEntry(c.state, c.files, id, fields{"namespace": raw("mine"), "local_port": raw(9000), "description": raw("x")}, noon); err != nil {
		t.Fatal(err)
	}
	c.expect(c.sync())
	changed := svc("api", "two", "api", 81) // namespace against mine
	changed.LocalPort = 9000                // the same as mine
	c.entries["dev.json"] = []portolan.Entry{changed}
	c.expect(c.sync(), "dev/api updated")
	f := c.forward("dev", "api")
	if f.Entry.Namespace != "two" || f.Entry.RemotePort.Number != 81 || f.Entry.LocalPort != 9000 || f.Entry.Description != "x" {
		t.Errorf("%+v", f.Entry)
	}
	if e := c.state.Edits[id].Fields; len(e) != 1 || e[0].Name != "description" {
		t.Errorf("%+v", e)
	}
	if s := c.state.Superseded; len(s) != 1 || len(s[0].Fields) != 1 || s[0].Fields[0].Name != "namespace" {
		t.Errorf("%+v", s)
	}
}

// TestEditThatNoLongerFits edits a field that the team's new kind of workload
// does not go with.
func TestEditThatNoLongerFits(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{OnEdit: portolan.KeepUntilChanged})
	if err := merge.EditEntry(c.state, c.files, id, fields{"pod_name": raw("api-0")}, noon); err != nil {
		t.Fatal(err)
	}
	c.entries["dev.json"] = []portolan.Entry{{Alias: "api", WorkloadType: portolan.Pod, Target: "app=api", RemotePort: portolan.Port{Number: 80}}}
	c.sync()
	if len(c.state.Edits) != 0 || len(c.state.Superseded) != 1 {
		t.Errorf("%+v %+v", c.state.Edits, c.state.Superseded)
	}
}

func TestOverride(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{})
	set := func(f fields) error { return merge.SetOverride(c.state, c.files, id, f) }
	if err := set(fields{"local_port": raw(9000), "context": raw("mine"), "local_address": raw("0.0.0.0")}); err != nil {
		t.Fatal(err)
	}
	c.entries["dev.json"][0].Context = "teams"
	c.sync()
	f := c.forward("dev", "api")
	if f.Entry.LocalPort != 9000 || f.Entry.Context != "mine" || f.Team.Context != "teams" || f.Edited || merge.AsksToBind(c.state, f) {
		t.Errorf("%+v", f)
	}
	if got := code(set(fields{"namespace": raw("x")})); got != "not-for-here" {
		t.Error(got)
	}
	if got := code(set(fields{"local_address": raw("nonsense")})); got != "field-value" {
		t.Error(got)
	}
	if err := set(fields{"local_port": []byte("null"), "context": []byte("null"), "local_address": []byte("null")}); err != nil {
		t.Fatal(err)
	}
	if f := c.forward("dev", "api"); f.Entry.LocalPort != 0 || f.Entry.Context != "teams" || f.Local.Override != (portolan.Override{}) {
		t.Errorf("%+v", f)
	}
}

func TestBindBeyondLoopbackAsks(t *testing.T) {
	c, id := newAPI(t, portolan.SourceConfig{})
	c.entries["dev.json"][0].LocalAddress = "0.0.0.0"
	c.sync()
	if !merge.AsksToBind(c.state, c.forward("dev", "api")) {
		t.Fatal("a shared file binds 0.0.0.0")
	}
	if err := merge.Confirm(c.state, c.files, id, noon); err != nil || merge.AsksToBind(c.state, c.forward("dev", "api")) {
		t.Fatalf("a yes does not count: %v", err)
	}
	c.entries["dev.json"][0].LocalAddress = "192.0.2.1"
	c.sync()
	if !merge.AsksToBind(c.state, c.forward("dev", "api")) {
		t.Error("the yes to one address counts for another")
	}
	if err := merge.RemoveSource(c.state, "team", false, c.files, c.newID); err != nil || len(c.state.Consents) != 0 {
		t.Errorf("the yes outlives its source: %+v, %v", c.state.Consents, err)
	}
}

func TestMine(t *testing.T) {
	c, synced := newAPI(t, portolan.SourceConfig{})
	id, err := merge.AddEntry(c.state, "dev", svc("own", "one", "own", 80), c.newID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := merge.AddEntry(c.state, "dev", svc("own", "two", "own", 80), c.newID); code(err) != "alias-taken" {
		t.Error(err)
	}
	if _, err := merge.AddEntry(c.state, "dev", portolan.Entry{Alias: "bad"}, c.newID); code(err) != "invalid-entry" {
		t.Error(err)
	}
	other, err := merge.AddEntry(c.state, "dev", svc("other", "two", "own", 80), c.newID)
	if err != nil {
		t.Fatal(err)
	}
	if got := code(merge.EditEntry(c.state, c.files, other, fields{"alias": raw("own")}, noon)); got != "alias-taken" {
		t.Error(got)
	}
	if err := merge.EditEntry(c.state, c.files, id, fields{"remote_port": raw(81)}, noon); err != nil {
		t.Fatal(err)
	}
	if f := c.forward("dev", "own"); f.Entry.RemotePort.Number != 81 || f.Edited || f.Source != portolan.Mine || f.Key != "own" {
		t.Errorf("%+v", f)
	}
	if got := code(merge.RemoveEntry(c.state, synced)); got != "not-mine" {
		t.Error(got)
	}
	merge.Want(c.state, []portolan.ID{id}, true)
	if err := merge.RemoveEntry(c.state, id); err != nil || len(c.state.Mine) != 1 || c.state.Local[id] != (portolan.Local{}) {
		t.Errorf("%+v, %v", c.state, err)
	}
}

func TestRemoveSource(t *testing.T) {
	for _, keep := range []bool{true, false} {
		c, id := newAPI(t, portolan.SourceConfig{})
		if err := merge.EditEntry(c.state, c.files, id, fields{"namespace": raw("mine")}, noon); err != nil {
			t.Fatal(err)
		}
		merge.Want(c.state, []portolan.ID{id}, true)
		if err := merge.RemoveSource(c.state, "team", keep, c.files, c.newID); err != nil {
			t.Fatal(err)
		}
		if !keep {
			if want := (portolan.State{}); !reflect.DeepEqual(withoutEmpty(*c.state), want) {
				t.Errorf("left over: %+v", c.state)
			}
			continue
		}
		f := c.forward("dev", "api")
		if f.ID != id || f.Source != portolan.Mine || f.Entry.Namespace != "mine" || !f.Local.Wanted || f.Edited || len(c.state.Sources) != 0 {
			t.Errorf("%+v", f)
		}
	}
	if got := code(merge.RemoveSource(&portolan.State{}, "team", true, nil, nil)); got != "source-unknown" {
		t.Error(got)
	}
}

func withoutEmpty(s portolan.State) portolan.State { return s.Clone() }
