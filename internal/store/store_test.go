package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

func open(tb testing.TB, home string) *Store {
	tb.Helper()
	s, err := Open(home, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func shut(tb testing.TB, s *Store) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Fatalf("Close: %v", err)
	}
}

func update(tb testing.TB, s *Store, fn func(*Tx)) {
	tb.Helper()
	if err := s.Update(func(tx *Tx) error { fn(tx); return nil }); err != nil {
		tb.Fatalf("Update: %v", err)
	}
}

func wantFault(tb testing.TB, err error, code string) *portolan.Fault {
	tb.Helper()
	var f *portolan.Fault
	if !errors.As(err, &f) || f.Code != code {
		tb.Fatalf("error %v (%T); want a fault with the code %q", err, err, code)
	}
	if f.Message == "" || f.Hint == "" {
		tb.Errorf("fault %q without message or hint: %+v", code, f)
	}
	return f
}

// follow plays what a source does: new contents for files, a base, a revision.
func follow(tb testing.TB, s *Store, source string, files map[string]string) {
	tb.Helper()
	update(tb, s, func(tx *Tx) {
		base := map[string]portolan.BaseFile{}
		for path, content := range files {
			sha, err := tx.PutBlob([]byte(content))
			if err != nil {
				tb.Fatal(err)
			}
			base[path] = portolan.BaseFile{Environment: "dev", SHA: sha}
		}
		if tx.State.Source(source) == nil {
			tx.State.Sources = append(tx.State.Sources, portolan.Source{SourceConfig: portolan.SourceConfig{Name: source}})
		}
		tx.State.Source(source).Base = portolan.Base{Files: base}
		tx.AddRevision(portolan.Revision{Source: source, Files: base, At: time.Unix(1, 0).UTC()})
	})
}

func TestStateSurvivesReopening(t *testing.T) {
	home := filepath.Join(t.TempDir(), "deep", "home")
	s := open(t, home)
	if got := s.State(); got.Schema != portolan.SchemaVersion || len(s.Recovered()) != 0 {
		t.Fatalf("a new store has state %+v, recovered %v", got, s.Recovered())
	}
	update(t, s, func(tx *Tx) {
		tx.State.Consents = []portolan.Consent{{Source: "team", Effect: "bind-address", Value: "0.0.0.0", At: time.Now()}}
	})
	want := s.State()
	shut(t, s)

	s = open(t, home)
	if got := s.State(); !reflect.DeepEqual(got, want) {
		t.Errorf("after reopening: %+v, want %+v", got, want)
	}
	if r := s.Recovered(); len(r) != 0 {
		t.Errorf("a clean opening recovered %v", r)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for name, mode := range map[string]os.FileMode{"": 0o700, databaseName: 0o600, mirrorName: 0o600, "lock": 0o600} {
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: %v, %v; want mode %v", name, info, err, mode)
		}
	}
}

func TestStateIsACopy(t *testing.T) {
	s := open(t, t.TempDir())
	var leaked *portolan.State
	update(t, s, func(tx *Tx) {
		tx.State.Local = map[portolan.ID]portolan.Local{"a": {Wanted: true}}
		leaked = tx.State
	})
	leaked.Local["a"] = portolan.Local{Port: 1}
	s.State().Local["a"] = portolan.Local{Port: 2}
	if got := s.State().Local["a"]; got != (portolan.Local{Wanted: true}) {
		t.Errorf("the state was changed from outside: %+v", got)
	}
}

func TestFailedUpdateChangesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	follow(t, s, "team", map[string]string{"dev.json": "[1]"})
	before := s.current.Load()
	var sha string
	wantErr := errors.New("no")
	err := s.Update(func(tx *Tx) error {
		tx.State.Hosts = []portolan.Host{{Host: "github.com"}}
		sha, _ = tx.PutBlob([]byte("new"))
		tx.AddRevision(portolan.Revision{Source: "team"})
		return wantErr
	})
	if !errors.Is(err, wantErr) {
		t.Fatalf("Update = %v", err)
	}
	if s.current.Load() != before {
		t.Error("the document was replaced")
	}
	wantFault(t, func() error { _, err := s.Blob(sha); return err }(), "blob-missing")
	if r, err := s.Revisions("team"); err != nil || len(r) != 1 {
		t.Errorf("revisions %v, %v; want one", r, err)
	}
}

