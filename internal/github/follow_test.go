package github_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
)

// TestFollow reads a repository that a team changes, from a server that we did not
// write.
func TestFollow(t *testing.T) {
	s := githubtest.Start(t)
	r := forwards(t, s.URL)
	c := newClient(t, github.Config{Repo: r, Token: token(s.Token)})
	ctx := t.Context()

	content := []byte("[{\"service\":\"api\"}]\n")
	want := s.Push(t, "forwards", "Add dev\n\nand more", map[string][]byte{
		"envs/dev.json": content, "envs/deep/er/x.json": []byte("{}"), "other/y.json": []byte("1"),
	})
	repo, branch, err := c.Repository(ctx, "octocat", "forwards")
	if err != nil || branch != "main" || repo.ID == 0 || repo.Host != r.Host || repo.APIURL != r.APIURL {
		t.Fatal(repo, branch, err)
	}
	facts, err := c.Facts(ctx, "octocat", "forwards")
	if err != nil || facts.Repo != repo || facts.DefaultBranch != "main" {
		t.Errorf("%+v, %v", facts, err)
	}
	if branches, err := c.Branches(ctx, r); err != nil || !slices.Equal(branches, []string{"main"}) {
		t.Errorf("branches %v, %v", branches, err)
	}
	if got := c.Allowance(); got.Limit == 0 || got.Left >= got.Limit || got.Reset.IsZero() {
		t.Errorf("the quota is %+v", got)
	}
	for _, ref := range []string{"", "main", want} {
		if sha, changed, err := c.Head(ctx, r, ref, ""); sha != want || !changed || err != nil {
			t.Fatalf("%q: %v %v %v", ref, sha, changed, err)
		}
	}
	commit, err := c.Commit(ctx, r, want)
	if err != nil || commit.Message != "Add dev" || commit.Author == "" || time.Since(commit.Time) > time.Hour || commit.URL == "" {
		t.Fatal(commit, err)
	}
	paths := func(dir string) (out []string) {
		entries, err := c.Tree(ctx, r, commit.Tree, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			out = append(out, e.Path)
		}
		slices.Sort(out)
		return out
	}
	for dir, want := range map[string][]string{
		"":              {"README.md", "envs/deep/er/x.json", "envs/dev.json", "other/y.json"},
		"envs":          {"envs/deep/er/x.json", "envs/dev.json"},
		"envs/deep/er/": {"envs/deep/er/x.json"},
		"envs/dev.json": {"envs/dev.json"},
		"env":           nil,
	} {
		if got := paths(dir); !slices.Equal(got, want) {
			t.Errorf("below %q: %v", dir, got)
		}
		remove := s.Inject("/git/trees/", githubtest.TruncatedTree(1))
		if got := paths(dir); !slices.Equal(got, want) {
			t.Errorf("below %q, cut short: %v", dir, got)
		}
		remove()
	}
	if data, err := c.Blob(ctx, r, portolan.BlobSHA(content), 1000); string(data) != string(content) || err != nil {
		t.Errorf("%q %v", data, err)
	}
	_, err = c.Blob(ctx, r, portolan.BlobSHA(content), int64(len(content))-1)
	wantFault(t, err, portolan.Later, "body-too-large")
}

// TestIdle holds the price of a poll that finds nothing: one request, no quota.
func TestIdle(t *testing.T) {
	s := githubtest.Start(t)
	r := forwards(t, s.URL)
	c := newClient(t, github.Config{Repo: r, Token: token(s.Token)})
	last, _, err := c.Head(t.Context(), r, "main", "")
	if err != nil {
		t.Fatal(err)
	}
	before := c.Requests()
	sha, changed, err := c.Head(t.Context(), r, "main", last)
	if sha != last || changed || err != nil {
		t.Fatal(sha, changed, err)
	}
	seen := s.Requests()
	if c.Requests()-before != 1 || len(seen) != 2 || seen[1].Quota != 0 {
		t.Errorf("%d requests, the gate saw %d, quota %d", c.Requests()-before, len(seen), seen[1].Quota)
	}
}

