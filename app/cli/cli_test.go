package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

var update = flag.Bool("update", false, "write the golden files anew")

// invocation is one command line and the world that it meets.
type invocation struct {
	name   string // of the golden file
	args   string // separated by blanks; '' is an empty argument
	stdin  string
	env    map[string]string
	engine func(*fake)
	deps   func(*Deps)
	stale  bool // no engine runs
	code   int
}

// notRunning is the fault of a client that finds no engine.
var notRunning = &portolan.Fault{Kind: portolan.Unavailable, Code: "not-running",
	Message: "no engine is running", Hint: `start it in another terminal: portolan serve`}

// TestCommands pins what each command prints, asks of the engine and exits with.
func TestCommands(t *testing.T) {
	for _, c := range commands() {
		t.Run(c.name, func(t *testing.T) {
			var got string
			synctest.Test(t, func(t *testing.T) { got = c.run(t) }) // for its clock
			golden := filepath.Join("testdata", "golden", c.name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Error(cmp.Diff(string(want), got))
			}
		})
	}
}

// removed has an entry just removed.
func removed(f *fake) {
	f.view.Undo = &portolan.Undo{ID: "u1", At: epoch.Add(-2 * time.Minute), Text: "removed dev/own\x1b[31m"}
}

// newer is what waits in the tests.
func newer(f *fake) (portolan.Commit, []portolan.Row) {
	commit := portolan.Commit{SHA: "9f8e7d6c5b", Author: "Ada", Message: "Move api"}
	rows := []portolan.Row{
		{Source: "team", Environment: "dev", File: "dev.json", Key: "api", ID: "1", Kind: "forward", Action: portolan.Updated, Confirm: true,
			Fields: []portolan.FieldChange{{Name: "namespace", Before: json.RawMessage(`"shop"`), After: json.RawMessage(`"store"`)}}},
		{Source: "team", Environment: "staging", File: "staging.json", Key: "gateway", Kind: "forward", Action: portolan.Renamed, Reason: "was api"},
	}
	f.review = api.Review{Source: "team", Commit: commit, Since: epoch.Add(-2 * time.Minute), Rows: rows}
	return commit, rows
}

func reviewing(f *fake) {
	commit, rows := newer(f)
	f.view.Sources[0].Apply = portolan.ApplyReview
	f.view.Sources[0].Review = &portolan.ReviewView{Commit: commit, Since: f.review.Since, Changes: len(rows)}
	f.results = []api.SyncResult{{Source: "team", Commit: commit, Waits: portolan.WaitsReview, Rows: rows, Requests: 1}}
}

func holding(f *fake) {
	commit, rows := newer(f)
	f.view.Sources[0].Held = &portolan.HeldView{Newer: commit, Changes: len(rows),
		Held: portolan.Held{At: epoch.Add(-time.Hour), Why: portolan.HeldRestored, Number: 41, Commit: f.view.Sources[0].Commit}}
	f.results = []api.SyncResult{{Source: "team", Commit: commit, Waits: portolan.WaitsHeld, Rows: rows, Requests: 1}}
}

func restoring(f *fake) {
	commit, rows := newer(f)
	f.results = []api.SyncResult{{Source: "team", Commit: commit, Changed: true, Rows: rows}}
}

