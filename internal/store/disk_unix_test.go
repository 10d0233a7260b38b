//go:build unix

package store

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

// fill follows a source with ever more contents until a write fails, and checks
// that the failure says why and takes nothing with it.
func fill(t *testing.T, home string) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(5, 6))
	s := open(t, home)
	files := map[string]string{}
	for i := 0; ; i++ {
		if i == 1000 {
			t.Fatal("the disk does not fill up")
		}
		before := s.State()
		noise := make([]byte, 3000)
		for j := range noise {
			noise[j] = byte(rnd.IntN(256))
		}
		err := s.Update(func(tx *Tx) error {
			sha, err := tx.PutBlob(noise)
			tx.State.Consents = append(tx.State.Consents, portolan.Consent{Value: fmt.Sprint(i)})
			tx.AddRevision(portolan.Revision{Source: "team", Files: map[string]portolan.BaseFile{"a": {SHA: sha}}})
			return err
		})
		if err == nil {
			files[portolan.BlobSHA(noise)] = string(noise)
			continue
		}
		wantFault(t, err, "disk-full")
		if !reflect.DeepEqual(s.State(), before) {
			t.Error("the failed update changed the state")
		}
		t.Logf("full after %d updates: %v", i, err)
		break
	}
	check := func() {
		t.Helper()
		for sha, want := range files {
			if got, err := s.Blob(sha); err != nil || string(got) != want {
				t.Errorf("blob %s: %v", sha, err)
			}
		}
		if list, err := s.Revisions("team"); err != nil || len(list) != len(files) || len(s.State().Consents) != len(files) {
			t.Errorf("%d revisions, %v, %d consents; want %d", len(list), err, len(s.State().Consents), len(files))
		}
	}
	check()
	shut(t, s)
	s = open(t, home) // still full
	check()
	if r := s.Recovered(); len(r) != 0 {
		t.Errorf("recovered %v", r)
	}
	shut(t, s)
}

// TestFileSizeLimit runs in a process of its own, as the limit is the process's.
func TestFileSizeLimit(t *testing.T) {
	const homeOfChild = "STORE_TEST_LIMIT_HOME"
	home := os.Getenv(homeOfChild)
	if home == "" {
		home = t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestFileSizeLimit$", "-test.v")
		cmd.Env = append(os.Environ(), homeOfChild+"="+home)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		raise(t, open(t, home)) // with room again, so do updates
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 200_000, Max: 200_000}); err != nil {
		t.Fatal(err)
	}
	fill(t, home)
}

// TestReadOnlyHome needs a process whose rights end somewhere: root's are taken
// from this thread.
func TestReadOnlyHome(t *testing.T) {
	home := t.TempDir()
	shut(t, open(t, home))
	for _, path := range []string{filepath.Dir(home), home, filepath.Join(home, databaseName), filepath.Join(home, "lock")} {
		if err := os.Chmod(path, 0o555); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(home, 0o700) // so that it can be removed
	asNobody(t, func() {
		_, err := Open(home, slog.New(slog.DiscardHandler))
		wantFault(t, err, "store-permission")
		_, err = Open(filepath.Join(home, "new"), slog.New(slog.DiscardHandler))
		wantFault(t, err, "store-permission")
	})
}

// TestFileCutUnderTheStore cuts the mapped file short: reading it is a fault of
// the processor that must come out as an error.
func TestFileCutUnderTheStore(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	sha := ""
	for i := range 20 {
		noise := make([]byte, 4000)
		for j := range noise {
			noise[j] = byte(rand.Uint32())
		}
		content := string(noise)
		follow(t, s, "team", map[string]string{"dev.json": content})
		if i == 0 {
			sha = portolan.BlobSHA(noise)
		}
	}
	want := s.State()
	if err := os.Truncate(filepath.Join(home, databaseName), 2*pageSize); err != nil {
		t.Fatal(err)
	}
	_, err := s.Blob(sha)
	wantFault(t, err, "blob-damaged")
	_, err = s.Revisions("team")
	wantFault(t, err, "store-damaged")
	if got := s.State(); !reflect.DeepEqual(got, want) {
		t.Error("the state in memory changed")
	}
	err = s.Update(func(tx *Tx) error { tx.AddRevision(portolan.Revision{Source: "team"}); return nil })
	wantFault(t, err, "store-damaged")
	shut(t, s)
	s = open(t, home)
	if got := s.State(); !reflect.DeepEqual(got, want) {
		t.Error("the state did not come back from its copy")
	}
	if r := s.Recovered(); len(r) == 0 {
		t.Error("nothing was said")
	}
}