func TestAccess(t *testing.T) {
	s := githubtest.Start(t)
	r := forwards(t, s.URL)
	for _, row := range []struct {
		name, token, ref string
		kind             portolan.Kind
		code, says       string
	}{
		{"bad token", "planted-secret", "", portolan.SignIn, "github-unauthorized", "Bad credentials"},
		{"no access", githubtest.StrangerToken, "", portolan.Failed, "github-not-found", "the token may not see it"},
		{"no token", "", "", portolan.Failed, "github-not-found", "sign in"},
		{"no such branch", s.Token, "nope", portolan.Failed, "github-not-found", `"nope"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := newClient(t, github.Config{Repo: r, Token: token(row.token)}).Head(t.Context(), r, row.ref, "")
			wantFault(t, err, row.kind, row.code, row.says)
		})
	}
	t.Run("user", func(t *testing.T) {
		s.Expire(s.Token, "2026-12-01 10:00:00 -0700")
		who, err := newClient(t, github.Config{Repo: r, Token: token(s.Token)}).User(t.Context())
		if err != nil || who.Login != githubtest.Owner || who.Kind != "classic" || !slices.Equal(who.Scopes, []string{"repo"}) ||
			!who.Expires.Equal(time.Date(2026, 12, 1, 17, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v %v", who, err)
		}
		who, err = newClient(t, github.Config{Repo: r, Token: token(githubtest.StrangerToken)}).User(t.Context())
		if err != nil || who.Kind != "fine-grained" || !who.Expires.IsZero() {
			t.Errorf("%+v %v", who, err)
		}
	})
}

// TestRename holds that a renamed repository is followed by its number, and that
// another repository is not.
func TestRename(t *testing.T) {
	s := githubtest.Start(t)
	r := forwards(t, s.URL)
	c := newClient(t, github.Config{Repo: r, Token: token(s.Token)})
	known, _, err := c.Repository(t.Context(), r.Owner, r.Name)
	if err != nil {
		t.Fatal(err)
	}
	last, _, err := c.Head(t.Context(), known, "main", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Moved(known); ok {
		t.Error("moved before it was renamed")
	}
	s.Rename(t, "forwards", "team-forwards")
	if _, changed, err := c.Head(t.Context(), known, "main", last); changed || err != nil {
		t.Error(changed, err)
	}
	if now, ok := c.Moved(known); !ok || now.Name != "team-forwards" || now.ID != known.ID {
		t.Error(now, ok)
	}
	known.ID++
	_, _, err = c.Head(t.Context(), known, "main", last)
	wantFault(t, err, portolan.Failed, "github-replaced", "octocat/team-forwards")
}

// TestRecorded reads what the real api.github.com once answered.
func TestRecorded(t *testing.T) {
	read := func(recording, owner, name string) (portolan.Repository, string) {
		s := githubtest.Replay(t, recording)
		at := portolan.Repository{Host: "127.0.0.1", APIURL: s.URL}
		repo, branch, err := newClient(t, github.Config{Repo: at, Token: token("planted-secret")}).Repository(t.Context(), owner, name)
		if err != nil {
			t.Fatal(err)
		}
		return repo, branch
	}
	if repo, branch := read("get-repository", "octokit-fixture-org", "hello-world"); repo.ID != 103703892 || branch != "master" {
		t.Error(repo, branch)
	}
	old := "tmp-scenario-rename-repository-20220719044033126-ukeod"
	if repo, _ := read("rename-repository", "octokit-fixture-org", old); repo.ID != 515436299 || repo.Name != old+"-newname" {
		t.Error(repo)
	}
}

// TestTokenIsReadAgain holds that a token changed outside counts from the next
// Head on, without a new client.
func TestTokenIsReadAgain(t *testing.T) {
	secret, reads := "one", 0
	var seen []string
	r, cfg := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		_, _ = w.Write([]byte(sha))
	})
	cfg.Token = func(ctx context.Context) (portolan.Token, error) {
		reads++
		return tokenOf(&secret)(ctx)
	}
	c := newClient(t, cfg)
	_, _, _ = c.Head(t.Context(), r, "", "")
	_, _ = c.Blob(t.Context(), r, sha, 1)
	secret = "two"
	_, _, _ = c.Head(t.Context(), r, "", "")
	if want := []string{"Bearer one", "Bearer one", "Bearer two"}; !slices.Equal(seen, want) || reads != 2 {
		t.Error(seen, reads)
	}
}
