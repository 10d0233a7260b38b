package api_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Whoever waits for an engine that stops is told so, and not of a context.
func TestStoppingAnswersWhoWaits(t *testing.T) {
	path := api.SocketPath(t.TempDir())
	l, err := api.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	engine := &echo{called: func(string, ...any) { stop() }}
	go func() { ended <- api.Serve(ctx, l, engine, slog.New(slog.DiscardHandler)) }()
	_, err = api.NewClient(path).Changes(t.Context(), 3)
	if f := portolan.AsFault(err); f == nil || f.Kind != portolan.Unavailable || f.Code != "stopped" || f.Hint == "" {
		t.Errorf("got %+v", f)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
