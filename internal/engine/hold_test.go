package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
)

// holding holds a forward on a goroutine and returns, once it is held, what lets
// go of it and waits for that.
func holding(t *testing.T, e *engine.Engine, name, by string) (letGo func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	held, ended := make(chan []portolan.ForwardView, 1), make(chan error, 1)
	go func() {
		q := api.Hold{Selection: api.Selection{Names: []string{name}}, By: by}
		ended <- e.Hold(ctx, q, func(f []portolan.ForwardView) { held <- f })
	}()
	select {
	case f := <-held:
		if len(f) != 1 || f[0].Status.Phase != portolan.Listening {
			t.Fatalf("held %+v", f)
		}
	case err := <-ended:
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the hold ended with %v", err)
		}
	}
}

func TestHoldsCount(t *testing.T) {
	w := newWorld(t)
	const name = "development/shop"
	expect := func(wanted, up bool, holders ...string) {
		t.Helper()
		f := w.forward(t, name)
		if f.Local.Wanted != wanted || len(f.Status.Addresses) > 0 != up || !slices.Equal(f.Holders, holders) {
			t.Errorf("wanted %v, at %v, held by %v; want %v, %v, %v", f.Local.Wanted, f.Status.Addresses, f.Holders, wanted, up, holders)
		}
	}
	one, two := holding(t, w.Engine, name, "one"), holding(t, w.Engine, name, "two")
	expect(true, true, "one", "two")
	if state := w.Stored().State(); state.Local[w.forward(t, name).ID].Wanted {
		t.Error("a hold is stored as a start")
	}
	one()
	expect(true, true, "two")
	two()
	expect(false, false)

	// A person's start outlives a hold, and a stop is one for everybody.
	one = holding(t, w.Engine, name, "one")
	sel := api.Selection{Names: []string{name}}
	if _, err := w.Start(t.Context(), sel); err != nil {
		t.Fatal(err)
	}
	one()
	expect(true, true)
	one = holding(t, w.Engine, name, "one")
	if _, err := w.Stop(t.Context(), sel); err != nil {
		t.Fatal(err)
	}
	expect(false, false)
	one()
	expect(false, false)
}

func TestHoldOfAMovedForwardWaitsForAYes(t *testing.T) {
	w := newWorld(t)
	const name = "development/shop"
	letGo := holding(t, w.Engine, name, "one")
	w.commit(t, "development.json", `"namespace": "shop-dev"`, `"namespace": "shop-staging"`)
	if _, err := w.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	waits := func() bool { return w.forward(t, name).Status.Phase == portolan.ChangedConfirm }
	if !waits() {
		t.Fatalf("a sync moved what is held: %+v", w.forward(t, name).Status)
	}
	id := w.forward(t, name).ID
	if _, err := w.Edit(t.Context(), id, api.Fields{"description": value("mine")}, false); err != nil || !waits() {
		t.Fatalf("another edit counts as a yes: %v", err)
	}
	if _, err := w.Confirm(t.Context(), id); err != nil || waits() {
		t.Fatalf("a yes does not count: %v", err)
	}
	if _, err := w.Confirm(t.Context(), id); portolan.AsFault(err).Code != "nothing-to-confirm" {
		t.Errorf("a second yes: %v", err)
	}
	if _, err := w.Edit(t.Context(), id, api.Fields{"namespace": value("shop-dev")}, false); err != nil || waits() {
		t.Errorf("a person's own move waits for a yes: %v", err)
	}
	letGo()
	if f := w.forward(t, name); f.Status.Phase != portolan.Off || f.Local.Approved != nil {
		t.Errorf("after the hold: %+v", f)
	}
}

func TestHoldNamesWhatIsUnknown(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := w.Hold(ctx, api.Hold{Selection: api.Selection{Names: []string{"nowhere/nothing"}}}, func([]portolan.ForwardView) { t.Error("held") })
	if portolan.AsFault(err).Code != "forward-unknown" {
		t.Error(err)
	}
}
