package source_test

import (
	"context"
	"log/slog"
	"net/url"
	"testing"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
	"github.com/portolan-app/portolan/internal/store"
)

// TestAgainstGitHub follows a repository over HTTP, on a server that we did not
// write.
func TestAgainstGitHub(t *testing.T) {
	server := githubtest.Start(t)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, portolan.SourceConfig{OnInvalid: portolan.KeepLastGood})
	b.update(t, func(s *portolan.State) {
		s.Sources[0].Repo = portolan.Repository{Host: address.Host, Owner: githubtest.Owner, Name: "forwards"}
	})
	client, err := github.New(github.Config{
		Repo:  portolan.Repository{Host: address.Host},
		Token: func(context.Context) (portolan.Token, error) { return portolan.NewToken(server.Token), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	b.Follower = source.New(source.Config{
		Name: "team", Store: b.store,
		Remote: func(portolan.SourceConfig) (source.Remote, error) { return client, nil },
		Log:    slog.New(slog.DiscardHandler),
	})
	server.Push(t, "forwards", "Begin", map[string][]byte{
		"dev.json":          []byte(list(entry("api", 80), entry("db", 5432))),
		"staging/api.json":  []byte(list(entry("api", 80))),
		".portolanignore":   []byte("drafts/\n"),
		"drafts/draft.json": []byte("not JSON"),
	})
	b.run(t)
	b.mustSync(t)
	if src := b.source(); len(src.IDs["dev"]) != 2 || len(src.IDs["staging"]) != 1 || src.Repo.ID == 0 || len(src.Base.Files) != 2 {
		t.Fatalf("%+v", src)
	}
	result := b.mustSync(t)
	if result.Requests != 1 || result.Changed {
		t.Errorf("an idle poll: %+v", result)
	}

	head := server.Push(t, "forwards", "Move the database", map[string][]byte{"dev.json": []byte(list(entry("api", 80), entry("db", 5433)))})
	result = b.mustSync(t)
	if result.Commit.SHA != head || result.Commit.Message != "Move the database" || result.Requests != 4 ||
		len(result.Rows) != 1 || result.Rows[0].Action != portolan.Updated || result.Rows[0].Fields[0].Name != "remote_port" {
		t.Errorf("%+v", result)
	}

	remove := server.Inject("/git/trees/", githubtest.TruncatedTree(1))
	server.Push(t, "forwards", "Add", map[string][]byte{"prod.json": []byte(list(entry("api", 80)))})
	if result = b.mustSync(t); len(result.Rows) != 1 || result.Rows[0].Action != portolan.Added {
		t.Errorf("a tree that is cut short: %+v", result.Rows)
	}
	remove()

	remove = server.Inject("/git/blobs/", githubtest.WrongContent())
	server.Push(t, "forwards", "Tampered with on the way", map[string][]byte{"prod.json": []byte(list(entry("api", 81)))})
	before := b.source().Base.Commit.SHA
	if _, err := b.Sync(t.Context()); portolan.AsFault(err) == nil || b.source().Base.Commit.SHA != before {
		t.Errorf("wrong content is taken: %v", err)
	}
	remove()

	server.Rename(t, "forwards", "routes")
	if result = b.mustSync(t); b.source().Repo.Name != "routes" || len(result.Rows) != 1 {
		t.Errorf("after the rename: %+v, %+v", b.source().Repo, result)
	}
	if revisions, err := b.store.Revisions("team"); err != nil || len(revisions) != 4 {
		t.Errorf("%d revisions, %v", len(revisions), err)
	}
	requireWhole(t, b.store, b.source())
}

func (b *bench) mustSync(t *testing.T) source.Result {
	t.Helper()
	result, err := b.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// requireWhole checks that the store holds each file that is in force.
func requireWhole(t *testing.T, s *store.Store, src portolan.Source) {
	t.Helper()
	for name, f := range src.Base.Files {
		if _, err := s.Blob(f.SHA); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
