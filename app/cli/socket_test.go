package cli

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
)

// TestOverTheSocket runs commands against an engine behind the real local API,
// and against none: faults keep their exit codes on the way.
func TestOverTheSocket(t *testing.T) {
	path := api.SocketPath(t.TempDir())
	run := func(args string) (code int, stdout, stderr string) {
		var out, err bytes.Buffer
		code = Run(t.Context(), Deps{Stdout: &out, Stderr: &err, Env: func(string) string { return "" },
			Connect: func(context.Context, Options) (api.API, error) { return api.NewClient(path), nil },
			OneShot: func(context.Context, Options) (api.API, func() error, error) {
				return &fake{}, func() error { return nil }, nil
			},
		}, strings.Fields(args))
		return code, out.String(), err.String()
	}
	for args, want := range map[string]int{"list": exitUnavailable, "sync": exitUnavailable, "sync --once": exitOK, "auth login h --with-token": exitUnavailable} {
		if code, _, stderr := run(args); code != want {
			t.Errorf("%s without an engine: exit code %d, want %d: %s", args, code, want, stderr)
		}
	}

	listener, err := api.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- api.Serve(ctx, listener, &fake{view: team()}, slog.New(slog.DiscardHandler)) }()
	defer func() {
		cancel()
		<-ended
	}()
	for _, test := range []struct {
		args string
		code int
		want string // somewhere in the output
	}{
		{"list", exitOK, "127.0.0.1:8080"},
		{"start team:dev/api", exitOK, "ready"},
		{"start --env dev", exitFailed, "taken by postgres"},
		{"start stagign/api", exitUsage, `did you mean "staging/api"?`},
		{"edit staging/api --local-port 1", exitOK, "The repository wins"},
	} {
		code, stdout, stderr := run(test.args)
		if code != test.code || !strings.Contains(stdout+stderr, test.want) {
			t.Errorf("%s: exit code %d, want %d with %q:\n%s%s", test.args, code, test.code, test.want, stdout, stderr)
		}
	}
}
