package source_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
)

// team is a git repository on disk, behind a GitHub, and a follower of it.
type team struct {
	*bench
	git *git.Repository
	dir string
	hub *demo.GitHub

	client         atomic.Pointer[github.Client] // in use
	patient, hasty *github.Client
}

func newTeam(t *testing.T, config portolan.SourceConfig) *team {
	t.Helper()
	dir := t.TempDir()
	made, err := git.PlainInitWithOptions(dir, &git.PlainInitOptions{InitOptions: git.InitOptions{DefaultBranch: "refs/heads/main"}})
	if err != nil {
		t.Fatal(err)
	}
	hub := demo.NewGitHub(demo.GitHubConfig{Dir: dir, Owner: "team", Name: "forwards", Quota: 1 << 20})
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- hub.Run(ctx, func() { close(ready) }) }()
	t.Cleanup(func() { stop(); <-ended })
	<-ready
	config.Repo, _, _, err = portolan.ParseRepository(hub.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := func(timeout time.Duration) *github.Client {
		c, err := github.New(github.Config{Repo: config.Repo, Timeout: timeout})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	b := newBench(t, config)
	r := &team{bench: b, git: made, dir: dir, hub: hub, patient: client(time.Minute), hasty: client(300 * time.Millisecond)}
	r.client.Store(r.patient)
	b.update(t, func(s *portolan.State) { s.Sources[0].Repo = config.Repo })
	b.Follower = source.New(source.Config{
		Name: "team", Store: b.store, Log: slog.New(slog.DiscardHandler), OnDemand: true,
		Remote: func(portolan.SourceConfig) (source.Remote, error) { return r.client.Load(), nil },
		Status: func(_ string, s portolan.SourceStatus) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.statuses = append(b.statuses, s)
		},
	})
	return r
}

