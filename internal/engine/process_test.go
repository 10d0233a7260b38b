package engine_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// alone runs an engine that reaches no cluster until the test ends.
func alone(t *testing.T, home string, cfg engine.Config) *engine.Engine {
	t.Helper()
	s, err := store.Open(home, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Store, cfg.Now = s, time.Now
	cfg.Clusters = func(string) (forward.Cluster, error) {
		return nil, &portolan.Fault{Kind: portolan.Failed, Code: "context-unknown", Message: "there is no cluster"}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return keepRunning(t, engine.New(cfg), s)
}

// TestLogLevel holds that what is logged changes at once.
func TestLogLevel(t *testing.T) {
	var said bytes.Buffer
	level := new(slog.LevelVar)
	log := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: level}))
	e := alone(t, t.TempDir(), engine.Config{OnDemand: true, Log: log, Level: level})
	if err := e.SetLogLevel(t.Context(), "debug"); err != nil {
		t.Fatal(err)
	}
	log.Debug("a detail")
	if err := e.SetLogLevel(t.Context(), "warn"); err != nil {
		t.Fatal(err)
	}
	log.Info("a word")
	if !strings.Contains(said.String(), "a detail") || strings.Contains(said.String(), "a word") {
		t.Errorf("it says %s", &said)
	}
	for e, code := range map[*engine.Engine]string{e: "log-level", alone(t, t.TempDir(), engine.Config{OnDemand: true}): "log-level-fixed"} {
		text := map[string]string{"log-level": "loud", "log-level-fixed": "debug"}[code]
		if fault := portolan.AsFault(e.SetLogLevel(t.Context(), text)); fault.Code != code {
			t.Errorf("%s: %v", text, fault)
		}
	}
}

// TestShutdown holds that a client's wish to end reaches the program.
func TestShutdown(t *testing.T) {
	quit := false
	if err := alone(t, t.TempDir(), engine.Config{OnDemand: true, Quit: func() { quit = true }}).Shutdown(t.Context()); err != nil || !quit {
		t.Errorf("not asked to end: %v", err)
	}
	if fault := portolan.AsFault(alone(t, t.TempDir(), engine.Config{OnDemand: true}).Shutdown(t.Context())); fault.Code != "not-stoppable" {
		t.Errorf("it says %v", fault)
	}
}

// TestNoticeAfterACrash holds that an engine says what it runs again, only when
// there is something and only after a crash.
func TestNoticeAfterACrash(t *testing.T) {
	for _, test := range []struct {
		wanted    int
		abandoned bool
		want      string
	}{
		{0, true, ""}, {2, false, ""}, {1, true, "resumed 1 forward after a crash"}, {2, true, "resumed 2 forwards after a crash"},
	} {
		home := t.TempDir()
		t.Run(test.want, func(t *testing.T) {
			e := alone(t, home, engine.Config{})
			for _, alias := range []string{"a", "b", "c"} {
				_, err := e.Add(t.Context(), "dev", api.Fields{"alias": value(alias), "service": value(alias),
					"namespace": value("shop"), "context": value("none"), "remote_port": value(80)})
				if err != nil {
					t.Fatal(err)
				}
			}
			if names := []string{"a", "b"}[:test.wanted]; len(names) > 0 {
				if _, err := e.Start(t.Context(), api.Selection{Names: names}); err != nil {
					t.Fatal(err)
				}
			}
		})
		if test.abandoned {
			if err := os.WriteFile(filepath.Join(home, "lock"), []byte(`{"host":"laptop","pid":1}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		v, err := alone(t, home, engine.Config{}).View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, n := range v.Notices {
			said += n.Message
		}
		if !strings.HasPrefix(said, test.want) || (said == "") != (test.want == "") {
			t.Errorf("%+v: it says %q", test, said)
		}
	}
}