// run returns the whole of what a command did.
func (c invocation) run(t *testing.T) string {
	t.Helper()
	engine := &fake{view: team()}
	if c.engine != nil {
		c.engine(engine)
	}
	var stdout, stderr bytes.Buffer
	args := strings.Fields(c.args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "''", "")
	}
	deps := Deps{
		Stdin: strings.NewReader(c.stdin), Stdout: &stdout, Stderr: &stderr,
		Env:     func(name string) string { return c.env[name] },
		Version: "1.2.3", Commit: "abc",
		Connect: func(context.Context, Options) (api.API, error) {
			if c.stale {
				return nil, notRunning
			}
			return engine, nil
		},
		OneShot: func(context.Context, Options) (api.API, func() error, error) {
			return engine, func() error { return engine.call("closed") }, nil
		},
		Serve: func(ctx context.Context, o ServeOptions) error {
			v, _ := engine.Version(ctx)
			link := ""
			if o.Web.Address != "" {
				link, _ = engine.WebLink(ctx)
			}
			o.Ready(v, link)
			o.Log.Debug("detail")
			return engine.call("Serve", o.Options, o.Web)
		},
		Agent: func(ctx context.Context, o AgentOptions) error {
			v, _ := engine.Version(ctx)
			o.Ready(v)
			return engine.call("Agent", o.Options)
		},
		StopAgent: func(ctx context.Context, _ Options) (api.Version, error) {
			v, _ := engine.Version(ctx)
			return v, engine.Shutdown(ctx)
		},
		AtLogin: func(_ context.Context, o Options, on bool) (string, error) {
			return "/home/ann/.config/portolan.service", engine.call("AtLogin", o, on)
		},
		Demo: func(_ context.Context, o DemoOptions) error {
			o.Ready(DemoInfo{Home: "/tmp/a b", Worktree: "/tmp/a b/work", Repository: "http://127.0.0.1:1/acme/forwards",
				Kubeconfig: "/tmp/a b/kubeconfig", Try: []string{"portolan list", "portolan start dev/web"}})
			return engine.call("Demo")
		},
		Doctor: func(context.Context, Options) ([]portolan.Check, error) {
			return []portolan.Check{{Area: "paths", Name: "home", Outcome: portolan.CheckOK, Message: "/home/ann/.portolan"}}, nil
		},
		LogFile: func(Options) (string, error) { return filepath.Join("no", "such.log"), nil },
		PortForward: func(_ context.Context, f PortForward) error {
			f.Ready(netip.MustParseAddrPort("127.0.0.1:8080"), 80)
			f.Ready(netip.MustParseAddrPort("[::1]:8080"), 80)
			f.Handling(8080)
			f.Ready, f.Handling = nil, nil
			return engine.call("PortForward", map[string]any{"namespace": f.Namespace, "addresses": f.Addresses,
				"kind": f.Kind, "name": f.Name, "ports": f.Ports, "wait": f.Wait})
		},
	}
	if c.deps != nil {
		c.deps(&deps)
	}
	code := Run(t.Context(), deps, args)
	if code != c.code {
		t.Errorf("exit code %d, want %d", code, c.code)
	}
	got := fmt.Sprintf("$ portolan %s\nexit code %d\n", c.args, code)
	for _, part := range []struct{ name, text string }{
		{"stdout", stdout.String()}, {"stderr", stderr.String()}, {"calls", strings.Join(engine.calls, "\n")},
	} {
		if part.text != "" {
			got += fmt.Sprintf("-- %s --\n%s\n", part.name, strings.TrimSuffix(part.text, "\n"))
		}
	}
	return got
}

// cannotStart is why an agent does not come up.
var cannotStart = &portolan.Fault{Kind: portolan.Failed, Code: "agent-start", Message: "Portolan did not start: no space left", Hint: "free some"}

// asleep is a world in which nothing runs until it is started, which may fail.
func asleep(fault *portolan.Fault) func(*Deps) {
	return func(d *Deps) {
		awake, connect := false, d.Connect
		d.Connect = func(ctx context.Context, o Options) (api.API, error) {
			if !awake {
				return sleeper{}, nil
			}
			return connect(ctx, o)
		}
		d.StartAgent = func(context.Context, Options) (api.Version, error) {
			if fault != nil {
				return api.Version{}, fault
			}
			awake = true
			return api.Version{Version: "1.2.3", PID: 43, Home: "/home/ann/.portolan"}, nil
		}
		d.StopAgent = func(context.Context, Options) (api.Version, error) { return api.Version{}, notRunning }
	}
}

// sleeper is a client that finds nothing running.
type sleeper struct{ api.API }

