package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// fake is an engine in memory: it answers from view and results, fails where
// fault is set, and remembers the calls that would change something.
type fake struct {
	view    portolan.View
	results []api.SyncResult
	review  api.Review
	fault   *portolan.Fault // of every call that changes something
	calls   []string
	checks  []portolan.Check
	pause   time.Duration   // how long Sync takes
	later   []portolan.View // what Changes brings, one by one
	asked   int             // how often Counters was called; each time one connection more is open
}

func (f *fake) call(name string, args ...any) error {
	line := name
	for _, arg := range args {
		data, err := json.Marshal(arg)
		if err != nil {
			return err
		}
		line += " " + string(data)
	}
	f.calls = append(f.calls, line)
	if f.fault != nil {
		return f.fault
	}
	return nil
}

func (f *fake) forward(id portolan.ID) portolan.ForwardView {
	for _, v := range f.view.Forwards {
		if v.ID == id {
			return v
		}
	}
	return portolan.ForwardView{Forward: portolan.Forward{ID: id}}
}

func (f *fake) Version(context.Context) (api.Version, error) {
	return api.Version{Version: "1.2.3", API: 1, PID: 42, Home: "/home/ann/.portolan"}, nil
}

func (f *fake) View(context.Context) (portolan.View, error) { return f.view, nil }

func (f *fake) Changes(ctx context.Context, since int64) (portolan.Changes, error) {
	view := f.view
	switch {
	case since == 0:
	case len(f.later) > 0:
		view, f.later = f.later[0], f.later[1:]
	default:
		<-ctx.Done()
		return portolan.Changes{}, ctx.Err()
	}
	return portolan.Changes{Revision: view.Revision, Whole: true,
		Sources: view.Sources, Forwards: view.Forwards, Superseded: view.Superseded,
		Notices: view.Notices, Accounts: view.Accounts, Asking: view.Asking}, nil
}

func (f *fake) Counters(_ context.Context, ids []portolan.ID) ([]portolan.Counters, error) {
	counters := make([]portolan.Counters, len(ids))
	for i, id := range ids {
		counters[i] = portolan.Counters{ID: id, Live: 2 + f.asked, Total: 9, Sent: 1 << 10, Received: 1 << 20}
	}
	f.asked++
	return counters, nil
}

func (f *fake) AddSource(_ context.Context, add api.AddSource) (api.SyncResult, error) {
	if err := f.call("AddSource", add); err != nil {
		return api.SyncResult{}, err
	}
	return f.results[0], nil
}

func (f *fake) Look(_ context.Context, add api.AddSource) (api.Access, error) {
	return api.Access{}, f.call("Look", add)
}

func (f *fake) Pause(_ context.Context, on bool) error { return f.call("Pause", on) }

func (f *fake) SetFavourite(_ context.Context, id portolan.ID, on bool) error {
	return f.call("SetFavourite", id, on)
}

func (f *fake) OrderFavourites(_ context.Context, ids []portolan.ID) error {
	return f.call("OrderFavourites", ids)
}

func (f *fake) Undo(_ context.Context, id string) error { return f.call("Undo", id) }

func (f *fake) Events(_ context.Context, id portolan.ID) ([]portolan.Event, error) {
	return []portolan.Event{
		{At: epoch.Add(-time.Minute), Phase: portolan.Ready, Text: "connected to pod shop/api-0"},
		{At: epoch.Add(-time.Hour), Text: "you started it\x1b[31m"},
	}, f.call("Events", id)
}

func (f *fake) Kubectl(_ context.Context, id portolan.ID) (string, error) {
	return "kubectl port-forward --context kind --namespace shop service/api 8080:http", f.call("Kubectl", id)
}

func (f *fake) Targets(_ context.Context, q portolan.TargetQuery) (portolan.Targets, error) {
	return portolan.Targets{Names: []string{"api", "db"}}, f.call("Targets", q)
}

func (f *fake) RevisionRows(_ context.Context, source string, number uint64) ([]portolan.Row, error) {
	return nil, f.call("RevisionRows", source, number)
}

