package githubtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// Push commits files (path -> content; nil content deletes) on top of the main
// branch of [Owner]'s repository and returns the commit's SHA.
func (s *Server) Push(t testing.TB, repo, message string, files map[string][]byte) (sha string) {
	t.Helper()
	sha, err := s.Commit(t.Context(), repo, message, files)
	if err != nil {
		t.Fatal(err)
	}
	return sha
}

// Commit is [Server.Push] for callers without a test.
func (s *Server) Commit(ctx context.Context, repo, message string, files map[string][]byte) (sha string, err error) {
	root := "/repos/" + Owner + "/" + repo
	var head struct {
		SHA    string
		Commit struct{ Tree struct{ SHA string } }
	}
	if err := s.do(ctx, http.MethodGet, root+"/commits/main", nil, &head); err != nil {
		return "", err
	}
	var entries []map[string]any
	for path, content := range files {
		entry := map[string]any{"path": path, "mode": "100644", "type": "blob", "sha": nil}
		if content != nil {
			delete(entry, "sha")
			entry["content"] = string(content)
		}
		entries = append(entries, entry)
	}
	var tree, commit struct{ SHA string }
	err = s.do(ctx, http.MethodPost, root+"/git/trees",
		map[string]any{"base_tree": head.Commit.Tree.SHA, "tree": entries}, &tree)
	if err != nil {
		return "", err
	}
	err = s.do(ctx, http.MethodPost, root+"/git/commits",
		map[string]any{"message": message, "tree": tree.SHA, "parents": []string{head.SHA}}, &commit)
	if err != nil {
		return "", err
	}
	return commit.SHA, s.do(ctx, http.MethodPatch, root+"/git/refs/heads/main", map[string]any{"sha": commit.SHA}, nil)
}

// Point lets a branch be at a commit, as a forced push does; it makes the branch
// if there is none.
func (s *Server) Point(t testing.TB, repo, branch, sha string) {
	t.Helper()
	root := "/repos/" + Owner + "/" + repo + "/git/refs"
	if s.do(t.Context(), http.MethodPatch, root+"/heads/"+branch, map[string]any{"sha": sha, "force": true}, nil) == nil {
		return
	}
	err := s.do(t.Context(), http.MethodPost, root, map[string]any{"ref": "refs/heads/" + branch, "sha": sha}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

// Create makes an empty repository but for a README.md.
func (s *Server) Create(t testing.TB, repo string, private bool) {
	t.Helper()
	err := s.do(t.Context(), http.MethodPost, "/user/repos",
		map[string]any{"name": repo, "private": private, "auto_init": true}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

// Rename gives a repository another name; from then on the old one is redirected,
// until another repository takes it.
func (s *Server) Rename(t testing.TB, from, to string) {
	t.Helper()
	var got struct{ ID int64 }
	if err := s.do(t.Context(), http.MethodPatch, "/repos/"+Owner+"/"+from, map[string]any{"name": to}, &got); err != nil {
		t.Fatal(err)
	}
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.moved[Owner+"/"+from] = got.ID
	s.gate.names[got.ID] = Owner + "/" + to
	delete(s.gate.moved, Owner+"/"+to)
}

// Expire lets answers to a token say when it ends, in GitHub's own form:
// "2026-12-01 10:00:00 UTC".
func (s *Server) Expire(token, at string) {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.expiry[token] = at
}

// do asks the emulator directly, as the owner.
func (s *Server) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.gate.back.String()+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("githubtest: %s %s: %s: %s", method, path, resp.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}
