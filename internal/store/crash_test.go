package store

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/portolan-app/portolan/internal/portolan"
)

// raise counts up in the state and, every third time, brings a new file.
func raise(tb testing.TB, s *Store) (n int) {
	tb.Helper()
	update(tb, s, func(tx *Tx) {
		local := tx.State.Local["n"]
		local.Port++
		n = local.Port
		tx.State.Local = map[portolan.ID]portolan.Local{"n": local}
	})
	if n%3 == 0 {
		follow(tb, s, "team", map[string]string{"dev.json": strings.Repeat(fmt.Sprint(n), 1000)})
	}
	return n
}

// TestKilledWhileWriting kills a process that updates without pause, again and
// again, and holds the store to every update that it had acknowledged.
func TestKilledWhileWriting(t *testing.T) {
	const homeOfChild = "STORE_TEST_KILL_HOME"
	if home := os.Getenv(homeOfChild); home != "" {
		for s := open(t, home); ; {
			fmt.Println("done", raise(t, s))
		}
	}
	home := t.TempDir()
	for round := range 12 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWhileWriting$")
		cmd.Env = append(os.Environ(), homeOfChild+"="+home)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := 0
		lines := bufio.NewScanner(out)
		for i := 0; i <= round*2 && lines.Scan(); i++ {
			if n, _ := fmt.Sscanf(lines.Text(), "done %d", &acknowledged); n != 1 {
				t.Errorf("round %d: the child said %q", round, lines.Text())
			}
		}
		_ = cmd.Process.Kill()
		for lines.Scan() { // what it had said by then
			_, _ = fmt.Sscanf(lines.Text(), "done %d", &acknowledged)
		}
		_ = cmd.Wait()

		s := open(t, home)
		if r := s.Recovered(); len(r) != 0 {
			t.Errorf("round %d: recovered %v", round, r)
		}
		if got := s.State().Local["n"].Port; got < acknowledged || got > acknowledged+1 {
			t.Errorf("round %d: at %d, acknowledged %d", round, got, acknowledged)
		}
		shut(t, s)
	}
}

// TestStoppedBetweenTwoWrites goes through the moments at which a process may
// die, each as the files it leaves behind.
func TestStoppedBetweenTwoWrites(t *testing.T) {
	home := t.TempDir()
	files := func() map[string]string {
		got := map[string]string{}
		for _, name := range []string{databaseName, mirrorName, mirrorBackup} {
			if data, err := os.ReadFile(filepath.Join(home, name)); err == nil {
				got[name] = string(data)
			}
		}
		return got
	}
	s := open(t, home)
	raise(t, s)
	shut(t, s)
	before := files()
	s = open(t, home)
	raise(t, s)
	shut(t, s)
	after := files()

	for _, c := range []struct {
		name  string
		files map[string]string
		want  int
		code  string // of what is recovered
	}{
		{"mirror staged", map[string]string{databaseName: before[databaseName], mirrorName: before[mirrorName], mirrorBackup: before[mirrorBackup], mirrorStaged: after[mirrorName]}, 1, ""},
		{"mirror staged in part", map[string]string{databaseName: before[databaseName], mirrorName: before[mirrorName], mirrorStaged: after[mirrorName][:50]}, 1, ""},
		{"database written", map[string]string{databaseName: after[databaseName], mirrorName: before[mirrorName], mirrorBackup: before[mirrorBackup], mirrorStaged: after[mirrorName]}, 2, ""},
		{"backup renamed", map[string]string{databaseName: after[databaseName], mirrorBackup: before[mirrorName], mirrorStaged: after[mirrorName]}, 2, ""},
		{"all done", after, 2, ""},
		{"recovery staged", map[string]string{databaseName: after[databaseName], mirrorName: after[mirrorName], databaseStaged: "half"}, 2, ""},
		{"database lost its last write", map[string]string{databaseName: before[databaseName], mirrorName: after[mirrorName]}, 2, "store-recovered"},
		{"database gone", map[string]string{mirrorName: after[mirrorName], mirrorBackup: before[mirrorName]}, 2, "store-recovered"},
		{"database empty", map[string]string{databaseName: "", mirrorName: after[mirrorName]}, 2, "store-recovered"},
		{"only the backup is left", map[string]string{mirrorBackup: before[mirrorName]}, 1, "store-recovered"},
		{"mirror damaged", map[string]string{databaseName: after[databaseName], mirrorName: "{}"}, 2, "mirror-damaged"},
		{"all damaged", map[string]string{databaseName: "x", mirrorName: "{}", mirrorBackup: ""}, 0, "store-lost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			for name, data := range c.files {
				if err := os.WriteFile(filepath.Join(home, name), []byte(data), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s := open(t, home)
			if got := s.State().Local["n"].Port; got != c.want {
				t.Errorf("at %d, want %d", got, c.want)
			}
			code := ""
			for _, f := range s.Recovered() {
				code = f.Code
			}
			if code != c.code {
				t.Errorf("recovered %v, want the code %q", s.Recovered(), c.code)
			}
			raise(t, s)
			shut(t, s)
			if s = open(t, home); len(s.Recovered()) != 0 || s.State().Local["n"].Port != c.want+1 {
				t.Errorf("opened again: %+v, recovered %v", s.State().Local, s.Recovered())
			}
		})
	}
}

