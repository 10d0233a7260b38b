package demo_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/google/go-github/v60/github"

	"github.com/portolan-app/portolan/internal/demo"
)

// repository is a new repository with one commit, and a way to add more.
type repository struct {
	*git.Repository
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	dir := t.TempDir()
	made, err := git.PlainInitWithOptions(dir, &git.PlainInitOptions{
		InitOptions: git.InitOptions{DefaultBranch: "refs/heads/main"},
	})
	check(t, err)
	r := repository{made, dir}
	r.commit(t, "staging.json", "[]\n")
	return r
}

var signature = &object.Signature{Name: "Ada", Email: "ada@example.com", When: time.Unix(1_700_000_000, 0)}

func (r repository) commit(t *testing.T, name, text string) string {
	t.Helper()
	tree, err := r.Worktree()
	check(t, err)
	check(t, os.MkdirAll(filepath.Dir(filepath.Join(r.dir, name)), 0o755))
	check(t, os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o644))
	_, err = tree.Add(name)
	check(t, err)
	hash, err := tree.Commit("Change "+name+"\n\nWith a body.\n", &git.CommitOptions{Author: signature, Committer: signature})
	check(t, err)
	return hash.String()
}

func startGitHub(t *testing.T, config demo.GitHubConfig, token string) (*demo.GitHub, *github.Client) {
	t.Helper()
	config.Owner, config.Name = "team", "forwards"
	server := demo.NewGitHub(config)
	runUntilEnd(t, server.Run)
	client := github.NewClient(&http.Client{Timeout: patience})
	if token != "" {
		client = client.WithAuthToken(token)
	}
	client, err := client.WithEnterpriseURLs(strings.TrimSuffix(server.URL(), "/team/forwards"), "")
	check(t, err)
	if client.BaseURL.String() != server.APIURL() {
		t.Fatalf("go-github uses %s, the server says %s", client.BaseURL, server.APIURL())
	}
	return server, client
}

func TestGitHubServesARepository(t *testing.T) {
	repo := newRepository(t)
	long := strings.Repeat("a long line of text\n", 50)
	sha := repo.commit(t, "eu/production.json", long)
	_, client := startGitHub(t, demo.GitHubConfig{Dir: repo.dir}, "")
	ctx := t.Context()

	info, _, err := client.Repositories.Get(ctx, "team", "forwards")
	check(t, err)
	if info.GetFullName() != "team/forwards" || info.GetDefaultBranch() != "main" || info.GetPrivate() {
		t.Errorf("the repository is %v", info)
	}
	commit, _, err := client.Git.GetCommit(ctx, "team", "forwards", sha)
	check(t, err)
	if commit.GetMessage() != "Change eu/production.json\n\nWith a body." || commit.Author.GetName() != "Ada" || !commit.Author.GetDate().Time.Equal(signature.When) {
		t.Errorf("the commit is %v", commit)
	}
	full, _, err := client.Repositories.GetCommit(ctx, "team", "forwards", "main", nil)
	check(t, err)
	if full.GetSHA() != sha || full.Commit.Tree.GetSHA() != commit.Tree.GetSHA() || len(full.Parents) != 1 {
		t.Errorf("the commit in full is %v", full)
	}
	for _, recursive := range []bool{true, false} {
		tree, _, err := client.Git.GetTree(ctx, "team", "forwards", sha, recursive)
		check(t, err)
		var seen []string
		for _, e := range tree.Entries {
			seen = append(seen, e.GetMode()+" "+e.GetType()+" "+e.GetPath())
		}
		want := "040000 tree eu,100644 blob eu/production.json,100644 blob staging.json"
		if !recursive {
			want = "040000 tree eu,100644 blob staging.json"
		}
		if got := strings.Join(seen, ","); got != want || tree.GetTruncated() {
			t.Errorf("recursive %t: the tree is %s", recursive, got)
		}
		if !recursive {
			continue
		}
		entry := tree.Entries[1]
		blob, _, err := client.Git.GetBlob(ctx, "team", "forwards", entry.GetSHA())
		check(t, err)
		data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(blob.GetContent(), "\n", ""))
		if err != nil || string(data) != long || entry.GetSize() != len(long) || blob.GetSize() != len(long) {
			t.Errorf("the blob is %d bytes, of %d (%v)", len(data), len(long), err)
		}
		raw, _, err := client.Git.GetBlobRaw(ctx, "team", "forwards", entry.GetSHA())
		if err != nil || !bytes.Equal(raw, data) {
			t.Errorf("raw it is %d bytes (%v)", len(raw), err)
		}
	}
}

func TestGitHubResolvesRefs(t *testing.T) {
	repo := newRepository(t)
	sha := repo.commit(t, "staging.json", "[{}]\n")
	_, err := repo.CreateTag("light", plumbing.NewHash(sha), nil)
	check(t, err)
	_, err = repo.CreateTag("v1", plumbing.NewHash(sha), &git.CreateTagOptions{Tagger: signature, Message: "annotated"})
	check(t, err)
	check(t, repo.Storer.SetReference(plumbing.NewHashReference("refs/heads/feature/x", plumbing.NewHash(sha))))
	repo.commit(t, "staging.json", "[]\n\n")
	_, client := startGitHub(t, demo.GitHubConfig{Dir: repo.dir}, "")

	for _, ref := range []string{"light", "tags/light", "v1", "tags/v1", "feature/x", "heads/feature/x", sha} {
		got, _, err := client.Repositories.GetCommitSHA1(t.Context(), "team", "forwards", ref, "")
		if err != nil || got != sha {
			t.Errorf("%s is %q (%v), want %s", ref, got, err, sha)
		}
	}
	for ref, code := range map[string]int{"nope": 422, strings.Repeat("0", 40): 422, "heads/nope": 422} {
		_, answer, err := client.Repositories.GetCommitSHA1(t.Context(), "team", "forwards", ref, "")
		if err == nil || answer.StatusCode != code {
			t.Errorf("%s: %v, want %d", ref, err, code)
		}
	}
	if _, answer, err := client.Git.GetTree(t.Context(), "team", "forwards", "nope", true); err == nil || answer.StatusCode != 404 {
		t.Errorf("a tree that is not there: %v", err)
	}
	if _, answer, err := client.Repositories.Get(t.Context(), "team", "other"); err == nil || answer.StatusCode != 404 {
		t.Errorf("a repository that is not there: %v", err)
	}
}

