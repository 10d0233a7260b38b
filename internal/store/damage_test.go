package store

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/portolan-app/portolan/internal/portolan"
)

// image is a home directory as it was at one moment, and what its store held.
type image struct {
	files     map[string][]byte
	state     portolan.State
	revisions map[uint64]portolan.Revision
	blobs     map[string][]byte
}

// takeImage reads a closed store's files and, reopened, its contents.
func takeImage(t *testing.T, home string) image {
	t.Helper()
	s := open(t, home)
	img := image{map[string][]byte{}, s.State(), map[uint64]portolan.Revision{}, map[string][]byte{}}
	for _, source := range img.state.Sources {
		list, err := s.Revisions(source.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			img.revisions[r.Number] = r
			for _, f := range r.Files {
				data, err := s.Blob(f.SHA)
				if err != nil {
					t.Fatal(err)
				}
				img.blobs[f.SHA] = data
			}
		}
	}
	shut(t, s)
	for _, name := range []string{databaseName, mirrorName, mirrorBackup} {
		data, err := os.ReadFile(filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		img.files[name] = data
	}
	return img
}

func (img image) clone() image {
	img.files = maps.Clone(img.files)
	for name, data := range img.files {
		img.files[name] = bytes.Clone(data)
	}
	return img
}

func (img image) write(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	for name, data := range img.files {
		if err := os.WriteFile(filepath.Join(home, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// makeImages returns a well-used store and the same one a little earlier.
func makeImages(t *testing.T) (now, earlier image) {
	t.Helper()
	home := t.TempDir()
	rnd := rand.New(rand.NewPCG(1, 2))
	content := func() string {
		b := make([]byte, rnd.IntN(2500))
		for i := range b {
			b[i] = byte(rnd.IntN(256))
		}
		return string(b)
	}
	history := func(n int) {
		s := open(t, home)
		for i := range n {
			source := fmt.Sprint("team-", i%3)
			follow(t, s, source, map[string]string{"dev.json": content(), "prod.json": fmt.Sprint(i / 9), "empty.json": ""})
			update(t, s, func(tx *Tx) {
				tx.State.Local = map[portolan.ID]portolan.Local{"a": {Port: 1024 + len(tx.State.Mine)}}
				tx.State.Mine = append(tx.State.Mine, portolan.MyEntry{
					ID: portolan.ID(fmt.Sprint("id-", i)), Environment: "dev",
					Entry: portolan.Entry{Alias: fmt.Sprint("alias-", i), Service: strings.Repeat("s", 20)},
				})
			})
		}
		shut(t, s)
	}
	history(30)
	earlier = takeImage(t, home)
	history(6)
	return takeImage(t, home), earlier
}

// outcome of opening a damaged store.
type outcome string

const (
	harmless  outcome = "harmless"  // everything reads back exactly, and nothing is said
	recovered outcome = "recovered" // something is said; what reads back is right
	wrong     outcome = "wrong"
)

// judge opens a damaged home and compares with what was in it. The state must be
// exact in any case if stateKept.
func (img image) judge(t *testing.T, home string, stateKept bool) (outcome, string) {
	t.Helper()
	s := open(t, home)
	defer shut(t, s)
	said := len(s.Recovered()) > 0
	exact := reflect.DeepEqual(s.State(), img.state)
	if !exact && (stateKept || !said) {
		return wrong, fmt.Sprintf("the state differs; said %v", s.Recovered())
	}
	n := 0
	for _, source := range img.state.Sources {
		list, err := s.Revisions(source.Name)
		if err != nil {
			return wrong, err.Error()
		}
		n += len(list)
		for _, r := range list {
			if !reflect.DeepEqual(r, img.revisions[r.Number]) {
				return wrong, fmt.Sprintf("revision %d differs", r.Number)
			}
		}
	}
	lacking := 0
	for sha, want := range img.blobs {
		switch got, err := s.Blob(sha); {
		case err != nil:
			lacking++
		case !bytes.Equal(got, want):
			return wrong, "a blob differs"
		}
	}
	switch {
	case said:
		return recovered, s.Recovered()[0].Message
	case n != len(img.revisions) || lacking > 0:
		return wrong, fmt.Sprintf("%d of %d revisions, %d blobs missing, and nothing said", n, len(img.revisions), lacking)
	}
	return harmless, ""
}

// flip turns over up to four bits.
func flip(rnd *rand.Rand, data []byte) string {
	at := make([]int, 1+rnd.IntN(4))
	for i := range at {
		at[i] = rnd.IntN(len(data) * 8)
		data[at[i]/8] ^= 1 << (at[i] % 8)
	}
	return fmt.Sprint("flipped bits ", at)
}

// flipHeader aims at page headers and element tables, where structure lives.
func flipHeader(rnd *rand.Rand, data []byte) string {
	at := rnd.IntN(len(data)/pageSize)*pageSize + rnd.IntN(96)
	bit := rnd.IntN(8)
	data[at] ^= 1 << bit
	return fmt.Sprintf("flipped bit %d of byte %d of page %d", bit, at%pageSize, at/pageSize)
}

// tear replaces the rest of a page from some sector on by zeros, by noise, or by
// what an earlier database had there, as a write that never arrived would.
func tear(rnd *rand.Rand, data, earlier []byte) string {
	page := rnd.IntN(len(data) / pageSize)
	from := page*pageSize + 512*rnd.IntN(8)
	rest := data[from : (page+1)*pageSize]
	switch kind := rnd.IntN(3); {
	case kind == 0 || kind == 1 && from >= len(earlier):
		clear(rest)
	case kind == 1:
		copy(rest, earlier[from:])
	default:
		for i := range rest {
			rest[i] = byte(rnd.IntN(256))
		}
	}
	return fmt.Sprintf("tore page %d at byte %d", page, from%pageSize)
}

// lose undoes the last write of whole pages, as a disk does that said "written"
// too early: every sum on them is right, and they are old.
func lose(rnd *rand.Rand, data, earlier []byte) string {
	var differ []int
	for page := 0; (page+1)*pageSize <= min(len(data), len(earlier)); page++ {
		if at := page * pageSize; !bytes.Equal(data[at:at+pageSize], earlier[at:at+pageSize]) {
			differ = append(differ, page)
		}
	}
	rnd.Shuffle(len(differ), func(i, j int) { differ[i], differ[j] = differ[j], differ[i] })
	lost := differ[:1+rnd.IntN(3)]
	for _, page := range lost {
		copy(data[page*pageSize:(page+1)*pageSize], earlier[page*pageSize:])
	}
	return fmt.Sprint("lost pages ", lost)
}

// TestValueGoneWithItsKey: no page is damaged, no checksum is wrong, and yet
// something is not there.
func TestValueGoneWithItsKey(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	for i := range 3 {
		follow(t, s, "team", map[string]string{"dev.json": fmt.Sprint(i)})
	}
	shut(t, s)
	db, err := openDatabase(filepath.Join(home, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.update(func(b *bolt.Bucket) error { return b.Delete(revisionKey("team", 2)) }); err != nil {
		t.Fatal(err)
	}
	if err := db.close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, home)
	if r := s.Recovered(); len(r) != 1 || r[0].Code != "store-recovered" {
		t.Errorf("recovered %v", r)
	}
	// The page that still has it has not been written over, so it even comes back.
	if list, err := s.Revisions("team"); err != nil || len(list) != 3 {
		t.Errorf("revisions %v, %v", list, err)
	}
}

func TestEveryDamageIsDetectedOrHarmless(t *testing.T) {
	now, earlier := makeImages(t)
	type damage func(rnd *rand.Rand, files map[string][]byte) string
	db := func(f func(rnd *rand.Rand, data []byte) string) damage {
		return func(rnd *rand.Rand, files map[string][]byte) string { return f(rnd, files[databaseName]) }
	}
	var mu sync.Mutex
	total := map[outcome]int{}
	t.Run("kinds", func(t *testing.T) {
		for i, kind := range []struct {
			name      string
			times     int
			stateKept bool
			damage    damage
		}{
			{"flips", 250, true, db(flip)},
			{"flips in page headers", 150, true, db(flipHeader)},
			{"torn pages", 150, true, db(func(rnd *rand.Rand, b []byte) string { return tear(rnd, b, earlier.files[databaseName]) })},
			{"lost pages", 60, true, db(func(rnd *rand.Rand, b []byte) string { return lose(rnd, b, earlier.files[databaseName]) })},
			{"files cut short", 30, true, func(rnd *rand.Rand, files map[string][]byte) string {
				n := rnd.IntN(len(files[databaseName]))
				files[databaseName] = files[databaseName][:n]
				return fmt.Sprintf("cut at %d", n)
			}},
			{"database and state.json", 60, false, func(rnd *rand.Rand, files map[string][]byte) string {
				return flip(rnd, files[databaseName]) + " and " + flip(rnd, files[mirrorName])
			}},
			{"state.json alone", 30, true, func(rnd *rand.Rand, files map[string][]byte) string { return flip(rnd, files[mirrorName]) }},
			{"an old database", 1, true, func(_ *rand.Rand, files map[string][]byte) string {
				files[databaseName] = earlier.files[databaseName]
				return "lost writes"
			}},
		} {
			t.Run(kind.name, func(t *testing.T) {
				t.Parallel()
				rnd := rand.New(rand.NewPCG(3, uint64(i)))
				count := map[outcome]int{}
				for n := range kind.times {
					broken := now.clone()
					what := kind.damage(rnd, broken.files)
					home := broken.write(t)
					got, why := now.judge(t, home, kind.stateKept)
					if count[got]++; got == wrong {
						t.Errorf("%d (%s): %s", n, what, why)
					}
					if err := os.RemoveAll(home); err != nil {
						t.Error(err)
					}
				}
				t.Log(count)
				mu.Lock()
				defer mu.Unlock()
				for o, n := range count {
					total[o] += n
				}
			})
		}
	})
	t.Log(total)
	if total[harmless]+total[recovered] < 700 || total[harmless] < 50 || total[recovered] < 200 || total[wrong] != 0 {
		t.Errorf("%v: want none wrong, and enough of the others to mean something", total)
	}
}