func (f *fake) Diff(_ context.Context, q api.DiffQuery) ([]portolan.Row, error) {
	return f.results[0].Rows, f.call("Diff", q)
}

func (f *fake) Review(_ context.Context, source string) (api.Review, error) {
	return f.review, f.call("Review", source)
}

func (f *fake) Approve(_ context.Context, source, sha string) (api.SyncResult, error) {
	if err := f.call("Approve", source, sha); err != nil {
		return api.SyncResult{}, err
	}
	taken := f.results[0]
	taken.Waits, taken.Changed = "", true
	return taken, nil
}

func (f *fake) HoldSource(_ context.Context, source string) error {
	return f.call("HoldSource", source)
}

func (f *fake) ResumeSource(_ context.Context, source string) (api.SyncResult, error) {
	if err := f.call("ResumeSource", source); err != nil {
		return api.SyncResult{}, err
	}
	return f.results[0], nil
}

func (f *fake) Restore(_ context.Context, source string, number uint64) (api.SyncResult, error) {
	if err := f.call("Restore", source, number); err != nil {
		return api.SyncResult{}, err
	}
	return f.results[0], nil
}

func (f *fake) SetSource(_ context.Context, config portolan.SourceConfig) error {
	return f.call("SetSource", config)
}

func (f *fake) RemoveSource(_ context.Context, name string, keep bool) error {
	return f.call("RemoveSource", name, keep)
}

func (f *fake) ConfirmSource(_ context.Context, name string) (api.SyncResult, error) {
	return f.results[0], f.call("ConfirmSource", name)
}

func (f *fake) Sync(_ context.Context, names []string) ([]api.SyncResult, error) {
	time.Sleep(f.pause)
	return f.results, f.call("Sync", names)
}

func (f *fake) Preview(_ context.Context, names []string) ([]api.SyncResult, error) {
	return f.results, f.call("Preview", names)
}

func (f *fake) Start(_ context.Context, sel api.Selection) ([]portolan.ForwardView, error) {
	if err := f.call("Start", sel); err != nil {
		return nil, err
	}
	return sel.Pick(f.view.Forwards)
}

func (f *fake) Hold(ctx context.Context, q api.Hold, held func([]portolan.ForwardView)) error {
	q.By = "me"
	if err := f.call("Hold", q); err != nil {
		return err
	}
	forwards, err := q.Pick(f.view.Forwards)
	if err != nil {
		return err
	}
	held(forwards)
	<-ctx.Done()
	return ctx.Err()
}

func (f *fake) Stop(_ context.Context, sel api.Selection) ([]portolan.ForwardView, error) {
	if err := f.call("Stop", sel); err != nil {
		return nil, err
	}
	return sel.Pick(f.view.Forwards)
}

func (f *fake) Add(_ context.Context, environment string, fields api.Fields) (portolan.ForwardView, error) {
	return f.view.Forwards[0], f.call("Add", environment, fields)
}

func (f *fake) Edit(_ context.Context, id portolan.ID, fields api.Fields, here bool) (portolan.ForwardView, error) {
	return f.forward(id), f.call("Edit", id, fields, here)
}

func (f *fake) Remove(_ context.Context, id portolan.ID) error { return f.call("Remove", id) }

func (f *fake) Import(_ context.Context, environment string, data []byte) ([]portolan.Row, error) {
	rows := []portolan.Row{{Source: portolan.Mine, Environment: environment, Key: "api", ID: "9", Kind: "forward", Action: portolan.Added}}
	return rows, f.call("Import", environment, string(data))
}

func (f *fake) Export(_ context.Context, sel api.Selection) ([]byte, error) {
	return []byte("[]\n"), f.call("Export", sel)
}

func (f *fake) Confirm(_ context.Context, id portolan.ID) (portolan.ForwardView, error) {
	return f.forward(id), f.call("Confirm", id)
}

func (f *fake) Answer(_ context.Context, superseded string, answer api.Answer) error {
	return f.call("Answer", superseded, answer)
}

func (f *fake) MapContext(_ context.Context, environment, team, mine string) error {
	return f.call("MapContext", environment, team, mine)
}