func TestUnchangedUpdateDoesNotWrite(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	follow(t, s, "team", map[string]string{"dev.json": "[1]"})
	stat := func() os.FileInfo {
		info, err := os.Stat(filepath.Join(home, mirrorName))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	before, doc := stat(), s.current.Load()
	update(t, s, func(tx *Tx) {
		tx.State.Sources = append([]portolan.Source{}, tx.State.Sources...)
		if _, err := tx.PutBlob([]byte("[1]")); err != nil { // already there
			t.Error(err)
		}
	})
	if !os.SameFile(before, stat()) || s.current.Load() != doc {
		t.Error("an update that changes nothing wrote")
	}
}

func TestUpdatesAreSerial(t *testing.T) {
	s := open(t, t.TempDir())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				err := s.Update(func(tx *Tx) error {
					local := tx.State.Local["a"]
					local.Port++
					tx.State.Local = map[portolan.ID]portolan.Local{"a": local}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				_ = s.State()
			}
		})
	}
	wg.Wait()
	if got := s.State().Local["a"].Port; got != 40 {
		t.Errorf("%d of 40 updates arrived", got)
	}
}

func TestBlobsLiveAsLongAsTheyAreNamed(t *testing.T) {
	s := open(t, t.TempDir())
	first, orphan := portolan.BlobSHA([]byte("v0")), portolan.BlobSHA([]byte("orphan"))
	follow(t, s, "team", map[string]string{"dev.json": "v0"})
	update(t, s, func(tx *Tx) {
		if _, err := tx.PutBlob([]byte("orphan")); err != nil {
			t.Error(err)
		}
		if got, err := tx.Blob(orphan); string(got) != "orphan" || err != nil {
			t.Errorf("Tx.Blob = %q, %v before the end of the update", got, err)
		}
	})
	if got := s.Lacking([]string{first, "", orphan}); !reflect.DeepEqual(got, []string{orphan}) {
		t.Fatalf("lacking %v, want only the orphan", got)
	}
	for i := 1; i < keptRevisions; i++ {
		follow(t, s, "team", map[string]string{"dev.json": fmt.Sprint("v", i)})
	}
	if got, err := s.Blob(first); string(got) != "v0" || err != nil {
		t.Fatalf("Blob = %q, %v while revision 1 names it", got, err)
	}
	follow(t, s, "team", map[string]string{"dev.json": "last"})
	follow(t, s, "other", map[string]string{"dev.json": "other"})
	wantFault(t, func() error { _, err := s.Blob(first); return err }(), "blob-missing")
	list, err := s.Revisions("team")
	if err != nil || len(list) != keptRevisions || list[0].Number != keptRevisions+1 || list[keptRevisions-1].Number != 2 {
		t.Errorf("%d revisions, %v; want 201 down to 2", len(list), err)
	}
	if list, err := s.Revisions("other"); err != nil || len(list) != 1 || list[0].Number != keptRevisions+2 {
		t.Errorf("revisions of the other source %v, %v; want number %d", list, err, keptRevisions+2)
	}
}

