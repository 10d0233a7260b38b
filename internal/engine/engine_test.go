package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

func TestStartReachesThePod(t *testing.T) {
	w := newWorld(t)
	started, err := w.Start(t.Context(), api.Selection{Names: []string{"development/shop"}})
	if err != nil || len(started) != 1 || len(started[0].Status.Addresses) == 0 {
		t.Fatalf("Start: %+v, %v", started, err)
	}
	resp, err := http.Get("http://" + started[0].Status.Addresses[0] + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if f := w.forward(t, "development/shop"); resp.StatusCode != http.StatusOK || f.Status.Phase != portolan.Ready || f.Status.Pod == "" {
		t.Errorf("after a request: %s, %+v", resp.Status, f.Status)
	}
	stopped, err := w.Stop(t.Context(), api.Selection{All: true})
	if err != nil || stopped[0].Status.Phase != portolan.Off {
		t.Errorf("Stop: %+v, %v", stopped, err)
	}
}

// A wide selection must not start what a person would not expect: production,
// and what cannot run.
func TestWideStartLeavesTheProtectedAlone(t *testing.T) {
	w := newWorld(t)
	started, err := w.Start(t.Context(), api.Selection{All: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range started {
		if f.Environment == "production" {
			t.Errorf("started %s", api.FullName(f))
		}
	}
	if len(started) == 0 || w.forward(t, "production/shop").Local.Wanted {
		t.Error("nothing was started, or production was")
	}
	named, err := w.Start(t.Context(), api.Selection{Names: []string{"production/shop"}})
	if err != nil || len(named) != 1 || !named[0].Local.Wanted {
		t.Errorf("by its own name: %+v, %v", named, err)
	}
}

// An unchanged forward keeps its connections through a sync that changes others.
func TestSyncLeavesOtherConnectionsAlone(t *testing.T) {
	w := newWorld(t)
	started, err := w.Start(t.Context(), api.Selection{Names: []string{"development/echo"}})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", started[0].Status.Addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	say := func(text string) {
		t.Helper()
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(text))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != text {
			t.Fatalf("the connection answers %q, %v", got, err)
		}
	}
	say("before")
	w.commit(t, "development.json", "The web shop", "The shop on the web")
	if results, err := w.Sync(t.Context(), nil); err != nil || !results[0].Changed {
		t.Fatalf("%+v, %v", results, err)
	}
	say("after")
}

// A face that asks again with the revision it has gets every state in the end,
// however slow it is.
func TestChangesLosesNothing(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	const edits = 20
	last := fmt.Sprintf("edit %d", edits-1)
	id := w.forward(t, "development/shop").ID
	var faces sync.WaitGroup
	for range 4 {
		faces.Go(func() {
			var v portolan.View
			for {
				c, err := w.Changes(ctx, v.Revision)
				if err != nil || c.Revision <= v.Revision {
					t.Errorf("Changes(%d): revision %d, %v", v.Revision, c.Revision, err)
					return
				}
				v.Apply(c)
				for _, f := range v.Forwards {
					if f.ID == id && f.Entry.Description == last {
						return
					}
				}
			}
		})
	}
	for i := range edits {
		if _, err := w.Edit(ctx, id, api.Fields{"description": value(fmt.Sprintf("edit %d", i))}, false); err != nil {
			t.Error(err)
		}
	}
	faces.Wait()
}

func TestFailedFirstSyncLeavesNoSource(t *testing.T) {
	w := newWorld(t)
	_, err := w.AddSource(t.Context(), api.AddSource{Repository: w.RepoURL + "-nowhere", Config: portolan.SourceConfig{Name: "second"}})
	if f := portolan.AsFault(err); f == nil || f.Kind == portolan.Later {
		t.Fatalf("got %+v", f)
	}
	v, err := w.View(t.Context())
	if err != nil || len(v.Sources) != 1 {
		t.Errorf("%d sources, %v", len(v.Sources), err)
	}
	_, err = w.AddSource(t.Context(), api.AddSource{Repository: w.RepoURL, Config: portolan.SourceConfig{Name: "team"}})
	if f := portolan.AsFault(err); f == nil || f.Code != "source-exists" {
		t.Errorf("the same name again: %+v", f)
	}
}

func TestRemovedSourceCanBeKept(t *testing.T) {
	w := newWorld(t)
	before := w.forward(t, "development/shop")
	if err := w.RemoveSource(t.Context(), "team", true); err != nil {
		t.Fatal(err)
	}
	after := w.forward(t, "development/shop")
	if after.Source != portolan.Mine || after.ID != before.ID || !after.Entry.Equal(before.Entry) {
		t.Errorf("kept as %+v", after)
	}
	if _, err := w.Sync(t.Context(), []string{"team"}); portolan.AsFault(err) == nil || portolan.AsFault(err).Code != "source-unknown" {
		t.Errorf("syncing what is gone: %v", err)
	}
}

// Whoever removes a source last finds it gone, and nothing follows it on.
func TestSourceIsRemovedOnce(t *testing.T) {
	w := newWorld(t)
	const callers = 8
	errs := make([]error, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() { errs[i] = w.RemoveSource(t.Context(), "team", false) })
	}
	group.Wait()
	removed := 0
	for _, err := range errs {
		if err == nil {
			removed++
		} else if portolan.AsFault(err).Code != "source-unknown" {
			t.Error(err)
		}
	}
	if removed != 1 || w.Follows("team") {
		t.Errorf("removed %d times; followed still: %v", removed, w.Follows("team"))
	}
}

