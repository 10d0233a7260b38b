package source_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

func calls(names ...string) []string { return names }

func expectCalls(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("requests %v, want %v", got, want)
	}
}

// started is a follower that has synced dev.json with api and db.
func started(t *testing.T, config portolan.SourceConfig) *bench {
	t.Helper()
	b := newBench(t, config)
	b.host.commit(map[string]string{"dev.json": list(entry("api", 80), entry("db", 5432)), "README.md": "hello"})
	b.run(t)
	synctest.Wait()
	if s := b.status(); s.Phase != portolan.SyncIdle || s.Fault != nil {
		t.Fatalf("the first sync: %+v", s)
	}
	return b
}

func TestFirstSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		expectCalls(t, b.host.taken(), "repository", "head", "commit", "tree", "blob")
		src := b.source()
		if src.Repo.ID != 7 || src.Base.Commit.SHA != b.host.head || len(src.Base.Files) != 1 || len(src.IDs["dev"]) != 2 {
			t.Errorf("the source is %+v", src)
		}
		if revisions, err := b.store.Revisions("team"); err != nil || len(revisions) != 1 || revisions[0].Commit.SHA != b.host.head {
			t.Errorf("revisions %+v, %v", revisions, err)
		}
		if b.changes != 1 {
			t.Errorf("Changed was called %d times", b.changes)
		}
		steps := []string{}
		for _, s := range b.statuses {
			steps = append(steps, s.Step)
		}
		if want := []string{"checking", "reading the tree", "reading 1 of 1 files", "applying", ""}; !slices.Equal(steps, want) {
			t.Errorf("steps %q, want %q", steps, want)
		}
	})
}

func TestIdlePollIsOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		result, got, err := b.sync(t)
		if err != nil || result.Changed || result.Requests != 1 {
			t.Errorf("%+v, %v", result, err)
		}
		expectCalls(t, got, "head")
		if revisions, _ := b.store.Revisions("team"); len(revisions) != 1 || b.changes != 1 {
			t.Errorf("an idle poll left %d revisions, %d changes", len(revisions), b.changes)
		}
	})
}

// TestPollsRest has polls that find nothing new, which plan nothing until something
// changes here, or until an hour is over.
func TestPollsRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		planned := func() (n int) {
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, s := range b.statuses {
				if s.Step == "applying" {
					n++
				}
			}
			b.statuses = nil
			return n
		}
		time.Sleep(30 * time.Minute)
		if n := planned(); n != 2 { // one that brings the files, and one that finds nothing to do
			t.Errorf("%d syncs planned", n)
		}
		id := b.source().IDs["dev"]["api"]
		b.update(t, func(s *portolan.State) {
			s.Edits = map[portolan.ID]portolan.Edit{id: {Fields: []portolan.FieldChange{{Name: "namespace", Before: []byte(`"one"`), After: []byte(`"mine"`)}}}}
		})
		time.Sleep(3 * time.Minute) // in which at least two polls come
		if s := b.store.State(); len(s.Superseded) != 1 || planned() != 2 {
			t.Errorf("the edit outlives a poll: %+v", s.Superseded)
		}
		b.host.set(func() { b.host.moved = &portolan.Repository{Owner: "team", Name: "ports", ID: 7} })
		time.Sleep(3 * time.Minute)
		if name := b.source().Repo.Name; name != "ports" || planned() != 2 {
			t.Errorf("a poll does not follow a renamed repository: %s", name)
		}
		if _, _, err := b.sync(t); err != nil || planned() != 1 {
			t.Errorf("a sync that a person asks for looks at nothing: %v", err)
		}
		time.Sleep(3*time.Hour + 5*time.Minute)
		if n := planned(); n != 3 {
			t.Errorf("what is held was looked at %d times in three hours", n)
		}
	})
}

func TestOnlyChangedFilesAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.commit(map[string]string{"dev.json": list(entry("api", 80), entry("db", 5432)), "prod.json": list(entry("api", 80))})
		result, got, err := b.sync(t)
		if err != nil || !result.Changed || len(result.Rows) != 1 || result.Rows[0].Environment != "prod" {
			t.Errorf("%+v, %v", result, err)
		}
		expectCalls(t, got, "head", "commit", "tree", "blob")
	})
}

func TestRestartKeepsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.taken()
		b.Follower = b.follower()
		b.run(t)
		synctest.Wait()
		expectCalls(t, b.host.taken(), "head")
	})
}

func TestOtherSettingsSelectAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.update(t, func(s *portolan.State) { s.Sources[0].Rename = map[string]string{"dev": "development"} })
		result, got, err := b.sync(t)
		if err != nil || len(result.Rows) != 2 || result.Rows[0].Action != portolan.Renamed {
			t.Errorf("%+v, %v", result, err)
		}
		expectCalls(t, got, "head", "tree")
	})
}

func TestDamagedBaseIsRebuilt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		// A base whose blob the store has not got, as after a damage.
		lost := list(entry("api", 80), entry("web", 80))
		b.host.commit(map[string]string{"dev.json": lost})
		head := b.host.head
		b.update(t, func(s *portolan.State) {
			s.Sources[0].Base.Commit.SHA = head
			s.Sources[0].Base.Files["dev.json"] = portolan.BaseFile{Environment: "dev", SHA: portolan.BlobSHA([]byte(lost))}
		})
		_, got, err := b.sync(t)
		if err != nil {
			t.Fatal(err)
		}
		expectCalls(t, got, "head", "blob")
		if data, err := b.store.Blob(portolan.BlobSHA([]byte(lost))); err != nil || string(data) != lost {
			t.Errorf("the base is not whole: %v", err)
		}
	})
}

// TestDamageAndACommitAtOnce has a base that is lost when the next commit comes.
func TestDamageAndACommitAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		lost := list(entry("api", 80), entry("web", 80))
		b.host.commit(map[string]string{"dev.json": lost})
		b.update(t, func(s *portolan.State) {
			s.Sources[0].Base.Files["dev.json"] = portolan.BaseFile{Environment: "dev", SHA: portolan.BlobSHA([]byte(lost))}
		})
		b.Follower = b.follower() // a new start: nothing is remembered
		b.host.commit(map[string]string{"dev.json": list(entry("api", 81))})
		id := b.source().IDs["dev"]["api"]
		b.run(t)
		result, _, err := b.sync(t)
		if err != nil || b.source().IDs["dev"]["api"] != id {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

func TestRepoWinsWithoutACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		id := b.source().IDs["dev"]["api"]
		b.update(t, func(s *portolan.State) {
			s.Edits = map[portolan.ID]portolan.Edit{id: {Fields: []portolan.FieldChange{{Name: "namespace", Before: []byte(`"one"`), After: []byte(`"mine"`)}}}}
		})
		result, got, err := b.sync(t)
		if err != nil || len(result.Rows) != 1 || result.Rows[0].Action != portolan.Overruled {
			t.Errorf("%+v, %v", result, err)
		}
		expectCalls(t, got, "head")
		if s := b.store.State(); len(s.Superseded) != 1 || len(s.Edits) != 0 || s.Superseded[0].Commit.Author != "Ada" {
			t.Errorf("superseded %+v, edits %+v", s.Superseded, s.Edits)
		}
	})
}

func TestEditDuringTheFetchIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{OnEdit: portolan.KeepUntilChanged})
		id := b.source().IDs["dev"]["api"]
		b.host.set(func() { b.host.latency = time.Second })
		b.host.commit(map[string]string{"dev.json": list(entry("api", 81), entry("db", 5432))})
		b.Nudge()
		time.Sleep(1500 * time.Millisecond)
		b.update(t, func(s *portolan.State) {
			s.Edits = map[portolan.ID]portolan.Edit{id: {Fields: []portolan.FieldChange{{Name: "local_port", After: []byte(`9000`)}}}}
		})
		time.Sleep(10 * time.Second)
		if s := b.store.State(); len(s.Edits) != 1 || s.Sources[0].Base.Commit.SHA != b.host.head {
			t.Errorf("edits %+v at %s", s.Edits, s.Sources[0].Base.Commit.SHA)
		}
	})
}

func TestPreviewChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		before, statuses := b.source(), len(b.statuses)
		b.host.commit(map[string]string{"dev.json": list(entry("api", 80))})
		preview, err := b.Preview(t.Context())
		if err != nil || len(preview.Rows) != 1 || preview.Rows[0].Action != portolan.Deleted || !preview.Changed {
			t.Fatalf("%+v, %v", preview, err)
		}
		if now := b.source(); now.Base.Commit.SHA != before.Base.Commit.SHA || len(b.statuses) != statuses {
			t.Error("a preview changed something")
		}
		result, _, err := b.sync(t)
		if err != nil || len(result.Rows) != 1 || result.Rows[0].ID != preview.Rows[0].ID || result.Commit.SHA != preview.Commit.SHA {
			t.Errorf("the sync did %+v, %v; the preview said %+v", result, err, preview)
		}
	})
}

func TestInvalidFileKeepsTheLastGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		good := b.source().Base.Files["dev.json"].SHA
		b.host.commit(map[string]string{"dev.json": `[{"alias": "api",`})
		result, _, err := b.sync(t)
		if err != nil || len(result.Rows) != 1 || result.Rows[0].Action != portolan.Invalid {
			t.Fatalf("%+v, %v", result, err)
		}
		if f := b.source().Base.Files["dev.json"]; f.SHA != good || f.Invalid == nil || f.BadSHA == "" {
			t.Errorf("in force is %+v", f)
		}
		_, got, err := b.sync(t)
		if err != nil {
			t.Error(err)
		}
		expectCalls(t, got, "head")
	})
}

func TestRefusedCommitIsReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{OnMissing: portolan.FailMissing})
		held := b.source().Base.Commit.SHA
		b.host.commit(map[string]string{"dev.json": list(entry("api", 80))})
		for i, want := range [][]string{calls("head", "commit", "tree", "blob"), calls("head")} {
			_, got, err := b.sync(t)
			if f := portolan.AsFault(err); f == nil || f.Code != "missing-entries" {
				t.Fatalf("sync %d: %v", i, err)
			}
			expectCalls(t, got, want...)
		}
		if s := b.status(); s.Phase != portolan.SyncStalled || s.Next.IsZero() || b.source().Base.Commit.SHA != held {
			t.Errorf("%+v", s)
		}
		b.update(t, func(s *portolan.State) { s.Sources[0].OnMissing = "" })
		result, got, err := b.sync(t)
		if err != nil || len(result.Rows) != 1 {
			t.Errorf("%+v, %v", result, err)
		}
		expectCalls(t, got, "head")
	})
}

func TestOnlyVerifiedCommitsOfSignersAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		held := b.source().Base.Commit.SHA
		b.update(t, func(s *portolan.State) {
			s.Sources[0].RequireVerified, s.Sources[0].Signers = true, []string{"ada@acme.example"}
		})
		refused := func(want ...string) {
			t.Helper()
			_, got, err := b.sync(t)
			if f := portolan.AsFault(err); f == nil || f.Code != portolan.CodeUnverified {
				t.Fatalf("got %v", err)
			}
			expectCalls(t, got, want...)
			if s := b.status(); s.Phase != portolan.SyncStalled || s.Next.IsZero() || b.source().Base.Commit.SHA != held {
				t.Errorf("%+v", s)
			}
		}
		refused("head", "commit") // what is held was taken before anybody asked for signatures
		b.host.set(func() { b.host.verification = "unsigned" })
		b.host.commit(map[string]string{"dev.json": list(entry("evil", 1))})
		refused("head", "commit")
		refused("head")
		b.host.set(func() { b.host.verification, b.host.signer = "valid", "noreply@github.com" })
		b.host.commit(map[string]string{"dev.json": list(entry("web", 2))})
		refused("head", "commit")
		refused("head")
		b.host.set(func() { b.host.signer = "Ada@acme.example" })
		b.host.commit(map[string]string{"dev.json": list(entry("api", 80))})
		result, got, err := b.sync(t)
		if err != nil || !result.Changed || b.source().Base.Commit.Signer != "Ada@acme.example" {
			t.Errorf("%+v, %v", result, err)
		}
		expectCalls(t, got, "head", "commit", "tree", "blob")
		b.update(t, func(s *portolan.State) { s.Sources[0].Signers = []string{"bo@acme.example"} })
		held = b.source().Base.Commit.SHA
		refused("head")
		b.update(t, func(s *portolan.State) { s.Sources[0].RequireVerified = false })
		if _, _, err = b.sync(t); err != nil {
			t.Error(err)
		}
	})
}

