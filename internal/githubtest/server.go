package githubtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The accounts of a [Server], and its tokens. Octocat owns the repositories;
// Stranger sees only the public ones.
const (
	Owner         = "octocat"
	Token         = "ghp_0000000000000000000000000000octocat"
	StrangerToken = "github_pat_000000000000000000000000stranger"
)

// ErrMissing says that the emulator cannot be started on this machine because
// Node.js or the npm package is not there.
var ErrMissing = errors.New("githubtest: the GitHub emulator is not installed; run: go run ./build/dev setup")

// Server is a GitHub on loopback.
type Server struct {
	URL   string // http://127.0.0.1:PORT; a repository is at URL/OWNER/NAME
	Token string // of [Owner]

	gate     *gate
	front    *httptest.Server
	emulator *exec.Cmd
	stdin    io.Closer
}

// Start opens a server for one test and closes it with the test. Where the
// emulator is not installed it skips the test, or fails it if CI=true.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := Open(t.Context())
	switch {
	case errors.Is(err, ErrMissing) && os.Getenv("CI") != "true":
		t.Skip("SKIPPED, so nothing is known about GitHub:", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Open starts a server with two empty repositories but for a README.md: the private
// octocat/forwards and the public octocat/public. The caller closes it; if this
// process dies before, the emulator ends by itself.
func Open(ctx context.Context) (*Server, error) {
	dir, err := emulatorDir()
	if err != nil {
		return nil, err
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, ErrMissing
	}
	s := &Server{Token: Token, gate: newGate()}
	s.front = httptest.NewServer(s.gate)
	s.URL = s.front.URL
	if err := s.startEmulator(ctx, node, dir); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// emulatorDir finds the npm package from any directory of the module.
func emulatorDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", ErrMissing
		}
	}
	dir = filepath.Join(dir, "internal", "githubtest", "emulate")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "emulate")); err != nil {
		return "", ErrMissing
	}
	return dir, nil
}

func (s *Server) startEmulator(ctx context.Context, node, dir string) error {
	seed, err := json.Marshal(map[string]any{
		"tokens": map[string]any{
			Token:         map[string]any{"login": Owner, "scopes": []string{"repo"}},
			StrangerToken: map[string]any{"login": "stranger", "scopes": []string{}},
		},
		"github": map[string]any{
			"users": []any{map[string]any{"login": Owner, "name": "Octo Cat"}, map[string]any{"login": "stranger"}},
			"repos": []any{
				map[string]any{"owner": Owner, "name": "forwards", "private": true, "auto_init": true},
				map[string]any{"owner": Owner, "name": "public", "private": false, "auto_init": true},
			},
		},
	})
	if err != nil {
		return err
	}
	s.emulator = exec.Command(node, "server.mjs", string(seed), s.URL) // not CommandContext: it ends with its standard input
	s.emulator.Dir = dir
	s.emulator.Stderr = os.Stderr
	out, err := s.emulator.StdoutPipe()
	if err != nil {
		return err
	}
	if s.stdin, err = s.emulator.StdinPipe(); err != nil {
		return err
	}
	if err := s.emulator.Start(); err != nil {
		return err
	}
	line := make(chan string, 1)
	go func() {
		first, _ := bufio.NewReader(out).ReadString('\n')
		line <- strings.TrimSpace(first)
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case first := <-line:
		back, err := url.Parse(first)
		if err != nil || back.Host == "" {
			return fmt.Errorf("githubtest: the emulator said %q instead of its address", first)
		}
		s.gate.back = back
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		return errors.New("githubtest: the emulator did not start within a minute")
	}
}

// Close ends the server and the emulator. It may be called once.
func (s *Server) Close() {
	s.gate.close()
	s.front.CloseClientConnections()
	s.front.Close()
	if s.stdin != nil {
		_ = s.stdin.Close()
	}
	if s.emulator != nil && s.emulator.Process != nil {
		_ = s.emulator.Process.Kill()
		_ = s.emulator.Wait()
	}
}

// Request is one request that reached the gate.
type Request struct {
	Method, Path string // the path below /api/v3/, with the query
	Status       int    // 0 if no answer was given
	Token        string // as sent; "" for none
	Header       http.Header
	Quota        int // of the rate limit used: 0 or 1
}

// Requests returns the requests so far, in the order of their ends. Those of Push
// and its like are not among them.
func (s *Server) Requests() []Request { return s.gate.requests() }

// Inject puts a fault before every request whose path (below /api/v3/) contains
// part, in front of the faults that are there. remove takes it away.
func (s *Server) Inject(part string, f Fault) (remove func()) { return s.gate.inject(part, f) }