// Whoever syncs is told of a value that looks like a secret.
func TestSyncWarnsOfSecrets(t *testing.T) {
	w := newWorld(t)
	w.commit(t, "development.json", "The web shop", "password=hunter2")
	results, err := w.Sync(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	warned := slices.ContainsFunc(results[0].Problems, func(p portolan.Problem) bool {
		return p.Severity == portolan.SeverityWarning && p.File == "development.json" && !strings.Contains(p.String(), "hunter2")
	})
	if !warned {
		t.Errorf("got %+v", results[0])
	}
}

// The settings that a face sends back may be older than what a sync has learned.
func TestSettingsLeaveTheRepositoryAlone(t *testing.T) {
	w := newWorld(t)
	config := func() portolan.SourceConfig {
		v, err := w.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return v.Sources[0].SourceConfig
	}
	before := config()
	after := before
	after.Interval = portolan.Duration(time.Hour)
	after.Repo.ID, after.Repo.Name = 0, "as-it-was-called-before"
	if err := w.SetSource(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	if got := config(); got.Repo != before.Repo || got.Interval != after.Interval {
		t.Errorf("%+v, interval %v", got.Repo, time.Duration(got.Interval))
	}
}

// A forward may be removed while its port is being picked; nothing of it stays.
func TestPickedPortOfNoForwardIsForgotten(t *testing.T) {
	s, err := store.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	e := engine.New(engine.Config{Store: s, OnDemand: true, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	e.PortPicked("gone", 4711)
	if local := s.State().Local; len(local) > 0 {
		t.Errorf("kept %v", local)
	}
}

// A call after Run is a fault, and not a wait without an end.
func TestCallsAfterRunAreAnswered(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(t.TempDir(), log)
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Config{Store: s, OnDemand: true, Log: log, Now: time.Now})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := errors.Join(e.Run(ctx), s.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = e.Sync(t.Context(), nil)
	if f := portolan.AsFault(err); f == nil || f.Code != "stopped" || f.Kind != portolan.Unavailable {
		t.Errorf("after Run: %v", err)
	}
}

// What keeps an engine from beginning is the answer to whoever waits for it, and
// Run leaves nothing behind.
func TestEngineThatCannotBegin(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(t.TempDir(), log)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(func(tx *store.Tx) error {
		tx.State.Sources = []portolan.Source{{SourceConfig: portolan.SourceConfig{Name: "team"},
			Base: portolan.Base{Files: map[string]portolan.BaseFile{"dev.json": {Environment: "dev", SHA: "no SHA at all"}}}}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Config{Store: s, Log: log, Now: time.Now})
	answered := make(chan error, 1)
	go func() {
		_, err := e.Sync(t.Context(), nil)
		answered <- err
	}()
	failed := e.Run(t.Context())
	if err := <-answered; failed == nil || !errors.Is(err, failed) {
		t.Errorf("Run: %v, a call: %v", failed, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Calls that come before Run wait for it, and end with their context.
func TestCallsWaitForRun(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(t.TempDir(), log)
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Config{Store: s, OnDemand: true, Log: log, Now: time.Now})
	early, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Sync(early, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("before Run: %v", err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := e.Sync(t.Context(), nil)
		answered <- err
	}()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	if err := <-answered; err != nil {
		t.Errorf("after Run: %v", err)
	}
	stop()
	if err := errors.Join(<-ended, s.Close()); err != nil {
		t.Error(err)
	}
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	host := w.GitHub.URL()
	host = host[len("http://"):]
	host = host[:len(host)-len("/demo-team/forwards")]

	for name, token := range map[string]string{"empty": " \n", "refused": "ghp_wrong"} {
		if _, err := w.SignIn(t.Context(), api.SignIn{Host: host, Token: token}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if len(w.tokens.kept) != 0 {
		t.Errorf("a refused token is kept: %v", w.tokens.kept)
	}
	if _, err := w.SignOut(t.Context(), api.SignOut{Host: host}); portolan.AsFault(err) == nil || portolan.AsFault(err).Code != "account-unknown" {
		t.Errorf("signing out of nothing: %v", err)
	}
}

// TestSignInLeavesNoTokenBehind holds that a token is in the keychain only where its
// account is listed.
func TestSignInLeavesNoTokenBehind(t *testing.T) {
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"login": "ann"}`)
	}))
	t.Cleanup(hub.Close)
	in := api.SignIn{Host: hub.Listener.Addr().String(), APIURL: hub.URL, Token: "ghp_good"}
	tokens := &memory{kept: make(map[string]portolan.Token)}
	e := run(t, t.TempDir(), filepath.Join(t.TempDir(), "kubeconfig"), tokens)

	if err := e.Stored().Close(); err != nil { // as on a disk that fails
		t.Fatal(err)
	}
	if who, err := e.SignIn(t.Context(), in); err == nil || len(tokens.kept) > 0 {
		t.Errorf("signed in as %+v without a store, and %d tokens are kept", who, len(tokens.kept))
	}

	e = run(t, t.TempDir(), filepath.Join(t.TempDir(), "kubeconfig"), tokens)
	if who, err := e.SignIn(t.Context(), in); err != nil || who.Login != "ann" || len(tokens.kept) != 1 {
		t.Fatalf("%+v, %v, %d tokens are kept", who, err, len(tokens.kept))
	}
	if err := e.Stored().Close(); err != nil {
		t.Fatal(err)
	}
	in.Token = "ghp_newer"
	if _, err := e.SignIn(t.Context(), in); len(tokens.kept) != 1 {
		t.Errorf("the token of a listed account is gone: %v", err)
	}
}

// TestRevokeTakesEffectAtOnce holds that a listener beyond loopback is back on
// loopback when Revoke returns.
func TestRevokeTakesEffectAtOnce(t *testing.T) {
	w := newWorld(t)
	w.commit(t, "development.json", `"alias": "shop",`, `"alias": "shop", "local_address": "0.0.0.0",`)
	if _, err := w.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Start(t.Context(), api.Selection{Names: []string{"development/shop"}}); err != nil {
		t.Fatal(err)
	}
	id := w.forward(t, "development/shop").ID
	beyond := func() bool {
		return slices.ContainsFunc(w.forward(t, "development/shop").Status.Addresses, func(a string) bool {
			host, _, _ := net.SplitHostPort(a)
			return portolan.BeyondLoopback(host)
		})
	}
	if beyond() {
		t.Fatal("it listens beyond loopback without a yes")
	}
	if _, err := w.Confirm(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if consents, err := w.Consents(t.Context()); err != nil || len(consents) != 1 || !beyond() {
		t.Fatalf("after the yes: %v, %v, beyond loopback: %t", consents, err, beyond())
	}
	if err := w.Revoke(t.Context(), "team", "", ""); err != nil {
		t.Fatal(err)
	}
	if consents, err := w.Consents(t.Context()); err != nil || len(consents) != 0 || beyond() {
		t.Errorf("after the no: %v, %v, beyond loopback: %t", consents, err, beyond())
	}
	if f := w.forward(t, "development/shop"); len(f.Status.Addresses) == 0 || f.Status.Notice == "" {
		t.Errorf("it does not listen on loopback, or does not say why: %+v", f.Status)
	}
}

func TestHistoryCounts(t *testing.T) {
	w := newWorld(t)
	w.commit(t, "development.json", "The web shop", "Our web shop")
	if _, err := w.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	history, err := w.History(t.Context(), "", 10)
	if err != nil || len(history) != 2 {
		t.Fatalf("%+v, %v", history, err)
	}
	newest, first := history[0], history[1]
	if newest.Updated != 1 || newest.Added+newest.Deleted+newest.Invalid != 0 || !newest.Known || newest.Commit.Message != "Change development.json" {
		t.Errorf("newest %+v", newest)
	}
	v, _ := w.View(t.Context())
	if first.Added != len(v.Forwards) || first.Number >= newest.Number {
		t.Errorf("first %+v", first)
	}
	if few, err := w.History(t.Context(), "team", 1); err != nil || len(few) != 1 || few[0] != newest {
		t.Errorf("one of team: %+v, %v", few, err)
	}
	if _, err := w.History(t.Context(), "tema", 1); portolan.AsFault(err) == nil {
		t.Error("an unknown source has a history")
	}
}

// TestLogLevelSetting holds that the setting counts at once, and that a level
// asked for at the start is left alone until the setting changes.
func TestLogLevelSetting(t *testing.T) {
	for _, tt := range []struct {
		name   string
		start  slog.Level
		stored string
		want   slog.Level
	}{
		{"nothing set", slog.LevelInfo, "", slog.LevelInfo},
		{"set before", slog.LevelInfo, "warn", slog.LevelWarn},
		{"asked for at the start", slog.LevelDebug, "warn", slog.LevelDebug},
	} {
		t.Run(tt.name, func(t *testing.T) {
			level := new(slog.LevelVar)
			level.Set(tt.start)
			e := leveled(t, level, tt.stored)
			if _, err := e.Settings(t.Context()); err != nil || level.Level() != tt.want {
				t.Fatalf("the level is %s, want %s; %v", level.Level(), tt.want, err)
			}
			if s, err := e.SetSetting(t.Context(), "log_level", "error"); err != nil || s.Value != "error" || level.Level() != slog.LevelError {
				t.Errorf("%+v, %v, and the level is %s", s, err, level.Level())
			}
			if _, err := e.SetSetting(t.Context(), "log_level", ""); err != nil || level.Level() != slog.LevelInfo {
				t.Errorf("by default it is %s, %v", level.Level(), err)
			}
		})
	}
}

// leveled is an engine without a world whose stored log level is that one.
func leveled(t *testing.T, level *slog.LevelVar, stored string) *engine.Engine {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(t.TempDir(), log)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(func(tx *store.Tx) error { tx.State.Settings.LogLevel = stored; return nil }); err != nil {
		t.Fatal(err)
	}
	return keepRunning(t, engine.New(engine.Config{Store: s, Log: log, Level: level, Now: time.Now}), s)
}
