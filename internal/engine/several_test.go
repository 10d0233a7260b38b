package engine_test

import (
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
)

// TestSourcesOfSeveralAccounts follows repositories of two hosts, at one of them with
// two accounts: each host sees its own tokens, and each repository that of its
// source's account.
func TestSourcesOfSeveralAccounts(t *testing.T) {
	one, two := githubtest.Start(t), githubtest.Start(t)
	file := map[string][]byte{"dev.json": []byte(`[{"alias": "api", "service": "api", "remote_port": 80}]`)}
	for _, repo := range []struct {
		*githubtest.Server
		name string
	}{{one, "forwards"}, {one, "public"}, {two, "forwards"}} {
		repo.Push(t, repo.name, "Share", file)
	}
	e := run(t, t.TempDir(), "", &memory{kept: map[string]portolan.Token{}})
	signIn := func(s *githubtest.Server, token string) string {
		t.Helper()
		who, err := e.SignIn(t.Context(), api.SignIn{Host: strings.TrimPrefix(s.URL, "http://"), Token: token})
		if err != nil {
			t.Fatal(err)
		}
		return who.Login
	}
	octocat, stranger := signIn(one, githubtest.Token), signIn(one, githubtest.StrangerToken)
	signIn(two, githubtest.Token)
	seen := map[*githubtest.Server]int{one: len(one.Requests()), two: len(two.Requests())}

	add := func(name, url, account string) error {
		_, err := e.AddSource(t.Context(), api.AddSource{Repository: url, Config: portolan.SourceConfig{Name: name, Account: account}})
		return err
	}
	for name, err := range map[string]error{
		"private": add("private", one.URL+"/octocat/forwards", octocat),
		"public":  add("public", one.URL+"/octocat/public", stranger),
		"other":   add("other", two.URL+"/octocat/forwards", ""),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := map[string]string{
		"1 octocat/public": githubtest.StrangerToken, "1 octocat/forwards": githubtest.Token, "2 octocat/forwards": githubtest.Token,
	}
	for s, host := range map[*githubtest.Server]string{one: "1 ", two: "2 "} {
		requests := s.Requests()[seen[s]:]
		if len(requests) < 4 {
			t.Errorf("host %s was asked %d times", host, len(requests))
		}
		for _, r := range requests {
			repo, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "repos/octocat/"), "/")
			if r.Token != want[host+"octocat/"+repo] {
				t.Errorf("host %s is asked for %s with the token %q", host, r.Path, r.Token)
			}
		}
	}
	if f := portolan.AsFault(add("strange", one.URL+"/octocat/forwards", stranger)); f == nil || f.Code != "github-not-found" {
		t.Errorf("an account that may not see a repository gets %+v", f)
	}
}