func TestGitHubCountsQuota(t *testing.T) {
	repo := newRepository(t)
	poll := func(client *github.Client, last string) (string, *github.Response) {
		sha, answer, err := client.Repositories.GetCommitSHA1(t.Context(), "team", "forwards", "main", last)
		if err != nil && answer.StatusCode != http.StatusNotModified {
			t.Fatal(err)
		}
		return sha, answer
	}
	t.Run("a 304 is free with the token", func(t *testing.T) {
		server, client := startGitHub(t, demo.GitHubConfig{Dir: repo.dir, Token: "secret"}, "secret")
		sha, first := poll(client, "")
		if tag := first.Header.Get("ETag"); tag != `"`+sha+`"` {
			t.Errorf("the ETag is %s", tag)
		}
		_, second := poll(client, sha)
		if second.StatusCode != http.StatusNotModified || first.Rate.Remaining != 4999 || second.Rate.Remaining != 4999 {
			t.Errorf("%d, remaining %d and %d", second.StatusCode, first.Rate.Remaining, second.Rate.Remaining)
		}
		if usage := server.Usage(); usage != (demo.Usage{Requests: 2, NotModified: 1, Quota: 1}) {
			t.Errorf("usage is %+v", usage)
		}
		limits, _, err := client.RateLimit.Get(t.Context())
		if err != nil || limits.Core.Remaining != 4999 || limits.Core.Limit != 5000 {
			t.Errorf("the limits are %v (%v)", limits, err)
		}
	})
	t.Run("a 304 costs without", func(t *testing.T) {
		_, client := startGitHub(t, demo.GitHubConfig{Dir: repo.dir}, "")
		sha, _ := poll(client, "")
		if _, answer := poll(client, sha); answer.StatusCode != 304 || answer.Rate.Remaining != 58 {
			t.Errorf("%d, remaining %d", answer.StatusCode, answer.Rate.Remaining)
		}
	})
	t.Run("no quota is left", func(t *testing.T) {
		server, client := startGitHub(t, demo.GitHubConfig{Dir: repo.dir, Quota: 1}, "")
		poll(client, "")
		fresh := github.NewClient(nil) // the first refuses by itself now
		fresh.BaseURL = client.BaseURL
		_, _, err := fresh.Repositories.GetCommitSHA1(t.Context(), "team", "forwards", "main", "")
		var limited *github.RateLimitError
		if !errors.As(err, &limited) || time.Until(limited.Rate.Reset.Time) > time.Hour {
			t.Errorf("got %v", err)
		}
		if usage := server.Usage(); usage.Requests != 2 || usage.Quota != 1 {
			t.Errorf("usage is %+v", usage)
		}
	})
}

func TestGitHubChecksTokens(t *testing.T) {
	repo := newRepository(t)
	tests := []struct {
		name, serverToken, token string
		repository, user         int
	}{
		{"public, nobody", "", "", 200, 401},
		{"public, a bad token", "", "wrong", 401, 401},
		{"private, nobody", "secret", "", 404, 401},
		{"private, a bad token", "secret", "wrong", 401, 401},
		{"private, the token", "secret", "secret", 200, 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, client := startGitHub(t, demo.GitHubConfig{Dir: repo.dir, Token: test.serverToken}, test.token)
			_, answer, err := client.Repositories.Get(t.Context(), "team", "forwards")
			if answer == nil || answer.StatusCode != test.repository {
				t.Errorf("the repository: %v", err)
			}
			_, answer, err = client.Users.Get(t.Context(), "")
			if answer == nil || answer.StatusCode != test.user {
				t.Errorf("the user: %v", err)
			}
		})
	}
}

func TestGitHubSeesWhatGitCommits(t *testing.T) {
	binary, err := exec.LookPath("git")
	if err != nil {
		t.Skipf("there is no git on this machine to commit with: %v", err)
	}
	repo := newRepository(t)
	_, client := startGitHub(t, demo.GitHubConfig{Dir: repo.dir}, "")
	run := func(args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), binary, args...)
		command.Dir = repo.dir
		command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	for _, pack := range []bool{false, true} {
		check(t, os.WriteFile(filepath.Join(repo.dir, "staging.json"), []byte(time.Now().String()), 0o644))
		run("commit", "--quiet", "--all", "--message", "By hand")
		if pack {
			run("gc", "--quiet")
		}
		sha, _, err := client.Repositories.GetCommitSHA1(t.Context(), "team", "forwards", "main", "")
		if want := run("rev-parse", "HEAD"); err != nil || sha != want {
			t.Errorf("packed %t: the server has %s (%v), git has %s", pack, sha, err, want)
		}
		if _, _, err := client.Git.GetTree(t.Context(), "team", "forwards", sha, true); err != nil {
			t.Errorf("packed %t: %v", pack, err)
		}
	}
	if status := run("status", "--porcelain"); status != "" {
		t.Errorf("git finds changes that nobody made: %s", status)
	}
}