// commit commits dev.json with these entries alone, on the branch that is checked
// out.
func (r *team) commit(t *testing.T, aliases ...string) plumbing.Hash {
	t.Helper()
	var entries []string
	for _, alias := range aliases {
		entries = append(entries, entry(alias, 80))
	}
	if err := os.WriteFile(filepath.Join(r.dir, "dev.json"), []byte(list(entries...)), 0o600); err != nil {
		t.Fatal(err)
	}
	tree, err := r.git.Worktree()
	if err == nil {
		_, err = tree.Add("dev.json")
	}
	if err != nil {
		t.Fatal(err)
	}
	hash, err := tree.Commit(strings.Join(aliases, " "), &git.CommitOptions{Author: ada()})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func ada() *object.Signature {
	return &object.Signature{Name: "Ada", Email: "ada@example.org", When: time.Now()}
}

// point lets a branch, a tag or HEAD be at a commit or at another ref; nothing
// deletes it.
func (r *team) point(t *testing.T, ref string, at any) {
	t.Helper()
	var err error
	switch name := plumbing.ReferenceName(ref); at := at.(type) {
	case plumbing.Hash:
		err = r.git.Storer.SetReference(plumbing.NewHashReference(name, at))
	case string:
		err = r.git.Storer.SetReference(plumbing.NewSymbolicReference(name, plumbing.ReferenceName(at)))
	default:
		err = r.git.Storer.RemoveReference(name)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// follow changes the ref that is followed, while the follower runs.
func (r *team) follow(t *testing.T, ref string) {
	t.Helper()
	r.update(t, func(s *portolan.State) { s.Sources[0].Ref = ref })
}

// brings syncs, and holds that these entries are what is there then.
func (r *team) brings(t *testing.T, what string, aliases ...string) {
	t.Helper()
	if _, err := r.Sync(t.Context()); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	r.has(t, what, aliases...)
}

func (r *team) has(t *testing.T, what string, aliases ...string) {
	t.Helper()
	var got []string
	for alias := range r.source().IDs["dev"] {
		got = append(got, alias)
	}
	slices.Sort(got)
	if !slices.Equal(got, aliases) {
		t.Errorf("%s: there is %v, want %v", what, got, aliases)
	}
}

// fails syncs, and holds that it fails so, that it is tried again, and that what
// was there stays.
func (r *team) fails(t *testing.T, what, code string, phase portolan.SyncPhase) {
	t.Helper()
	before := r.source()
	_, err := r.Sync(t.Context())
	if f := portolan.AsFault(err); f == nil || f.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
	s := r.status()
	if s.Phase != phase || s.Fault == nil || s.Fault.Code != code || s.Fault.Message == "" || !s.Next.After(time.Now()) {
		t.Errorf("%s: the status is %+v", what, s)
	}
	if after := r.source(); !reflect.DeepEqual(before, after) {
		t.Errorf("%s: what was there is changed: %+v", what, after)
	}
}

// TestRepositoryLife goes through what becomes of a team's repository.
func TestRepositoryLife(t *testing.T) {
	r := newTeam(t, portolan.SourceConfig{})
	first := r.commit(t, "api")
	r.run(t)
	r.brings(t, "the first commit", "api")
	second := r.commit(t, "api", "db")
	r.brings(t, "the second", "api", "db")
	id := r.source().IDs["dev"]["api"]

	r.point(t, "refs/heads/main", first)
	r.brings(t, "a forced push back", "api")
	r.point(t, "refs/heads/main", second)
	r.brings(t, "and forth", "api", "db")

	tag, err := r.git.CreateTag("annotated", first, &git.CreateTagOptions{Tagger: ada(), Message: "one"})
	if err != nil || tag.Hash() == first {
		t.Fatal(tag, err)
	}
	r.point(t, "refs/tags/plain", first)
	r.point(t, "refs/heads/feature/x", second)
	for _, row := range []struct {
		ref  string
		want []string
	}{
		{"plain", []string{"api"}}, {"feature/x", []string{"api", "db"}}, {"annotated", []string{"api"}},
		{second.String(), []string{"api", "db"}}, {"plain", []string{"api"}}, {"main", []string{"api", "db"}},
		{first.String(), []string{"api"}}, {"annotated", []string{"api"}}, {"", []string{"api", "db"}},
	} {
		r.follow(t, row.ref)
		r.brings(t, "ref "+row.ref, row.want...)
	}

	r.follow(t, "feature/x")
	r.point(t, "refs/heads/feature/x", nil)
	r.fails(t, "the branch is deleted", "github-not-found", portolan.SyncStalled)
	r.point(t, "refs/heads/feature/x", first)
	r.brings(t, "the branch is back", "api")

	r.follow(t, "")
	r.point(t, "refs/heads/trunk", second)
	r.point(t, "HEAD", "refs/heads/trunk")
	r.point(t, "refs/heads/main", nil)
	r.brings(t, "the default branch has another name", "api", "db")
	r.follow(t, "main")
	r.fails(t, "the old name of the default branch", "github-not-found", portolan.SyncStalled)
	r.follow(t, "")
	r.brings(t, "the default branch again", "api", "db")

	inside := func(path string) { r.update(t, func(s *portolan.State) { s.Sources[0].Path = path }) }
	inside("environments")
	r.fails(t, "the directory is gone", "path-missing", portolan.SyncStalled)
	inside("")
	r.brings(t, "the directory is back", "api", "db")

	if now := r.source().IDs["dev"]["api"]; now != id {
		t.Errorf("the entry is another one now: %s, was %s", now, id)
	}
}

// TestServerFaults holds that no fault of the host or of the way there changes what
// was read, that the status says which it is and when it is tried again, and that
// the next sync without it goes well.
func TestServerFaults(t *testing.T) {
	r := newTeam(t, portolan.SourceConfig{})
	r.commit(t, "api", "db")
	r.run(t)
	r.brings(t, "the first commit", "api", "db")
	const waiting, stalled = portolan.SyncWaiting, portolan.SyncStalled
	const head, commit, tree, blob = "/commits/HEAD", "/git/commits/", "/git/trees/", "/git/blobs/"
	evil := githubtest.WrongContent()
	aliases := []string{"api"}
	for _, row := range []struct {
		what  string
		at    string
		fault githubtest.Fault
		code  string
		phase portolan.SyncPhase
	}{
		{"sign-in page", head, githubtest.CaptivePortal(), "captive-portal", waiting},
		{"sign-in page for the tree", tree, githubtest.CaptivePortal(), "captive-portal", waiting},
		{"sign-in page for a file", blob, githubtest.CaptivePortal(), "captive-portal", waiting},
		{"redirected to a sign-in page", blob, githubtest.Redirect(http.StatusFound, "https://login.example.net"), "captive-portal", waiting},
		{"no answer in time", head, githubtest.Slow(time.Minute), "network-timeout", waiting},
		{"a byte at a time", tree, githubtest.Trickle(10 * time.Millisecond), "network-timeout", waiting},
		{"no answer", head, githubtest.Reset(), "network-reset", waiting},
		{"ends in the middle of the tree", tree, githubtest.Cut(1000, `{"tree":[`), "network-reset", waiting},
		{"ends in the middle of a file", blob, githubtest.Cut(1000, `{"content":"`), "network-reset", waiting},
		{"ends early, and says it is whole", blob, githubtest.Cut(12, `{"content":"`), "github-bad-answer", waiting},
		{"a shorter SHA", head, githubtest.Cut(39, strings.Repeat("a", 40)), "github-bad-answer", waiting},
		{"another file", blob, evil, "blob-mismatch", waiting},
		{"another tree", tree, githubtest.Answer(http.StatusOK, "", "Content-Type", "application/json"), "github-bad-answer", waiting},
		{"another commit", commit, githubtest.Answer(http.StatusOK, "", "Content-Type", "application/json"), "github-bad-answer", waiting},
		{"100 MB for a small file", blob, githubtest.Endless(100 << 20), "body-too-large", waiting},
		{"100 MB in 100 KB", blob, githubtest.Bomb(http.StatusOK, 100<<20), "body-too-large", waiting},
		{"nested without end", tree, githubtest.Deep(1 << 20), "github-bad-answer", waiting},
		{"server error", head, githubtest.Answer(http.StatusBadGateway, "Server Error"), "github-unavailable", waiting},
		{"private, or gone", head, githubtest.Answer(http.StatusNotFound, "Not Found"), "github-not-found", stalled},
		{"emptied", head, githubtest.Answer(http.StatusConflict, "Git Repository is empty."), "github-empty", stalled},
		{"bad token", head, githubtest.Answer(http.StatusUnauthorized, "Bad credentials"), "github-unauthorized", stalled},
	} {
		aliases = append(aliases, "n"+strings.Repeat("x", len(aliases)))
		r.commit(t, aliases...)
		r.hub.SetHook(func(w http.ResponseWriter, req *http.Request) bool {
			hit := strings.Contains(req.URL.Path, row.at)
			if hit {
				row.fault(nil, nil).ServeHTTP(w, req)
			}
			return hit
		})
		if row.code == "network-timeout" {
			r.client.Store(r.hasty)
		}
		r.fails(t, row.what, row.code, row.phase)
		r.client.Store(r.patient)
		r.hub.SetHook(nil)
		r.brings(t, "after "+row.what, aliases...)
	}
}