// TestDamagedFilesAreKept: whatever is set aside keeps its bytes, and the person
// is told its name.
func TestDamagedFilesAreKept(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{databaseName, mirrorName, mirrorBackup} {
		if err := os.WriteFile(filepath.Join(home, name), []byte("broken "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, home)
	if len(s.Recovered()) != 1 {
		t.Fatalf("recovered %v", s.Recovered())
	}
	for _, name := range []string{databaseName, mirrorName, mirrorBackup} {
		kept, err := filepath.Glob(filepath.Join(home, name+".damaged-*"))
		if err != nil || len(kept) != 1 {
			t.Fatalf("%s: kept %v, %v", name, kept, err)
		}
		if data, err := os.ReadFile(kept[0]); err != nil || string(data) != "broken "+name {
			t.Errorf("%s holds %q, %v", kept[0], data, err)
		}
		if hint := s.Recovered()[0].Hint; !strings.Contains(hint, filepath.Base(kept[0])) {
			t.Errorf("the hint %q does not name %s", hint, kept[0])
		}
	}
}

func TestNewerSchemaIsNotTouched(t *testing.T) {
	sealed := func(raw []byte) []byte {
		data, err := json.Marshal(mirror{mirrorSum(raw), raw})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	newer := []byte(`{"seq":9,"next_revision":1,"revisions":0,"sum":0,"state":{"schema":99}}`)
	home := t.TempDir()
	s := open(t, home)
	raise(t, s)
	shut(t, s)
	for _, c := range []struct {
		name string
		file string
		data []byte
	}{
		{"in state.json", mirrorName, sealed(newer)},
		{"in the database", databaseName, newerDatabase(t, newer)},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			path := filepath.Join(home, c.file)
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(home, slog.New(slog.DiscardHandler))
			wantFault(t, err, "schema-newer")
			if data, err := os.ReadFile(path); err != nil || string(data) != string(c.data) {
				t.Errorf("the file was touched: %v", err)
			}
			if files, err := os.ReadDir(home); err != nil || len(files) != 2 { // and the lock
				t.Errorf("files %v, %v", files, err)
			}
		})
	}
}

// newerDatabase returns a database that holds just this document.
func newerDatabase(t *testing.T, document []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), databaseName)
	db, err := openDatabase(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.update(func(b *bolt.Bucket) error { return b.Put(keyDocument, seal(keyDocument, document)) }); err != nil {
		t.Fatal(err)
	}
	if err := db.close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMissingBaseIsReportedUntilItIsBack(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	follow(t, s, "team", map[string]string{"dev.json": "[1]", "prod.json": "[2]"})
	sha := portolan.BlobSHA([]byte("[1]"))
	shut(t, s)
	if err := os.Remove(filepath.Join(home, databaseName)); err != nil {
		t.Fatal(err)
	}
	s = open(t, home)
	r := s.Recovered()
	if len(r) != 2 || r[0].Code != "store-recovered" || r[1].Code != "blob-missing" {
		t.Fatalf("recovered %v", r)
	}
	if got := s.Lacking([]string{sha}); len(got) != 1 {
		t.Fatalf("lacking %v", got)
	}
	follow(t, s, "team", map[string]string{"dev.json": "[1]", "prod.json": "[2]"})
	if list, err := s.Revisions("team"); err != nil || len(list) != 1 || list[0].Number != 2 {
		t.Errorf("revisions %v, %v; want number 2 alone, as 1 was given before", list, err)
	}
	shut(t, s)
	if s = open(t, home); len(s.Recovered()) != 0 {
		t.Errorf("recovered %v", s.Recovered())
	}
}
