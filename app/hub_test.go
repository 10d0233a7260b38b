package app_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/portolan-app/portolan/internal/githubtest"
)

// first is what the private repository of cmdHub holds at the beginning.
const first = `[
  {"alias": "api", "service": "shop", "namespace": "shop-dev", "context": "demo-dev", "remote_port": "http", "description": "The API"},
  {"alias": "cache", "service": "postgres", "namespace": "shop-dev", "context": "demo-dev", "remote_port": 5432}
]
`

// condition tells a script what this machine has: [emulator] is a GitHub that we
// did not write. In CI it must be there.
func condition(name string) (bool, error) {
	switch name {
	case "root": // for a process of another user
		return os.Geteuid() == 0, nil
	case "disk": // one that can be mounted
		return mountable(), nil
	case "ipv6": // at least the machine's own address of it
		listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp6", "[::1]:0")
		if err != nil {
			return false, nil //nolint:nilerr // that is the answer
		}
		return true, listener.Close()
	case "emulator":
	default:
		return false, errors.New("no such condition: " + name)
	}
	if os.Getenv("CI") == "true" {
		return true, nil
	}
	s, err := githubtest.Open(context.Background())
	if errors.Is(err, githubtest.ErrMissing) {
		return false, nil
	}
	if err == nil {
		s.Close()
	}
	return true, err
}

// cmdHub starts the emulator with a private repository. It sets REPOSITORY,
// GITHUB and TOKEN, and writes the files token (its owner's) and stranger (one
// that may not see it).
func cmdHub(ts *testscript.TestScript, _ bool, _ []string) {
	hub, err := githubtest.Open(context.Background())
	ts.Check(err)
	ts.Defer(hub.Close)
	script(ts).hub = hub
	at, err := url.Parse(hub.URL)
	ts.Check(err)
	ts.Setenv("GITHUB", at.Host)
	ts.Setenv("REPOSITORY", hub.URL+"/"+githubtest.Owner+"/forwards")
	ts.Setenv("TOKEN", hub.Token)
	ts.Check(os.WriteFile(ts.MkAbs("token"), []byte(hub.Token+"\n"), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("stranger"), []byte(githubtest.StrangerToken+"\n"), 0o600))
	_, err = hub.Commit(context.Background(), "forwards", "Share our forwards", map[string][]byte{"development.json": []byte(first)})
	ts.Check(err)
}

// cmdPush pushes a commit: push REPOSITORY MESSAGE PATH=FILE...
func cmdPush(ts *testscript.TestScript, _ bool, args []string) {
	files := make(map[string][]byte)
	for _, arg := range args[2:] {
		name, file, _ := strings.Cut(arg, "=")
		files[name] = []byte(ts.ReadFile(file))
	}
	_, err := script(ts).hub.Commit(context.Background(), args[0], args[1], files)
	ts.Check(err)
}
