package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// crowd is how many forwards a big team has.
const crowd = 10_000

// crowded is an engine over a home with a source of that many forwards, and a
// client over its socket, until the test ends.
func crowded(t testing.TB, count int) (*engine.Engine, *api.Client) {
	t.Helper()
	home := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(home, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(func(tx *store.Tx) error { return settle(tx, count) }); err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Config{
		Store: s, Tokens: &memory{}, Log: log, Now: time.Now, OnDemand: true, Version: api.Version{Home: home},
	})
	ctx, stop := context.WithCancel(context.Background())
	listener, err := api.Listen(api.SocketPath(home))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 2)
	go func() { ended <- e.Run(ctx) }()
	go func() { ended <- api.Serve(ctx, listener, e, log) }()
	t.Cleanup(func() {
		stop()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, api.NewClient(api.SocketPath(home))
}

// settle is what a first sync of 50 files leaves behind.
func settle(tx *store.Tx, count int) error {
	source := portolan.Source{SourceConfig: portolan.SourceConfig{Name: "team", Repo: portolan.Repository{Host: "github.com", Owner: "acme", Name: "forwards"}}}
	source.Base.Files = make(map[string]portolan.BaseFile)
	source.IDs = make(map[string]map[string]portolan.ID)
	local := make(map[portolan.ID]portolan.Local)
	const files = 50
	for n := range files {
		environment := fmt.Sprintf("env-%02d", n)
		ids := make(map[string]portolan.ID)
		var entries []portolan.Entry
		for i := n; i < count; i += files {
			e := portolan.Entry{
				Alias: fmt.Sprintf("service-%d", i), Service: fmt.Sprintf("service-%d", i), Namespace: fmt.Sprintf("team-%d", i%7),
				RemotePort: portolan.Port{Number: 8080}, Tags: []string{"backend", "http"},
				Description: "What it is, and whom to ask when it is not there.",
			}
			id := portolan.ID(fmt.Sprintf("%026d", i))
			ids[e.Alias], local[id] = id, portolan.Local{New: true}
			entries = append(entries, e)
		}
		sha, err := tx.PutBlob(portolan.Encode(entries))
		if err != nil {
			return err
		}
		source.IDs[environment] = ids
		source.Base.Files[environment+".json"] = portolan.BaseFile{Environment: environment, SHA: sha}
	}
	tx.State.Sources, tx.State.Local = append(tx.State.Sources, source), local
	return nil
}

// waitWhole asks until the crowd is there.
func waitWhole(t testing.TB, a api.API, count int) (v portolan.View) {
	t.Helper()
	for len(v.Forwards) < count {
		c, err := a.Changes(t.Context(), v.Revision)
		if err != nil {
			t.Fatal(err)
		}
		v.Apply(c)
	}
	return v
}

// BenchmarkChanges10000 is the time from a status that changes to the moment at
// which a face has applied it to the view it holds, over the socket.
func BenchmarkChanges10000(b *testing.B) {
	e, client := crowded(b, crowd)
	v := waitWhole(b, client, crowd)
	id := v.Forwards[crowd/2].ID
	for i := 0; b.Loop(); i++ {
		e.Observe(id, portolan.Status{Phase: portolan.Ready, Pod: fmt.Sprint(i)})
		c, err := client.Changes(b.Context(), v.Revision)
		if err != nil || len(c.Forwards) != 1 || c.Whole {
			b.Fatalf("%d forwards, %v", len(c.Forwards), err)
		}
		v.Apply(c)
	}
}

// BenchmarkRefresh10000 is the same for a change of the stored state, without the
// disk.
func BenchmarkRefresh10000(b *testing.B) {
	e, client := crowded(b, crowd)
	waitWhole(b, client, crowd)
	for b.Loop() {
		if err := e.Refresh(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEdit10000 is one edit from the call to the view of a face, with the
// disk.
func BenchmarkEdit10000(b *testing.B) {
	_, client := crowded(b, crowd)
	v := waitWhole(b, client, crowd)
	id := v.Forwards[crowd/2].ID
	for i := 0; b.Loop(); i++ {
		text, _ := json.Marshal(fmt.Sprint(i))
		if _, err := client.Edit(b.Context(), id, api.Fields{"description": text}, false); err != nil {
			b.Fatal(err)
		}
		c, err := client.Changes(b.Context(), v.Revision)
		if err != nil || len(c.Forwards) != 1 || c.Whole {
			b.Fatalf("%d forwards, %v", len(c.Forwards), err)
		}
		v.Apply(c)
	}
}

// BenchmarkView10000 is the whole view over the socket.
func BenchmarkView10000(b *testing.B) {
	_, client := crowded(b, crowd)
	waitWhole(b, client, crowd)
	for b.Loop() {
		if _, err := client.View(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStatus10000 is one status at the engine's door.
func BenchmarkStatus10000(b *testing.B) {
	e, client := crowded(b, crowd)
	id := waitWhole(b, client, crowd).Forwards[crowd/2].ID
	pods := []string{"a", "b"}
	for i := 0; b.Loop(); i++ {
		e.Observe(id, portolan.Status{Phase: portolan.Ready, Pod: pods[i%2]})
	}
}

// BenchmarkClone10000 is a copy of the state.
func BenchmarkClone10000(b *testing.B) {
	e, client := crowded(b, crowd)
	waitWhole(b, client, crowd)
	for b.Loop() {
		_ = e.Stored().State()
	}
}
