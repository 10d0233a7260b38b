package source_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
	"github.com/portolan-app/portolan/internal/store"
)

// host is a GitHub in memory with one repository.
type host struct {
	mu      sync.Mutex
	repo    portolan.Repository
	moved   *portolan.Repository
	head    string
	trees   map[string]map[string]string // tree or commit -> path -> blob
	blobs   map[string][]byte
	kinds   map[string]github.EntryKind // by path
	fail    error                       // of every call
	token   func(context.Context) error // which every call needs; nil = none
	latency time.Duration
	quota   portolan.Quota

	verification, signer string // of every commit
	calls                []string
}

func newHost() *host {
	return &host{
		repo:  portolan.Repository{Host: "github.com", Owner: "team", Name: "forwards", ID: 7},
		trees: map[string]map[string]string{}, blobs: map[string][]byte{}, kinds: map[string]github.EntryKind{},
	}
}

// commit makes the files the head. The SHA follows from the files.
func (h *host) commit(files map[string]string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	tree := map[string]string{}
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sha := portolan.BlobSHA([]byte(files[name]))
		tree[name], h.blobs[sha] = sha, []byte(files[name])
		fmt.Fprintln(&all, name, sha)
	}
	h.head = portolan.BlobSHA([]byte(all.String()))
	h.trees[h.head] = tree
	return h.head
}

func (h *host) call(ctx context.Context, what string) error {
	h.mu.Lock()
	h.calls = append(h.calls, what)
	fail, latency, token := h.fail, h.latency, h.token
	h.mu.Unlock()
	if token != nil {
		if err := token(ctx); err != nil {
			return err
		}
	}
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fail
}

// taken returns the calls since the last time.
func (h *host) taken() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := h.calls
	h.calls = nil
	return calls
}

func (h *host) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

func (h *host) Repository(ctx context.Context, _, _ string) (portolan.Repository, string, error) {
	return h.repo, "main", h.call(ctx, "repository")
}

func (h *host) Head(ctx context.Context, _ portolan.Repository, _, last string) (string, bool, error) {
	err := h.call(ctx, "head")
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head, h.head != last, err
}

func (h *host) Allowance() portolan.Quota {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.quota
}

func (h *host) Moved(portolan.Repository) (portolan.Repository, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.moved == nil {
		return portolan.Repository{}, false
	}
	return *h.moved, true
}

func (h *host) Commit(ctx context.Context, _ portolan.Repository, sha string) (portolan.Commit, error) {
	err := h.call(ctx, "commit")
	h.mu.Lock()
	defer h.mu.Unlock()
	return portolan.Commit{SHA: sha, Tree: sha, Author: "Ada", Verification: h.verification, Signer: h.signer}, err
}

func (h *host) Tree(ctx context.Context, _ portolan.Repository, tree, dir string) (found []github.TreeEntry, err error) {
	err = h.call(ctx, "tree")
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(h.trees[tree])) {
		if dir != "" && name != dir && !strings.HasPrefix(name, dir+"/") {
			continue
		}
		sha := h.trees[tree][name]
		kind := h.kinds[name]
		if kind == "" {
			kind = github.BlobEntry
		}
		found = append(found, github.TreeEntry{Path: name, SHA: sha, Kind: kind, Size: int64(len(h.blobs[sha]))})
	}
	return found, err
}

func (h *host) Blob(ctx context.Context, _ portolan.Repository, sha string, _ int64) ([]byte, error) {
	err := h.call(ctx, "blob")
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.blobs[sha], err
}

func (h *host) Requests() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.calls)
}

// bench is a follower with all around it.
type bench struct {
	*source.Follower
	host  *host
	store *store.Store

	mu         sync.Mutex
	statuses   []portolan.SourceStatus
	changes    int
	authorized bool
	paused     atomic.Bool
	slept      atomic.Int64 // nanoseconds, in which no timer ran
}

func newBench(t *testing.T, config portolan.SourceConfig) *bench {
	t.Helper()
	b := &bench{host: newHost(), authorized: true}
	s, err := store.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b.store = s
	config.Name, config.Repo = "team", portolan.Repository{Host: "github.com", Owner: "team", Name: "forwards"}
	b.update(t, func(s *portolan.State) { s.Sources = []portolan.Source{{SourceConfig: config}} })
	b.Follower = b.follower()
	return b
}

func (b *bench) follower() *source.Follower {
	return source.New(source.Config{
		Name: "team", Store: b.store,
		Remote:     func(portolan.SourceConfig) (source.Remote, error) { return b.host, nil },
		Authorized: func() bool { return b.authorized },
		Paused:     b.paused.Load,
		Now:        func() time.Time { return time.Now().Add(time.Duration(b.slept.Load())) },
		Status: func(_ string, s portolan.SourceStatus) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.statuses = append(b.statuses, s)
		},
		Changed: func(source.Result) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.changes++
		},
		Log: slog.New(slog.DiscardHandler),
	})
}

func (b *bench) update(t *testing.T, change func(*portolan.State)) {
	t.Helper()
	if err := b.store.Update(func(tx *store.Tx) error { change(tx.State); return nil }); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) source() portolan.Source {
	state := b.store.State()
	return *state.Source("team")
}

func (b *bench) status() portolan.SourceStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.statuses[len(b.statuses)-1]
}

// run starts the follower until the test ends.
func (b *bench) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// sync syncs and returns the calls that it took.
func (b *bench) sync(t *testing.T) (source.Result, []string, error) {
	t.Helper()
	b.host.taken()
	result, err := b.Sync(t.Context())
	return result, b.host.taken(), err
}

func entry(alias string, port int) string {
	return fmt.Sprintf(`{"alias": %q, "service": %q, "namespace": "one", "remote_port": %d}`, alias, alias, port)
}

func list(entries ...string) string { return "[" + strings.Join(entries, ",\n") + "]\n" }