func (sleeper) Version(context.Context) (api.Version, error) { return api.Version{}, notRunning }

func (sleeper) Start(context.Context, api.Selection) ([]portolan.ForwardView, error) {
	return nil, notRunning
}

func (sleeper) View(context.Context) (portolan.View, error) { return portolan.View{}, notRunning }

// fullDisk is standard output that leads to a full disk.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func empty(f *fake) { f.view = portolan.View{} }

func severalSuperseded(f *fake) {
	f.view.Superseded = []portolan.Superseded{{ID: "ABCDEFGH", Alias: "a"}, {ID: "ABCDEXYZ", Alias: "b"}, {ID: "BBCDEFGH", Alias: "c"}}
}

func failing(kind portolan.Kind) func(*fake) {
	return func(f *fake) {
		f.fault = &portolan.Fault{Kind: kind, Code: "some-code", Message: "it did not work", Hint: "do something"}
	}
}

func results(results ...api.SyncResult) func(*fake) { return func(f *fake) { f.results = results } }

// checked is a checkup whose last check ends so.
func checked(last portolan.Outcome) func(*fake) {
	return func(f *fake) {
		f.checks = []portolan.Check{
			{Area: "paths", Name: "home", Outcome: portolan.CheckOK, Message: "/home/ann/.portolan"},
			{Area: "keychain", Name: "keychain", Outcome: portolan.CheckWarning, Message: "it is locked", Hint: "unlock it"},
			{Area: "rights", Name: "context kind, namespace shop", Outcome: last, Message: "it lacks get on services",
				Hint: "ask for this role", Role: "kind: Role\nmetadata:\n  name: portolan\n"},
		}
	}
}

// comesUp lets what was busy listen at the next change.
func comesUp(f *fake) {
	later := team()
	later.Revision++
	later.Forwards[1].Status = portolan.Status{Phase: portolan.Listening, Addresses: []string{"127.0.0.1:5432"}}
	f.later = []portolan.View{later}
}

// suspicious is a sync that brought nothing but a warning and a notice.
func suspicious() api.SyncResult {
	return api.SyncResult{Source: "team", Commit: portolan.Commit{SHA: "1a2b3c4d5e"}, Problems: []portolan.Problem{
		{File: "dev.json", Position: portolan.Position{Line: 3, Column: 4}, Severity: portolan.SeverityWarning, Message: "it looks like a password", Hint: "take it out"},
		{File: "dev.json", Position: portolan.Position{Line: 5, Column: 4}, Severity: portolan.SeverityNotice, Message: "kubeconfig is ignored"},
	}}
}

// synced is a sync with a row of each sort; broken adds an invalid file.
func synced(broken bool) api.SyncResult {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	r := api.SyncResult{Source: "team", Commit: portolan.Commit{SHA: "1a2b3c4d5e", Message: "Add api"}, Changed: true, Requests: 5, Rows: []portolan.Row{
		{Source: "team", Environment: "dev", File: "dev.json", Key: "api", ID: "1", Kind: "forward", Action: portolan.Added},
		{Source: "team", Environment: "dev", File: "dev.json", Key: "db", ID: "2", Kind: "forward", Action: portolan.Updated, Confirm: true,
			Fields: []portolan.FieldChange{{Name: "context", Before: raw(`"a"`), After: raw(`"b"`)}, {Name: "local_port", After: raw("5432")}}},
		{Source: "team", Environment: "staging", File: "staging.json", Key: "api", ID: "3", Kind: "forward", Action: portolan.Overruled,
			Fields: []portolan.FieldChange{{Name: "remote_port", Before: raw("81"), After: raw("80")}}},
		{Source: "team", Environment: "staging", File: "staging.json", Key: "old", ID: "6", Kind: "forward", Action: portolan.Deleted},
	}}
	if broken {
		r.Rows = append(r.Rows, portolan.Row{Source: "team", Environment: "broken", File: "broken.json", Kind: "file", Action: portolan.Invalid, Reason: "its last good version stays",
			Problems: []portolan.Problem{{File: "broken.json", Position: portolan.Position{Line: 1, Column: 2}, Severity: portolan.SeverityError, Message: "a comma is missing"}}})
	}
	return r
}

