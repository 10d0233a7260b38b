package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// patience is how long a test waits for what must come; nothing is measured by
// it.
const patience = 30 * time.Second

// world is an engine in a demo of its own.
type world struct {
	*engine.Engine
	demo.Info
	tokens *memory
}

// newWorld runs the demo's GitHub and cluster and an engine that follows it as
// "team", until the test ends.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{tokens: &memory{kept: make(map[string]portolan.Token)}}
	ctx, stop := context.WithCancel(context.Background())
	up := make(chan demo.Info, 1)
	ended := make(chan error, 1)
	go func() { ended <- demo.NewScene(t.TempDir()).Run(ctx, func(info demo.Info) { up <- info }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the demo's world: %v", err)
		}
	})
	select {
	case w.Info = <-up:
	case <-time.After(patience):
		t.Fatal("the demo's world does not come up")
	}
	w.Engine = run(t, t.TempDir(), w.Kubeconfig, w.tokens)
	if _, err := w.AddSource(t.Context(), api.AddSource{Repository: w.RepoURL, Config: portolan.SourceConfig{Name: "team"}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// run runs an engine over a home until the test ends.
func run(t *testing.T, home, kubeconfig string, tokens engine.Tokens) *engine.Engine {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(home, log)
	if err != nil {
		t.Fatal(err)
	}
	clusters := kube.NewClusters([]string{kubeconfig}, log)
	e := engine.New(engine.Config{
		Store: s, Tokens: tokens, Log: log, Now: time.Now,
		Clusters: func(name string) (forward.Cluster, error) { return clusters.Cluster(name) },
		Targets:  clusters.Targets,
		Contexts: clusters.Known,
	})
	return keepRunning(t, e, s)
}

// keepRunning runs an engine until the test ends, and closes its store then.
func keepRunning(t *testing.T, e *engine.Engine, s *store.Store) *engine.Engine {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
	})
	return e
}

// commit replaces a text in a file of the team's repository and commits it.
func (w *world) commit(t *testing.T, file, old, text string) {
	t.Helper()
	name := filepath.Join(w.RepoDir, file)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(data), old, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	git := exec.CommandContext(t.Context(), "git", "-C", w.RepoDir, "commit", "--quiet", "--all", "--message", "Change "+file)
	git.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git: %v\n%s", err, out)
	}
}

// forward returns a forward by its name.
func (w *world) forward(t *testing.T, name string) portolan.ForwardView {
	t.Helper()
	v, err := w.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	picked, err := api.Selection{Names: []string{name}}.Pick(v.Forwards)
	if err != nil {
		t.Fatal(err)
	}
	return picked[0]
}

func value(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// memory is a keychain in memory.
type memory struct {
	mu   sync.Mutex
	kept map[string]portolan.Token
	fail error

	readOnly bool // nothing new is taken
}

func (m *memory) Get(_ context.Context, host, login string) (portolan.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.kept[host+"/"+login]
	if m.fail != nil {
		return portolan.Token{}, m.fail
	}
	if !ok {
		return portolan.Token{}, &portolan.Fault{Kind: portolan.SignIn, Code: "keychain-none", Message: "none"}
	}
	return t, nil
}

func (m *memory) Set(_ context.Context, host, login string, token portolan.Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.readOnly {
		return &portolan.Fault{Kind: portolan.Failed, Code: "keychain-failed", Message: "read only"}
	}
	if m.fail == nil {
		m.kept[host+"/"+login] = token
	}
	return m.fail
}

func (m *memory) Delete(_ context.Context, host, login string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kept, host+"/"+login)
	return m.fail
}
