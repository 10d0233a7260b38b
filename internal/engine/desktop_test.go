package engine_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
)

func TestLookFollowsNothing(t *testing.T) {
	w := newWorld(t)
	if err := w.RemoveSource(t.Context(), "team", false); err != nil {
		t.Fatal(err)
	}
	before := w.Stored().State()
	got, err := w.Look(t.Context(), api.AddSource{Repository: w.RepoURL})
	if err != nil {
		t.Fatal(err)
	}
	if got.Private || got.DefaultBranch != "main" || !slices.Equal(got.Branches, []string{"main"}) || got.Login != "" ||
		got.Repo.ID != 1 || got.Repo.Owner != "demo-team" || got.Commit.Message != "Share our forwards" {
		t.Errorf("%+v", got)
	}
	var files []string
	entries := 0
	for _, f := range got.Files {
		files = append(files, f.Path+" "+f.Environment)
		entries += f.Entries
		if f.Problems == nil {
			t.Error("no list of problems")
		}
	}
	if want := []string{"development.json development", "production.json production", "staging.json staging", "tools.json tools"}; !slices.Equal(files, want) {
		t.Errorf("files %q", files)
	}
	if len(got.Rows) != entries || entries == 0 || got.Rows[0].Action != portolan.Added {
		t.Errorf("%d rows of %d entries", len(got.Rows), entries)
	}
	if len(got.Uses) == 0 || slices.ContainsFunc(got.Uses, func(u portolan.ContextUse) bool { return u.Missing }) {
		t.Errorf("contexts %+v", got.Uses)
	}
	use := got.Uses[0]
	if err := w.MapContext(t.Context(), use.Environment, use.Team, "nowhere"); err != nil {
		t.Fatal(err)
	}
	again, err := w.Look(t.Context(), api.AddSource{Repository: w.RepoURL})
	use.Mine, use.Missing, use.Proposal = "nowhere", true, again.Uses[0].Proposal
	if err != nil || again.Uses[0] != use || use.Forwards == 0 {
		t.Errorf("%+v, %v; want %+v", again.Uses[0], err, use)
	}
	after := w.Stored().State()
	if len(after.Sources) != 0 || len(before.Sources) != 0 || w.Follows("forwards") {
		t.Error("it is followed")
	}
	added, err := w.AddSource(t.Context(), api.AddSource{Repository: w.RepoURL})
	if err != nil || len(added.Rows) != len(got.Rows) {
		t.Errorf("the first sync has %d rows, %v; the look had %d", len(added.Rows), err, len(got.Rows))
	}
}

// What cannot be seen is a fault, and the fault claims neither of the two things
// that it can mean.
func TestLookAtWhatCannotBeSeen(t *testing.T) {
	w := newWorld(t)
	for name, add := range map[string]api.AddSource{
		"github-not-found":        {Repository: w.RepoURL + "-nowhere"},
		"path-missing":            {Repository: w.RepoURL, Config: portolan.SourceConfig{Path: "nowhere"}},
		"repository-unknown-form": {Repository: "what is this"},
		"account-unknown":         {Repository: w.RepoURL, Config: portolan.SourceConfig{Account: "nobody"}},
	} {
		_, err := w.Look(t.Context(), add)
		f := portolan.AsFault(err)
		if f == nil || f.Code != name {
			t.Errorf("got %+v, want %s", f, name)
		} else if name == "github-not-found" && !strings.HasSuffix(f.Message, "is not visible without signing in: private, or no such repository") {
			t.Errorf("%q", f.Message)
		}
	}
}