// faulty is a sync that failed.
func faulty(kind portolan.Kind) api.SyncResult {
	return api.SyncResult{Source: "other", Rows: []portolan.Row{}, Fault: &portolan.Fault{Kind: kind, Code: "github", Message: "GitHub said no",
		Hint: "ask again", Retry: epoch.Add(90 * time.Second)}}
}

func commands() []invocation {
	jsonEnv := map[string]string{"PORTOLAN_OUTPUT": "json"}
	return []invocation{
		{name: "list", args: "list"},
		{name: "list-json", args: "list --output json"},
		{name: "list-env", args: "list --env dev --source mine"},
		{name: "list-empty", args: "list", engine: empty},
		{name: "list-empty-json", args: "list -o json", engine: empty},
		{name: "list-unknown-env", args: "list --env dve", code: exitUsage},
		{name: "list-unknown-source", args: "list --source tema", code: exitUsage},
		{name: "not-running", args: "list", stale: true, code: exitUnavailable},
		{name: "not-running-json", args: "list", env: jsonEnv, stale: true, code: exitUnavailable},
		{name: "status", args: "status"},
		{name: "status-json", args: "status", env: jsonEnv},
		{name: "status-empty", args: "status", engine: empty},

		{name: "start", args: "start team:dev/api"},
		{name: "start-busy", args: "start --env dev", code: exitFailed},
		{name: "start-busy-json", args: "start dev/db --output json", code: exitFailed},
		{name: "start-nothing", args: "start", code: exitUsage},
		{name: "start-source", args: "start --source mine"},
		{name: "start-slip", args: "start stagign/api", code: exitUsage},
		{name: "start-ambiguous", args: "start api", code: exitUsage},
		{name: "stop", args: "stop --all"},
		{name: "confirm", args: "confirm dev/db"},

		{name: "source-add", args: "source add acme/forwards --name team --interval 5m --include *.json,x.json --include y.json --on-missing keep", engine: results(synced(false))},
		{name: "source-add-invalid", args: "source add acme/forwards", env: map[string]string{"PORTOLAN_INTERVAL": "30s"}, engine: results(synced(true))},
		{name: "source-add-json", args: "source add acme/forwards -o json", engine: results(synced(false))},
		{name: "source-add-later", args: "source add acme/forwards", engine: results(faulty(portolan.Later)), code: exitLater},
		{name: "source-add-sign-in", args: "source add acme/forwards", engine: failing(portolan.SignIn), code: exitSignIn},
		{name: "source-add-bad-interval", args: "source add acme/forwards --interval often", code: exitUsage},
		{name: "source-add-bad-twin", args: "source add acme/forwards", env: map[string]string{"PORTOLAN_LAYOUT": "maze"}, code: exitUsage},
		{name: "source-list", args: "source list"},
		{name: "source-list-json", args: "source list -o json"},
		{name: "source-show", args: "source show team"},
		{name: "source-set", args: "source set team --ref '' --include '' --on-edit keep-until-changed", env: map[string]string{"PORTOLAN_INTERVAL": "1h"}},
		{name: "source-set-nothing", args: "source set team", code: exitUsage},
		{name: "source-set-slip", args: "source set taem --ref x", code: exitUsage},
		{name: "source-confirm", args: "source confirm team", engine: results(synced(false))},
		{name: "source-confirm-json", args: "source confirm team -o json", engine: results(synced(false))},
		{name: "source-confirm-later", args: "source confirm team", engine: results(faulty(portolan.Later)), code: exitLater},
		{name: "source-remove", args: "source remove team"},
		{name: "source-remove-keep", args: "source remove team --keep"},

		{name: "sync", args: "sync", engine: results(synced(false))},
		{name: "sync-json", args: "sync team -o json", engine: results(synced(false))},
		{name: "sync-unchanged", args: "sync team", engine: results(api.SyncResult{Source: "team", Commit: portolan.Commit{SHA: "1a2b3c4d5e"}})},
		{name: "sync-invalid", args: "sync", engine: results(synced(true)), code: exitFailed},
		{name: "sync-warning", args: "sync", engine: results(suspicious())},
		{name: "source-add-warning", args: "source add acme/forwards", engine: results(suspicious())},
		{name: "sync-fault", args: "sync", engine: results(synced(false), faulty(portolan.Later)), code: exitLater},
		{name: "sync-dry-run", args: "sync --dry-run", engine: results(synced(false)), code: exitChanges},
		{name: "sync-dry-run-unchanged", args: "sync --dry-run", engine: results(api.SyncResult{Source: "team"})},
		{name: "sync-dry-run-fault", args: "sync --dry-run", engine: results(synced(false), faulty(portolan.SignIn)), code: exitSignIn},
		{name: "sync-once", args: "sync --once", stale: true, engine: results(synced(false))},
		{name: "sync-not-running", args: "sync", stale: true, code: exitUnavailable},

		{name: "superseded", args: "superseded"},
		{name: "superseded-json", args: "superseded list -o json"},
		{name: "superseded-empty", args: "superseded", engine: empty},
		{name: "superseded-keep", args: "superseded keep 5F"},
		{name: "superseded-several", args: "superseded", engine: severalSuperseded},
		{name: "superseded-ambiguous", args: "superseded keep abcd", engine: severalSuperseded, code: exitUsage},
		{name: "superseded-dismiss", args: "superseded dismiss 5f3a"},
		{name: "superseded-unknown", args: "superseded dismiss 77", code: exitUsage},

		{name: "add", args: "add --env dev --alias api --service api --remote-port http --local-port 8080 --tags a,b"},
		{name: "add-json", args: "add --env dev --service api --remote-port 80 -o json"},
		{name: "add-nothing", args: "add --env dev", code: exitUsage},
		{name: "add-bad-number", args: "add --env dev --local-port many", code: exitUsage},
		{name: "edit-synced", args: "edit staging/api --remote-port 82 --clear local-port"},
		{name: "edit-here", args: "edit staging/api --local-port 9000 --here"},
		{name: "edit-mine", args: "edit 4 --target app=y"},
		{name: "edit-keep-until-changed", args: "edit staging/api --remote-port 82",
			engine: func(f *fake) { f.view.Sources[0].OnEdit = portolan.KeepUntilChanged }},
		{name: "edit-clear-slip", args: "edit staging/api --clear loacl_port", code: exitUsage},
		{name: "edit-contradiction", args: "edit staging/api --local-port 1 --clear local_port", code: exitUsage},
		{name: "remove", args: "remove 4"},
		{name: "remove-refused", args: "remove staging/api", engine: failing(portolan.Failed), code: exitFailed},

		{name: "import", args: "import - --env dev", stdin: `{"alias":"api"}`},
		{name: "import-no-env", args: "import -", code: exitUsage},
		{name: "export", args: "export"},
		{name: "export-env", args: "export --env dev"},

		{name: "auth-login", args: "auth login github.com --with-token", stdin: "secret-token\n"},
		{name: "auth-login-argument", args: "auth login github.com secret-token", code: exitUsage},
		{name: "auth-login-flag", args: "auth login github.com --with-token=secret-token", code: exitUsage},
		{name: "auth-login-token-as-host", args: "auth login ghp_0123456789abcdefghijABCDEFGHIJ012345", code: exitUsage},
		{name: "auth-login-no-terminal", args: "auth login github.com", code: exitUsage},
		{name: "auth-login-empty", args: "auth login github.com --with-token", stdin: "\n", code: exitUsage},
		{name: "auth-login-not-running", args: "auth login github.com --with-token", stdin: "secret-token", stale: true, code: exitUnavailable},
		{name: "auth-status", args: "auth status"},
		{name: "auth-logout", args: "auth logout github.com"},

		{name: "context-map", args: "context map staging team-eks mine"},
		{name: "context-map-none", args: "context map staging '' mine"},
		{name: "context-clear", args: "context map staging team-eks --clear -o json"},
		{name: "context-map-incomplete", args: "context map staging team-eks", code: exitUsage},

		{name: "context-list", args: "context list"},
		{name: "context-list-json", args: "context list -o json"},

		{name: "doctor", args: "doctor", engine: checked(portolan.CheckWarning)},
		{name: "doctor-failed", args: "doctor", engine: checked(portolan.CheckFailed), code: exitFailed},
		{name: "doctor-json", args: "doctor -o json", engine: checked(portolan.CheckFailed), code: exitFailed},
		{name: "doctor-alone", args: "doctor", stale: true},
		{name: "trust-list", args: "trust list"},
		{name: "trust-list-json", args: "trust list -o json"},
		{name: "trust-revoke", args: "trust revoke team"},
		{name: "trust-revoke-one", args: "trust revoke team bind-address 0.0.0.0"},
		{name: "trust-revoke-json", args: "trust revoke team bind-address -o json"},
		{name: "trust-revoke-refused", args: "trust revoke team", engine: failing(portolan.Usage), code: exitUsage},
		{name: "settings-get", args: "settings get"},
		{name: "settings-get-json", args: "settings get -o json"},
		{name: "settings-get-one", args: "settings get hold"},
		{name: "settings-get-one-json", args: "settings get hold -o json"},
		{name: "settings-get-slip", args: "settings get hodl", code: exitUsage},
		{name: "settings-set", args: "settings set hold 1m"},
		{name: "settings-set-json", args: "settings set hold '' -o json"},
		{name: "settings-set-refused", args: "settings set hold soon", engine: failing(portolan.Usage), code: exitUsage},
		{name: "history", args: "history"},
		{name: "history-json", args: "history team --limit 5 -o json"},
		{name: "history-limit", args: "history --limit 0", code: exitUsage},
		{name: "edit-reviewed", args: "edit staging/api --remote-port 82", engine: reviewing},
		{name: "edit-held", args: "edit staging/api --remote-port 82", engine: holding},
		{name: "review", args: "review", engine: reviewing},
		{name: "review-one-json", args: "review team -o json", engine: reviewing},
		{name: "review-held", args: "review team", engine: holding},
		{name: "review-nothing", args: "review"},
		{name: "review-slip", args: "review teem", code: exitUsage},
		{name: "review-approve", args: "review approve team", engine: reviewing},
		{name: "review-approve-short", args: "review approve team 9f8e7d6 -o json", engine: reviewing},
		{name: "review-approve-another", args: "review approve team 1234567", engine: reviewing},
		{name: "review-approve-moved", args: "review approve team", engine: failing(portolan.Failed), code: exitFailed},
		{name: "sync-reviewed", args: "sync", engine: reviewing},
		{name: "sync-held", args: "sync", engine: holding},
		{name: "status-reviewed", args: "status", engine: reviewing},
		{name: "status-held", args: "status", engine: holding},
		{name: "list-held", args: "list --env dev", engine: holding},
		{name: "source-list-held", args: "source list", engine: holding},
		{name: "source-show-held", args: "source show team", engine: holding},
		{name: "hold", args: "hold team"},
		{name: "hold-json", args: "hold team -o json", engine: holding},
		{name: "restore", args: "restore team 41", engine: restoring},
		{name: "restore-slip", args: "restore team last", code: exitUsage},
		{name: "resume-source", args: "resume team", engine: restoring},
		{name: "diff", args: "diff team", engine: restoring},
		{name: "diff-two-json", args: "diff team 41 57 -o json", engine: restoring},
		{name: "diff-slip", args: "diff team 0", code: exitUsage},
		{name: "complete-held", args: "__complete resume ''", engine: holding},
		{name: "wait", args: "wait team:dev/api"},
		{name: "wait-json", args: "wait team:dev/api -o json"},
		{name: "wait-comes", args: "wait dev/db", engine: comesUp},
		{name: "wait-busy", args: "wait dev/db --timeout 2s", code: exitLater},
		{name: "wait-off", args: "wait staging/api --timeout 2s", code: exitLater},
		{name: "wait-unknown", args: "wait nope", code: exitUsage},
		{name: "favourite", args: "favourite team:dev/api staging/api"},
		{name: "favourite-off", args: "favourite team:dev/api --off -o json"},
		{name: "favourite-slip", args: "favourite dev/ap", code: exitUsage},
		{name: "status-one", args: "status team:dev/api"},
		{name: "status-one-json", args: "status team:dev/api -o json"},
		{name: "events", args: "events team:dev/api"},
		{name: "events-json", args: "events team:dev/api -o json"},
		{name: "kubectl", args: "kubectl team:dev/api"},
		{name: "kubectl-json", args: "kubectl team:dev/api -o json"},
		{name: "pause", args: "pause"},
		{name: "resume-json", args: "resume -o json"},
		{name: "status-paused", args: "status", engine: func(f *fake) { f.view.Paused = true }},
		{name: "undo", args: "undo", engine: removed},
		{name: "undo-dry-run", args: "undo --dry-run", engine: removed, code: exitChanges},
		{name: "undo-json", args: "undo -o json", engine: removed},
		{name: "undo-nothing", args: "undo", code: exitFailed},
		{name: "url", args: "url team:dev/api"},
		{name: "url-address", args: "url team:dev/api --address"},
		{name: "url-json", args: "url team:dev/api -o json"},
		{name: "url-off", args: "url staging/api", code: exitFailed},
		{name: "url-busy", args: "url dev/db", code: exitFailed},
		{name: "url-scheme", args: "url team:dev/api", code: exitFailed,
			engine: func(f *fake) { f.view.Forwards[0].Entry.Scheme = "ftp" }},
		{name: "run-nothing", args: "run team:dev/api", code: exitUsage},
		{name: "run-no-command", args: "run team:dev/api -- no-such-command", code: exitUsage},
		{name: "run-down", args: "run dev/db --timeout 2s -- go version", code: exitLater},
		{name: "logs-none", args: "logs", code: exitFailed},
		{name: "completion-shell", args: "completion tcsh", code: exitUsage},
		{name: "complete-forward", args: "__complete start dev/"},
		{name: "complete-env", args: "__complete list --env st"},
		{name: "complete-source", args: "__complete sync ''"},
		{name: "complete-setting", args: "__complete settings set h"},
		{name: "complete-superseded", args: "__complete superseded keep ''"},
		{name: "complete-host", args: "__complete auth login ''"},
		{name: "complete-map-team", args: "__complete context map staging ''"},
		{name: "complete-map-mine", args: "__complete context map staging team-eks ''"},
		{name: "complete-run-command", args: "__complete run dev/api -- dev"},
		{name: "complete-alone", args: "__complete start dev/", stale: true},
		{name: "agent", args: "agent --home /srv/p --token-file /run/token"},
		{name: "agent-json", args: "agent -o json", engine: failing(portolan.Failed), code: exitFailed},
		{name: "agent-start", args: "agent start", deps: asleep(nil)},
		{name: "agent-start-fails", args: "agent start", deps: asleep(cannotStart), code: exitFailed},
		{name: "agent-start-running", args: "agent start"},
		{name: "agent-start-json", args: "agent start", env: jsonEnv},
		{name: "agent-stop", args: "agent stop"},
		{name: "agent-stop-json", args: "agent stop", env: jsonEnv},
		{name: "agent-stop-fails", args: "agent stop", engine: failing(portolan.Failed), code: exitFailed},
		{name: "agent-stop-not-running", args: "agent stop", deps: asleep(nil)},
		{name: "agent-install", args: "agent install --home /srv/p"},
		{name: "agent-uninstall", args: "agent uninstall"},
		{name: "agent-install-json", args: "agent install", env: jsonEnv},
		{name: "agent-log-level", args: "agent log-level debug"},
		{name: "autostart", args: "start dev/api", deps: asleep(nil)},
		{name: "autostart-json", args: "sync", env: jsonEnv, engine: results(synced(false)), deps: asleep(nil)},
		{name: "autostart-fails", args: "start dev/api", deps: asleep(cannotStart), code: exitFailed},
		{name: "autostart-forbidden", args: "start dev/api", env: map[string]string{"PORTOLAN_NO_AUTOSTART": "1"}, deps: asleep(nil), code: exitUnavailable},
		{name: "autostart-not-to-look", args: "list", deps: asleep(nil), code: exitUnavailable},
		{name: "status-notice", args: "status", engine: func(f *fake) {
			f.view = portolan.View{Notices: []portolan.Notice{{At: epoch.Add(-time.Minute), Code: "resumed", Message: "resumed 2 forwards after a crash"}}}
		}},

		{name: "serve", args: "serve --home /srv/p", env: map[string]string{"PORTOLAN_TOKEN_FILE": "/run/token", "PORTOLAN_HOME": "/else"}},
		{name: "serve-json", args: "serve -o json", engine: failing(portolan.Failed), code: exitFailed},
		{name: "serve-bad-level", args: "serve --log-level loud", code: exitUsage},
		{name: "auth-device", args: "auth login github.com --device"},
		{name: "auth-device-json", args: "auth login github.com --device", env: jsonEnv},
		{name: "auth-device-fails", args: "auth login github.com --device", engine: failing(portolan.SignIn), code: exitSignIn},
		{name: "auth-device-two-ways", args: "auth login github.com --device --with-token", code: exitUsage},
		{name: "serve-web", args: "serve --web 127.0.0.1:0"},
		{name: "serve-web-json", args: "serve --web 0.0.0.0:443 --web-allow-remote --web-cert c.pem --web-key k.pem", env: jsonEnv},
		{name: "serve-web-half-certificate", args: "serve --web 127.0.0.1:0 --web-cert c.pem", code: exitUsage},
		{name: "web", args: "web"},
		{name: "web-json", args: "web", env: jsonEnv},
		{name: "web-open", args: "web --open", deps: func(d *Deps) {
			d.OpenLink = func(context.Context, string) error { return nil }
		}},
		{name: "web-cannot-open", args: "web --open", code: exitFailed},
		{name: "web-none", args: "web", engine: failing(portolan.Unavailable), code: exitUnavailable},
		{name: "demo", args: "demo"},
		{name: "port-forward", args: "port-forward -n shop svc/api 8080:80"},
		{name: "port-forward-fails", args: "port-forward api-0 80", engine: failing(portolan.Failed), code: exitFailed},
		{name: "port-forward-no-ports", args: "port-forward svc/api", code: exitUsage},

		{name: "full-disk", args: "list", code: exitFailed, deps: func(d *Deps) { d.Stdout = fullDisk{} }},
		{name: "usage-json", args: "start", env: jsonEnv, code: exitUsage},
		{name: "serve-interrupted", args: "serve", deps: func(d *Deps) {
			d.Serve = func(context.Context, ServeOptions) error { return fmt.Errorf("serving: %w", context.Canceled) }
		}},
		{name: "list-interrupted", args: "list", code: exitFailed, deps: func(d *Deps) {
			d.Connect = func(context.Context, Options) (api.API, error) { return nil, context.Canceled }
		}},
		{name: "unknown-command", args: "syncc", code: exitUsage},
		{name: "unknown-subcommand", args: "source lst", code: exitUsage},
		{name: "unknown-flag", args: "list --nope", code: exitUsage},
		{name: "unknown-output", args: "list --output xml", code: exitUsage},
		{name: "extra-argument", args: "list dev", code: exitUsage},
	}
}