// What waits for a person is not in force yet, and kept all the same.
func TestWaitingBlobsLive(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	follow(t, s, "team", map[string]string{"dev.json": "v0"})
	good, bad := portolan.BlobSHA([]byte("good")), portolan.BlobSHA([]byte("bad"))
	update(t, s, func(tx *Tx) {
		for _, text := range []string{"good", "bad"} {
			if _, err := tx.PutBlob([]byte(text)); err != nil {
				t.Error(err)
			}
		}
		src := tx.State.Source("team")
		src.Held = &portolan.Held{Why: portolan.HeldHere, Commit: src.Base.Commit}
		src.Waiting = &portolan.WaitingCommit{Base: portolan.Base{Commit: portolan.Commit{SHA: "c1"}, Files: map[string]portolan.BaseFile{
			"dev.json": {Environment: "dev", SHA: good}, "prod.json": {Environment: "prod", BadSHA: bad, Invalid: &portolan.Fault{Code: "invalid"}}}}}
	})
	follow(t, s, "other", map[string]string{"dev.json": "other"}) // sweeps
	before := s.State()
	shut(t, s)
	s = open(t, home)
	if got := s.Lacking([]string{good, bad}); len(got) > 0 {
		t.Errorf("lacking %v", got)
	}
	if after := s.State(); !reflect.DeepEqual(before, after) || after.Source("team").Waiting.Commit.SHA != "c1" || after.Source("team").Held == nil {
		t.Errorf("%+v\n%+v", before, after)
	}
	update(t, s, func(tx *Tx) { tx.State.Source("team").Waiting = nil })
	if got := s.Lacking([]string{good, bad}); len(got) != 2 {
		t.Errorf("only %v went", got)
	}
}

// Local changes name no blob, so that the oldest of them go without a look at all
// revisions; they are kept as long as a source's.
func TestLocalRevisions(t *testing.T) {
	s := open(t, t.TempDir())
	follow(t, s, "team", map[string]string{"dev.json": "v0"})
	for i := range keptRevisions + 10 {
		update(t, s, func(tx *Tx) {
			tx.AddRevision(portolan.Revision{Source: portolan.Mine, Text: fmt.Sprint("change ", i), Rows: []portolan.Row{{Key: "own", Action: portolan.Added}}})
		})
	}
	list, err := s.Revisions(portolan.Mine)
	if err != nil || len(list) != keptRevisions || list[0].Text != fmt.Sprint("change ", keptRevisions+9) || len(list[0].Rows) != 1 {
		t.Errorf("%d revisions, %v", len(list), err)
	}
	if list, err := s.Revisions("team"); err != nil || len(list) != 1 {
		t.Errorf("%d revisions of the source, %v", len(list), err)
	}
}

func TestPutBlobRefusesWhatIsTooBig(t *testing.T) {
	s := open(t, t.TempDir())
	err := s.Update(func(tx *Tx) error { _, err := tx.PutBlob(make([]byte, maxBlob+1)); return err })
	if f := portolan.AsFault(err); f.Code != "blob-too-big" {
		t.Errorf("fault %+v", f)
	}
}

func TestSecondOpenNamesTheHolder(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	_, err := Open(home, slog.New(slog.DiscardHandler))
	f := wantFault(t, err, "home-in-use")
	host, _ := os.Hostname()
	if want := fmt.Sprintf("the home directory %s is in use by process %d on host %q", home, os.Getpid(), host); f.Message != want {
		t.Errorf("message %q, want %q", f.Message, want)
	}
	shut(t, s)
	shut(t, s) // twice does no harm
	open(t, home)
}