// A private repository is looked at with the account's token, whose login is said.
func TestLookSignedIn(t *testing.T) {
	repo := t.TempDir()
	for _, args := range [][]string{{"init", "--quiet", "--initial-branch=trunk"}, {"commit", "--quiet", "--allow-empty", "--message=Begin"}, {"branch", "feature/x"}} {
		git := exec.CommandContext(t.Context(), "git", append([]string{"-C", repo, "-c", "user.name=A", "-c", "user.email=a@example.org"}, args...)...)
		git.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("git: %v\n%s", err, out)
		}
	}
	hub := demo.NewGitHub(demo.GitHubConfig{Dir: repo, Owner: "acme", Name: "private", Token: "planted-secret"})
	ctx, stop := context.WithCancel(context.Background())
	up, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- hub.Run(ctx, func() { close(up) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-up
	w := newWorld(t)
	add := api.AddSource{Repository: hub.URL()}
	if _, err := w.Look(t.Context(), add); portolan.AsFault(err) == nil || portolan.AsFault(err).Code != "github-not-found" {
		t.Errorf("a stranger sees it: %v", err)
	}
	host := strings.TrimPrefix(strings.TrimSuffix(hub.URL(), "/acme/private"), "http://")
	if _, err := w.SignIn(t.Context(), api.SignIn{Host: host, Token: "planted-secret", ThisRun: true}); err != nil {
		t.Fatal(err)
	}
	got, err := w.Look(t.Context(), add)
	if err != nil || !got.Private || got.Login != "demo" || got.DefaultBranch != "trunk" || !slices.Equal(got.Branches, []string{"feature/x", "trunk"}) ||
		got.Files == nil || got.Rows == nil || len(got.Files)+len(got.Rows) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestEnvironmentsInTheView(t *testing.T) {
	w := newWorld(t)
	v, err := w.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, e := range v.Sources[0].Environments {
		total += e.Forwards
		if e.File != e.Name+".json" || e.Protected != (e.Name == "production") {
			t.Errorf("%+v", e)
		}
	}
	if total != v.Sources[0].Forwards || len(v.Sources[0].Environments) != 4 {
		t.Errorf("%+v", v.Sources[0].Environments)
	}
	if q := v.Sources[0].Status.Quota; q.Limit != 60 || q.Left >= 60 || q.Left < 30 || q.Reset.Before(time.Now()) {
		t.Errorf("quota %+v", q)
	}
}

// The order of favourites is this machine's: a sync and a rename by the team leave
// it, the favourite of later comes last, and what was one is forgotten.
func TestFavouritesHaveAnOrder(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	ids := []portolan.ID{}
	for _, name := range []string{"development/shop", "development/orders", "staging/shop"} {
		ids = append(ids, w.forward(t, name).ID)
		if err := w.SetFavourite(ctx, ids[len(ids)-1], true); err != nil {
			t.Fatal(err)
		}
	}
	shown := func() (ids []portolan.ID) {
		t.Helper()
		v, err := w.View(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range portolan.Favourites(v.Forwards) {
			ids = append(ids, f.ID)
		}
		return ids
	}
	expect := func(when string, want ...portolan.ID) {
		t.Helper()
		if got := shown(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	asListed := shown()
	if err := w.OrderFavourites(ctx, []portolan.ID{ids[2], ids[0]}); err != nil {
		t.Fatal(err)
	}
	expect("ordered", ids[2], ids[0], ids[1])
	w.commit(t, "development.json", `"alias": "shop"`, `"alias": "store"`)
	if _, err := w.Sync(ctx, nil); err != nil {
		t.Fatal(err)
	}
	expect("after a rename", ids[2], ids[0], ids[1])
	v, err := w.View(ctx)
	if err != nil || v.Undo == nil || v.Undo.Text != "ordered the favourites" {
		t.Fatalf("%+v, %v", v.Undo, err)
	}
	if err := w.Undo(ctx, v.Undo.ID); err != nil {
		t.Fatal(err)
	}
	expect("taken back", asListed...)
	if err := w.SetFavourite(ctx, ids[2], false); err != nil {
		t.Fatal(err)
	}
	if f := portolan.AsFault(w.OrderFavourites(ctx, ids)); f == nil || f.Code != "favourite-unknown" {
		t.Errorf("%+v", f)
	}
}

// A favourite is one by its id: a sync, a rename by the team and a kept source
// leave it.
func TestFavouriteSurvives(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	shop := w.forward(t, "development/shop")
	if err := w.SetFavourite(ctx, shop.ID, true); err != nil {
		t.Fatal(err)
	}
	w.commit(t, "development.json", `"alias": "shop"`, `"alias": "store"`)
	if _, err := w.Sync(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if f := w.forward(t, "development/store"); f.ID != shop.ID || !f.Local.Favourite {
		t.Errorf("after a rename: %+v", f.Local)
	}
	if err := w.RemoveSource(ctx, "team", true); err != nil {
		t.Fatal(err)
	}
	if f := w.forward(t, "development/store"); f.ID != shop.ID || !f.Local.Favourite {
		t.Errorf("as my own: %+v", f.Local)
	}
	if err := w.SetFavourite(ctx, shop.ID, false); err != nil || w.forward(t, "development/store").Local.Favourite {
		t.Errorf("still one, %v", err)
	}
	if f := portolan.AsFault(w.SetFavourite(ctx, "nobody", true)); f == nil || f.Code != "forward-unknown" {
		t.Errorf("%+v", f)
	}
}

func TestPause(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	if err := w.Pause(ctx, true); err != nil {
		t.Fatal(err)
	}
	v, err := w.View(ctx)
	if err != nil || !v.Paused || !v.Sources[0].Status.Next.IsZero() || !w.Stored().State().Paused {
		t.Errorf("%v, next %v, %v", v.Paused, v.Sources[0].Status.Next, err)
	}
	w.commit(t, "development.json", "The web shop", "The shop on the web")
	if _, err := w.Sync(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if text := w.forward(t, "development/shop").Entry.Description; text != "The shop on the web" {
		t.Errorf("a person asks, and the shop is %q", text)
	}
	if v, err = w.View(ctx); err != nil || !v.Sources[0].Status.Next.IsZero() {
		t.Errorf("a timer is due at %v, %v", v.Sources[0].Status.Next, err)
	}
	w.commit(t, "development.json", "The shop on the web", "The web shop")
	if err := w.Pause(ctx, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "resuming syncs", func() bool {
		v, err := w.View(ctx)
		return err == nil && !v.Paused && !v.Sources[0].Status.Next.IsZero() && w.forward(t, "development/shop").Entry.Description != "The shop on the web"
	})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// The journal of a forward tells what happened to it, newest first.
func TestEvents(t *testing.T) {
	w := newWorld(t)
	keepEdits(t, w)
	ctx := t.Context()
	shop := w.forward(t, "development/shop")
	if events, err := w.Events(ctx, shop.ID); err != nil || events == nil {
		t.Fatalf("%v, %v", events, err)
	}
	if _, err := w.Edit(ctx, shop.ID, api.Fields{"description": value("mine")}, false); err != nil {
		t.Fatal(err)
	}
	started, err := w.Start(ctx, api.Selection{Names: []string{"development/shop"}})
	if err != nil {
		t.Fatal(err)
	}
	if since := started[0].Status.Since; since.IsZero() || time.Since(since) > patience {
		t.Errorf("listening since %v", since)
	}
	resp, err := http.Get("http://" + started[0].Status.Addresses[0] + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	w.commit(t, "development.json", "The web shop", "The shop on the web")
	if _, err := w.Sync(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Stop(ctx, api.Selection{Names: []string{"development/shop"}}); err != nil {
		t.Fatal(err)
	}
	events, err := w.Events(ctx, shop.ID)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, e := range slices.Backward(events) {
		texts = append(texts, string(e.Phase)+":"+e.Text)
	}
	all := strings.Join(texts, "\n")
	at := 0
	for _, want := range []string{":the team added it (commit", ":you changed description", ":you started it", "listening:listening on ",
		"ready:connected to pod shop-dev/shop-", ":the team overruled your edit of description (commit", ":you stopped it", "off:stopped"} {
		i := strings.Index(all[at:], want)
		if i < 0 {
			t.Fatalf("no %q after the others in\n%s", want, all)
		}
		at += i
	}
	if f := portolan.AsFault(second(w.Events(ctx, "nobody"))); f == nil || f.Code != "forward-unknown" {
		t.Errorf("%+v", f)
	}
}

func second[T any](_ T, err error) error { return err }

// The journal holds 100 events, the newest.
func TestEventsAreBounded(t *testing.T) {
	w := newWorld(t)
	id := w.forward(t, "development/shop").ID
	for i := range 150 {
		w.Observe(id, portolan.Status{Phase: portolan.Ready, Pod: "p" + string(rune('a'+i%26))})
		w.Observe(id, portolan.Status{Phase: portolan.Ready, Pod: "p" + string(rune('a'+i%26)), Notice: "no news"})
	}
	events, err := w.Events(t.Context(), id)
	if err != nil || len(events) != 100 || events[0].Text != "connected to pod pt" {
		t.Errorf("%d events, %+v, %v", len(events), events[:1], err)
	}
}

func TestTargets(t *testing.T) {
	w := newWorld(t)
	got, err := w.Targets(t.Context(), portolan.TargetQuery{Context: "demo-dev", Namespace: "shop-dev", Name: "shop"})
	if err != nil || len(got.Ports) != 1 || got.Ports[0] != (portolan.TargetPort{Name: "http", Number: 80, Protocol: "TCP"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRevisionRows(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.commit(t, "development.json", "The web shop", "The shop on the web")
	if _, err := w.Sync(ctx, nil); err != nil {
		t.Fatal(err)
	}
	history, err := w.History(ctx, "team", 10)
	if err != nil || len(history) != 2 {
		t.Fatalf("%+v, %v", history, err)
	}
	rows, err := w.RevisionRows(ctx, "team", history[0].Number)
	if err != nil || len(rows) != 1 || rows[0].Action != portolan.Updated || rows[0].Key != "shop" || rows[0].File != "development.json" ||
		rows[0].Source != "team" || len(rows[0].Fields) != 1 || rows[0].Fields[0].Name != "description" {
		t.Errorf("%+v, %v", rows, err)
	}
	if rows, err = w.RevisionRows(ctx, "team", history[1].Number); err != nil || len(rows) != history[1].Added {
		t.Errorf("%d rows of the first, %v; added %d", len(rows), err, history[1].Added)
	}
	for source, code := range map[string]string{"team": "revision-unknown", "nowhere": "source-unknown"} {
		if f := portolan.AsFault(second(w.RevisionRows(ctx, source, 999))); f == nil || f.Code != code {
			t.Errorf("%+v", f)
		}
	}
}

// The command is one that does the same: its words, as a shell reads them, are
// the forward's parts.
func TestKubectl(t *testing.T) {
	w := newWorld(t)
	got, err := w.Kubectl(t.Context(), w.forward(t, "development/database").ID)
	if err != nil || !strings.HasPrefix(got, "kubectl port-forward --context demo-dev --namespace shop-dev ") {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := w.Kubectl(t.Context(), "nobody"); portolan.AsFault(err) == nil {
		t.Error("a command for nobody")
	}
}

func TestKubectlCommand(t *testing.T) {
	service := portolan.Target{Kind: portolan.Service, Name: "api", Port: portolan.Port{Name: "http"}}
	pods := portolan.Target{Context: "my ctx", Namespace: "n", Kind: portolan.Pod, Selector: "app in (a, b)", Port: portolan.Port{Number: 80}}
	for _, tt := range []struct {
		target portolan.Target
		host   string
		port   int
		want   string
	}{
		{service, "", 8080, "kubectl port-forward service/api 8080:http"},
		{service, "localhost", 0, "kubectl port-forward service/api :http"},
		{service, "127.0.0.2", 1, "kubectl port-forward --address 127.0.0.2 service/api 1:http"},
		{pods, "", 8080, `kubectl port-forward --context 'my ctx' --namespace n "$(kubectl get pods --context 'my ctx' --namespace n ` +
			`--selector 'app in (a, b)' --field-selector status.phase=Running --output name | head -n 1)" 8080:80`},
	} {
		if got := engine.Kubectl(tt.target, tt.host, tt.port); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

// TestShellReadsKubectl has a real shell read the command, with a kubectl that
// prints its words.
func TestShellReadsKubectl(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("SKIPPED: no POSIX shell here")
	}
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.StringOf(rapid.RuneFrom([]rune(" '\"$`\\;&|<>(){}*?!#~=%azé/-"))).Filter(func(s string) bool { return s != "" })
		target := portolan.Target{Context: word.Draw(rt, "context"), Namespace: word.Draw(rt, "namespace"), Kind: portolan.Service,
			Name: word.Draw(rt, "name"), Port: portolan.Port{Name: word.Draw(rt, "port")}}
		script := `kubectl() { for w; do printf '%s\n' "$w"; done; }; ` + engine.Kubectl(target, "", 5)
		out, err := exec.CommandContext(t.Context(), sh, "-c", script).Output()
		want := strings.Join([]string{"port-forward", "--context", target.Context, "--namespace", target.Namespace,
			"service/" + target.Name, "5:" + target.Port.Name, ""}, "\n")
		if err != nil || string(out) != want {
			rt.Fatalf("%s\nreads as\n%s\nwant\n%s\n%v", script, out, want, err)
		}
	})
}

// TestNoNull: where a face expects a list it gets one, also where there is
// nothing in it.
func TestNoNull(t *testing.T) {
	w := newWorld(t)
	if err := w.RemoveSource(t.Context(), "team", false); err != nil {
		t.Fatal(err)
	}
	added, err := w.Add(t.Context(), "dev", entry("own"))
	if err != nil {
		t.Fatal(err)
	}
	id, _ := json.Marshal(added.ID)
	for method, body := range map[string]string{
		"view": "{}", "changes": "0", "counters": "[]", "sync": "[]", "preview": "[]", "start": `{"all":true}`, "stop": `{"all":true}`,
		"trust/list": "{}", "settings/list": "{}", "history": `{"limit":5}`, "auth/accounts": "{}", "events": string(id),
		"look": `{"repository":"` + w.RepoURL + `"}`, "targets": `{"context":"demo-dev"}`, "import": `{"environment":"dev","data":"W10="}`,
	} {
		answer, err := api.Invoke(t.Context(), w.Engine, method, []byte(body))
		if err != nil || strings.Contains(string(answer), "null") {
			t.Errorf("%s answers %s, %v", method, answer, err)
		}
	}
}