func (f *fake) Contexts(context.Context) (api.Contexts, error) {
	return api.Contexts{
		Contexts: []portolan.KubeContext{
			{Name: "kind", Cluster: "kind-kind", Server: "https://127.0.0.1:6443", Current: true},
			{Name: "mine", Cluster: "team-eks", Server: "https://eks.example.org", Namespace: "shop"},
		},
		Uses: []portolan.ContextUse{
			{Environment: "dev", Forwards: 2},
			{Environment: "dev", Team: "kind", Forwards: 1},
			{Environment: "prod", Team: "team-prod", Forwards: 4, Mine: "kind"},
			{Environment: "staging", Team: "team-eks", Forwards: 1, Missing: true, Proposal: "mine"},
			{Environment: "lab", Team: "lab", Forwards: 1, Missing: true},
		},
	}, nil
}

func (f *fake) Checkup(context.Context) ([]portolan.Check, error) { return f.checks, nil }

func (f *fake) Consents(context.Context) ([]portolan.Consent, error) {
	return []portolan.Consent{{Source: "team", Effect: "bind-address", Value: "0.0.0.0", At: epoch}}, nil
}

func (f *fake) Revoke(_ context.Context, source, effect, value string) error {
	return f.call("Revoke", source, effect, value)
}

func (f *fake) Settings(context.Context) ([]portolan.Setting, error) {
	return portolan.Settings{Hold: portolan.Duration(time.Minute)}.List(), nil
}

func (f *fake) SetSetting(_ context.Context, name, value string) (portolan.Setting, error) {
	return portolan.Setting{Name: name, Value: value, Default: "15s", Help: "help"}, f.call("SetSetting", name, value)
}

func (f *fake) History(_ context.Context, source string, limit int) ([]api.Revision, error) {
	commit := portolan.Commit{SHA: "1a2b3c4d5e", Author: "Bo", Message: "Add api"}
	return []api.Revision{
		{Number: 3, At: epoch.Add(time.Hour), Source: "team", Commit: commit, Known: true, Added: 1, Updated: 2, Deleted: 3, Invalid: 1},
		{Number: 1, At: epoch, Source: "team", Commit: commit},
	}, f.call("History", source, limit)
}

// SignIn remembers the length of the token and not the token, as an engine
// should.
func (f *fake) SignIn(_ context.Context, in api.SignIn) (portolan.Host, error) {
	in.Token = fmt.Sprintf("%d characters", len(in.Token))
	return portolan.Host{Host: in.Host, Login: "ann", Kind: "classic", Scopes: []string{"repo"}, Expires: epoch.AddDate(0, 1, 0)},
		f.call("SignIn", in)
}

func (f *fake) SignOut(_ context.Context, out api.SignOut) (api.SignedOut, error) {
	return api.SignedOut{Host: out.Host, Login: "ann"}, f.call("SignOut", out)
}

func (f *fake) Accounts(context.Context) ([]portolan.Host, error) {
	return []portolan.Host{{Host: "github.com", Login: "ann", Kind: "fine-grained"}}, nil
}

func (f *fake) SetLogLevel(_ context.Context, level string) error {
	return f.call("SetLogLevel", level)
}

func (f *fake) Device(_ context.Context, host string) (api.DeviceCode, error) {
	return api.DeviceCode{ID: "ABC", UserCode: "WDJB-MJHT", VerificationURI: "https://" + host + "/login/device",
		ExpiresAt: epoch.Add(15 * time.Minute), Interval: 5}, f.call("Device", host)
}

func (f *fake) DeviceWait(_ context.Context, id string) (portolan.Host, error) {
	return portolan.Host{Host: "github.com", Login: "ann", Kind: "app", Expires: epoch.Add(184 * 24 * time.Hour)}, f.call("DeviceWait", id)
}

func (f *fake) WebLink(context.Context) (string, error) {
	return "http://127.0.0.1:7979/#code=ABCDEFGHIJKLMNOPQRSTUVWXYZ", f.call("WebLink")
}