func TestLockOfADeadProcessIsTakenOver(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "lock"), []byte(`{"host":"laptop","pid":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if Holder(home) != 1 {
		t.Error("the dead process is not named")
	}
	s := open(t, home)
	if !s.Abandoned() || Holder(home) != os.Getpid() {
		t.Error("a home that was not left properly looks as if it was")
	}
	shut(t, s)
	if Holder(home) != 0 {
		t.Error("somebody holds a home that was left")
	}
	if open(t, home).Abandoned() {
		t.Error("a home that was left properly looks abandoned")
	}
}

func TestOpenWithoutADirectory(t *testing.T) {
	home := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(home, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(home, slog.New(slog.DiscardHandler))
	wantFault(t, err, "store-write")
}

// TestRandomHistory runs random updates against a model, reopening in between.
func TestRandomHistory(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		home := t.TempDir()
		s := open(t, home)
		model := map[string]string{}
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			if rapid.Bool().Draw(r, "reopen") {
				shut(t, s)
				s = open(t, home)
				if len(s.Recovered()) != 0 {
					r.Fatalf("recovered %v", s.Recovered())
				}
			}
			model[rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "path")] = rapid.StringN(0, 9000, -1).Draw(r, "content")
			follow(t, s, "team", model)
			for path, f := range s.State().Sources[0].Base.Files {
				if got, err := s.Blob(f.SHA); err != nil || string(got) != model[path] {
					r.Fatalf("%s: %q, %v", path, got, err)
				}
			}
		}
		shut(t, s)
	})
}

func TestMigrate(t *testing.T) {
	steps := []migration{
		func(s map[string]json.RawMessage) error { s["two"] = s["one"]; delete(s, "one"); return nil },
		func(s map[string]json.RawMessage) error { s["three"] = json.RawMessage("3"); return nil },
	}
	fails := []migration{func(map[string]json.RawMessage) error { return errors.New("no") }}
	for _, c := range []struct {
		name, in  string
		steps     []migration
		to        int
		want, err string
	}{
		{"all steps", `{"schema":1,"one":12345678901234567890}`, steps, 3, `{"schema":3,"three":3,"two":12345678901234567890}`, ""},
		{"the last step", `{"schema":2,"keep":1}`, steps, 3, `{"keep":1,"schema":3,"three":3}`, ""},
		{"none", `{"schema":3, "one":1}`, steps, 3, `{"schema":3, "one":1}`, ""},
		{"newer", `{"schema":4}`, steps, 3, "", "schema-newer"},
		{"failing", `{"schema":1}`, fails, 2, "", "schema-migration"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := (schema{c.to, c.steps}).migrate(json.RawMessage(c.in))
			if c.err != "" {
				wantFault(t, err, c.err)
			} else if err != nil || string(got) != c.want {
				t.Errorf("migrate = %s, %v; want %s", got, err, c.want)
			}
		})
	}
	for _, in := range []string{`{}`, `{"schema":-1}`, `[]`, `x`} {
		if _, err := (schema{3, steps}).migrate(json.RawMessage(in)); !isDamage(err) {
			t.Errorf("migrate(%s) = %v, want damage", in, err)
		}
	}
	if s := today(); len(s.steps) != s.version-1 {
		t.Errorf("%d steps lead to schema %d", len(s.steps), s.version)
	}
}

// TestOpenMigrates opens a store as a later program would, and then with today's.
func TestOpenMigrates(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	follow(t, s, "team", map[string]string{"dev.json": "[1]"})
	old := s.State()
	shut(t, s)

	later := schema{portolan.SchemaVersion + 1, append(today().steps, func(state map[string]json.RawMessage) error {
		state["hosts"] = json.RawMessage(`[{"host":"github.com","login":"ada"}]`)
		return nil
	})}
	log := slog.New(slog.DiscardHandler)
	for range 2 { // the second opening finds nothing to do
		s, err := openAt(home, log, later)
		if err != nil {
			t.Fatal(err)
		}
		got := s.State()
		if got.Schema != later.version || len(got.Hosts) != 1 || !reflect.DeepEqual(got.Sources, old.Sources) {
			t.Errorf("migrated to %+v", got)
		}
		if r, err := s.Revisions("team"); err != nil || len(r) != 1 || len(s.Recovered()) != 0 {
			t.Errorf("revisions %v, %v, recovered %v", r, err, s.Recovered())
		}
		shut(t, s)
	}
	_, err := Open(home, log)
	wantFault(t, err, "schema-newer")

	// The way back: the kept state alone, under its old name.
	back := t.TempDir()
	kept, err := os.ReadFile(filepath.Join(home, fmt.Sprint(mirrorName, ".schema-", portolan.SchemaVersion)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(back, mirrorName), kept, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := open(t, back).State(); !reflect.DeepEqual(got, old) {
		t.Errorf("the way back leads to %+v", got)
	}
}
