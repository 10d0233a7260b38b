package source_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
	"github.com/portolan-app/portolan/internal/store"
)

// waits syncs, and expects the calls that it takes to find what waits.
func (b *bench) waits(t *testing.T, why portolan.Wait, rows int, calls ...string) {
	t.Helper()
	result, got, err := b.sync(t)
	if err != nil || result.Waits != why || result.Changed || len(result.Rows) != rows {
		t.Errorf("%+v, %v", result, err)
	}
	expectCalls(t, got, calls...)
}

// What waits is read once, and polled as cheaply as what is in force.
func TestWaitingIsReadOnce(t *testing.T) {
	for why, config := range map[portolan.Wait]portolan.SourceConfig{portolan.WaitsReview: {Apply: portolan.ApplyReview}, portolan.WaitsHeld: {}} {
		synctest.Test(t, func(t *testing.T) {
			b := started(t, config)
			if why == portolan.WaitsHeld {
				b.update(t, func(s *portolan.State) { s.Sources[0].Held = &portolan.Held{Commit: s.Sources[0].Base.Commit} })
			}
			before, changes := b.source(), b.changes
			b.host.commit(map[string]string{"dev.json": list(entry("api", 81), entry("db", 5432))})
			b.waits(t, why, 1, "head", "commit", "tree", "blob")
			b.waits(t, why, 1, "head")
			after := b.source()
			if w := after.Waiting; w == nil || w.Commit.SHA != b.host.head || len(w.Files) != 1 || after.Base.Commit != before.Base.Commit {
				t.Errorf("%+v", after)
			}
			if b.changes != changes+1 {
				t.Errorf("Changed was called %d times", b.changes-changes)
			}
			if list, err := b.store.Revisions("team"); err != nil || len(list) != 1 {
				t.Errorf("%d revisions, %v", len(list), err)
			}

			// Another process reads nothing anew.
			b.host.taken()
			preview, err := b.follower().Preview(t.Context())
			if err != nil || preview.Waits != why || len(preview.Rows) != 1 {
				t.Errorf("%+v, %v", preview, err)
			}
			expectCalls(t, b.host.taken(), "head")

			// The team takes it back: what is in force is what it holds.
			b.host.commit(map[string]string{"dev.json": list(entry("api", 80), entry("db", 5432)), "README.md": "hello"})
			b.sync(t)
			if w := b.source().Waiting; w != nil {
				t.Errorf("%+v waits", w)
			}
		})
	}
}

// A file that is too big is not read, and so not missed either.
func TestWhatIsTooBigWaitsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{Apply: portolan.ApplyReview})
		b.host.commit(map[string]string{"dev.json": strings.Repeat(" ", portolan.MaxFileBytes+1)})
		b.waits(t, portolan.WaitsReview, 1, "head", "commit", "tree")
		b.waits(t, portolan.WaitsReview, 1, "head")
	})
}

// What waits and is lost is read again.
func TestDamagedWaitingIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{Apply: portolan.ApplyReview})
		lost := list(entry("api", 81))
		b.host.commit(map[string]string{"dev.json": lost})
		b.update(t, func(s *portolan.State) { // as after a damage
			s.Sources[0].Waiting = &portolan.WaitingCommit{At: time.Now(), Base: portolan.Base{
				Commit: portolan.Commit{SHA: b.host.head, Tree: b.host.head}, Selection: s.Sources[0].Base.Selection,
				Files: map[string]portolan.BaseFile{"dev.json": {Environment: "dev", SHA: portolan.BlobSHA([]byte(lost))}}}}
		})
		b.waits(t, portolan.WaitsReview, 2, "head", "tree", "blob")
		if data, err := b.store.Blob(portolan.BlobSHA([]byte(lost))); err != nil || string(data) != lost {
			t.Errorf("what waits is not whole: %v", err)
		}
		b.waits(t, portolan.WaitsReview, 2, "head")
	})
}

// An edit on a reviewed source lives, and nothing waits because of it alone.
func TestEditDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{Apply: portolan.ApplyReview})
		id := b.source().IDs["dev"]["api"]
		b.update(t, func(s *portolan.State) {
			s.Edits = map[portolan.ID]portolan.Edit{id: {At: time.Now(), Fields: []portolan.FieldChange{{Name: "namespace", Before: []byte(`"one"`), After: []byte(`"mine"`)}}}}
		})
		b.waits(t, portolan.WaitsReview, 0, "head")
		if state := b.store.State(); len(state.Edits) != 1 || b.source().Waiting != nil {
			t.Errorf("%+v, waiting %+v", state.Edits, b.source().Waiting)
		}
	})
}

// A commit that changes no entry needs no yes.
func TestNothingToReview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{Apply: portolan.ApplyReview})
		b.host.commit(map[string]string{"dev.json": list(entry("api", 80), entry("db", 5432)), "README.md": "Hello"})
		result, _, err := b.sync(t)
		if err != nil || result.Waits != "" || b.source().Base.Commit.SHA != b.host.head {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// A hold that comes while a sync is under way counts for that sync.
func TestHoldDuringASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.commit(map[string]string{"dev.json": list(entry("api", 81))})
		b.host.latency = time.Second
		done := make(chan source.Result, 1)
		go func() {
			result, err := b.Sync(t.Context())
			if err != nil {
				t.Error(err)
			}
			done <- result
		}()
		time.Sleep(1500 * time.Millisecond)
		if err := b.store.Update(func(tx *store.Tx) error {
			tx.State.Sources[0].Held = &portolan.Held{Commit: tx.State.Sources[0].Base.Commit}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if result := <-done; result.Waits != portolan.WaitsHeld || result.Changed || b.source().Base.Commit.SHA == b.host.head {
			t.Errorf("%+v", result)
		}
	})
}