func (f *fake) Raise(_ context.Context, page string) (bool, error) {
	return true, f.call("Raise", page)
}

func (f *fake) Raised(context.Context) (string, error) { return "", f.call("Raised") }

func (f *fake) Quit(context.Context) error { return f.call("Quit") }

func (f *fake) Shutdown(context.Context) error { return f.call("Shutdown") }

// epoch is when a synctest bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// team is a view with one source and a forward of each sort.
func team() portolan.View {
	port := func(n int) portolan.Port { return portolan.Port{Number: n} }
	forward := func(id portolan.ID, source, environment string, e portolan.Entry, s portolan.Status) portolan.ForwardView {
		return portolan.ForwardView{Forward: portolan.Forward{ID: id, Source: source, Environment: environment,
			Key: e.Alias, Entry: e, Team: e, Local: portolan.Local{Wanted: s.Phase != portolan.Off}}, Status: s}
	}
	edited := forward("3", "team", "staging", portolan.Entry{Alias: "api", Service: "api", RemotePort: port(81)}, portolan.Status{Phase: portolan.Off})
	edited.Edited, edited.Protected, edited.Local.New = true, true, true
	return portolan.View{
		Revision: 7,
		Sources: []portolan.SourceView{{
			SourceConfig: portolan.SourceConfig{Name: "team", Repo: portolan.Repository{Host: "github.com", Owner: "acme", Name: "forwards"},
				Ref: "main", Include: []string{"*.json"}, Interval: portolan.Duration(30 * time.Second)},
			Commit: portolan.Commit{SHA: "1a2b3c4d5e", Author: "Bo", Message: "Add api"}, Forwards: 3,
			Environments: []portolan.EnvironmentView{{Name: "dev", File: "dev.json", Forwards: 2},
				{Name: "staging", Title: "Staging", Color: "#f0a000", Protected: true, Order: 1, File: "staging.json", Forwards: 1}},
			Invalid: []portolan.Problem{{File: "broken.json", Position: portolan.Position{Line: 1, Column: 2}, Severity: portolan.SeverityError,
				Code: "syntax", Message: "a comma is missing"}},
			Status: portolan.SourceStatus{Phase: portolan.SyncIdle, LastSync: epoch.Add(-18 * time.Second), Next: epoch.Add(42 * time.Second)},
		}},
		Forwards: []portolan.ForwardView{
			forward("1", "team", "dev", portolan.Entry{Alias: "api", Service: "api", Namespace: "shop", RemotePort: portolan.Port{Name: "http"}, LocalPort: 8080,
				Rest: []portolan.Member{{Name: "owner", Value: json.RawMessage(`"bo"`)}, {Name: "phase", Value: json.RawMessage(`"spoofed"`)}}},
				portolan.Status{Phase: portolan.Ready, Addresses: []string{"127.0.0.1:8080", "[::1]:8080"}, Pod: "shop/api-0"}),
			forward("2", "team", "dev", portolan.Entry{Alias: "db", WorkloadType: portolan.StatefulSet, Service: "db", RemotePort: port(5432)},
				portolan.Status{Phase: portolan.PortBusy, Fault: &portolan.Fault{Kind: portolan.Failed, Code: "port-busy",
					Message: "port 5432 is taken by postgres (pid 7)", Hint: "portolan edit dev/db --local-port 5433 --here"}}),
			edited,
			forward("4", portolan.Mine, "dev", portolan.Entry{Alias: "evil\x1b[31m\u202egnp\n.exe", WorkloadType: portolan.Pod, Target: "app=x", RemotePort: port(1)},
				portolan.Status{Phase: portolan.Off}),
		},
		Superseded: []portolan.Superseded{{ID: "5f3a", Forward: "3", Source: "team", Environment: "staging", Alias: "api",
			Commit: portolan.Commit{SHA: "1a2b3c4d5e"}, EditedAt: epoch.Add(-time.Hour), At: epoch.Add(-time.Minute),
			Fields: []portolan.FieldChange{{Name: "remote_port", Before: json.RawMessage("80"), After: json.RawMessage("81")}}}},
	}
}
