package githubtest_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/portolan-app/portolan/internal/githubtest"
)

// TestGate holds what the gate adds to the emulator, seen with a plain HTTP
// client: each row is a documented habit of GitHub's.
func TestGate(t *testing.T) {
	s := githubtest.Start(t)
	head := s.Push(t, "forwards", "add dev", map[string][]byte{"envs/dev.json": []byte("[]")})
	for _, row := range []struct {
		name, path, token, accept, match string
		status                           int
		body                             string
	}{
		{"sha media type", "repos/octocat/forwards/commits/main", githubtest.Token, "application/vnd.github.v3.sha", "", 200, head},
		{"default branch", "repos/octocat/forwards/commits/HEAD", githubtest.Token, "application/vnd.github.sha", "", 200, head},
		{"unchanged", "repos/octocat/forwards/commits/main", githubtest.Token, "application/vnd.github.sha", `"` + head + `"`, 304, ""},
		{"unknown ref", "repos/octocat/forwards/commits/nope", githubtest.Token, "application/vnd.github.sha", "", 422, ""},
		{"bad token", "user", "wrong", "", "", 401, ""},
		{"private, without access", "repos/octocat/forwards", githubtest.StrangerToken, "", "", 404, ""},
		{"private, without a token", "repos/octocat/forwards", "", "", "", 404, ""},
		{"public, without a token", "repos/octocat/public", "", "", "", 200, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/v3/"+row.path, nil)
			req.Header.Set("Accept", row.accept)
			if row.token != "" {
				req.Header.Set("Authorization", "Bearer "+row.token)
			}
			if row.match != "" {
				req.Header.Set("If-None-Match", row.match)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != row.status || row.body != "" && string(body) != row.body {
				t.Errorf("got %s %s", resp.Status, body)
			}
		})
	}
	for _, r := range s.Requests() {
		if free := r.Status == http.StatusNotModified; (r.Quota == 0) != free {
			t.Errorf("%s %d used %d of the quota", r.Path, r.Status, r.Quota)
		}
	}
}