func TestEmptySourceWaitsForAYes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.commit(map[string]string{"README.md": "gone"})
		if _, _, err := b.sync(t); portolan.AsFault(err) == nil || portolan.AsFault(err).Code != "source-empty" {
			t.Fatal(err)
		}
		b.update(t, func(s *portolan.State) { merge.AllowEmpty(s, "team", b.host.head, time.Now()) })
		result, _, err := b.sync(t)
		if err != nil || len(result.Rows) != 2 || result.Rows[0].Action != portolan.Deleted {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

func TestAnotherRepositoryUnderTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.set(func() { b.host.repo.ID = 8 })
		b.host.commit(map[string]string{"dev.json": list(entry("evil", 80))})
		b.host.set(func() { b.host.fail = &portolan.Fault{Kind: portolan.Failed, Code: "github-not-found"} })
		if _, _, err := b.sync(t); err == nil {
			t.Fatal("a 404 is no fault")
		}
		b.host.set(func() { b.host.fail = nil })
		_, got, err := b.sync(t)
		if f := portolan.AsFault(err); f == nil || f.Code != "github-replaced" {
			t.Fatalf("%v", err)
		}
		expectCalls(t, got, "repository")
		if s := b.status(); s.Phase != portolan.SyncStalled || !s.Next.IsZero() || len(b.source().IDs["dev"]) != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestRenamedRepositoryIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.set(func() {
			b.host.moved = &portolan.Repository{Host: "github.com", APIURL: "https://api.github.com/", Owner: "team", Name: "renamed", ID: 7}
		})
		if _, _, err := b.sync(t); err != nil {
			t.Fatal(err)
		}
		if r := b.source().Repo; r.Name != "renamed" || r.APIURL != "" || r.ID != 7 {
			t.Errorf("%+v", r)
		}
	})
}

func TestWarningsAndLinksAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, portolan.SourceConfig{})
		b.host.kinds["link.json"] = github.SymlinkEntry
		b.host.commit(map[string]string{
			"dev.json":  `[{"alias": "api", "service": "api", "remote_port": 80, "description": "ghp_0123456789abcdefghijABCDEFGHIJ012345"}]`,
			"link.json": "dev.json",
		})
		b.host.latency = time.Second
		b.run(t)
		synctest.Wait()
		result, _, err := b.sync(t) // joins the first one
		if err != nil {
			t.Fatal(err)
		}
		severities := map[portolan.Severity]int{}
		for _, p := range result.Problems {
			severities[p.Severity]++
		}
		if severities[portolan.SeverityWarning] != 1 || severities[portolan.SeverityNotice] != 1 {
			t.Errorf("problems %v", result.Problems)
		}
	})
}

func TestSyncsCoalesce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.taken()
		b.host.set(func() { b.host.latency = time.Second })
		b.Nudge()
		synctest.Wait() // one is under way
		const waiting = 5
		errs := make(chan error, waiting)
		for range waiting {
			b.Nudge()
			go func() {
				_, err := b.Sync(t.Context())
				errs <- err
			}()
		}
		for range waiting {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		expectCalls(t, b.host.taken(), "head", "head")
	})
}

func TestSyncGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := started(t, portolan.SourceConfig{})
		b.host.set(func() { b.host.latency = time.Minute })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.Sync(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestEndedFollowerLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, portolan.SourceConfig{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Run(ctx); err != nil {
			t.Error(err)
		}
		if _, err := b.Sync(t.Context()); portolan.AsFault(err) == nil || portolan.AsFault(err).Code != "source-stopped" {
			t.Error(err)
		}
	})
}
