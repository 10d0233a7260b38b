package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

// bigDatabase returns a database whose tree has a branch page, and its bytes.
func bigDatabase(tb testing.TB) []byte {
	tb.Helper()
	home := tb.TempDir()
	s := open(tb, home)
	for i := range 6 {
		update(tb, s, func(tx *Tx) {
			files := map[string]portolan.BaseFile{}
			for j := range 30 {
				sha, err := tx.PutBlob(fmt.Appendf(nil, "%d %d", i, j))
				if err != nil {
					tb.Fatal(err)
				}
				files[fmt.Sprint(j, ".json")] = portolan.BaseFile{SHA: sha}
			}
			tx.AddRevision(portolan.Revision{Source: "team", Files: files})
		})
	}
	shut(tb, s)
	data, err := os.ReadFile(filepath.Join(home, databaseName))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestCheckPages damages structure on purpose, each time so that bbolt itself
// would not notice, or would panic, or would walk in circles.
func TestCheckPages(t *testing.T) {
	whole := bigDatabase(t)
	f := pages{bytes.NewReader(whole), int64(len(whole))}
	m, err := f.meta()
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.read(m.root, m.limit)
	if err != nil {
		t.Fatal(err)
	}
	bucket, err := root.element(0)
	if err != nil {
		t.Fatal(err)
	}
	branch := order.Uint64(bucket.value)
	p, err := f.read(branch, m.limit)
	if err != nil || p.flags != branchPage || p.count < 3 {
		t.Fatalf("the bucket's page is %+v, %v; want a branch page", p.flags, err)
	}
	first, err := p.element(0)
	if err != nil {
		t.Fatal(err)
	}
	at := func(page uint64, offset int) int { return int(page)*pageSize + offset }
	for _, c := range []struct {
		name   string
		damage func(b []byte)
	}{
		{"a branch that leads to itself", func(b []byte) { order.PutUint64(b[at(branch, headerSize+8):], branch) }},
		{"two branches to one page", func(b []byte) { order.PutUint64(b[at(branch, headerSize+elementSize+8):], first.child) }},
		{"a branch out of the file", func(b []byte) { order.PutUint64(b[at(branch, headerSize+8):], 1<<40) }},
		{"a branch to the free list", func(b []byte) { order.PutUint64(b[at(branch, headerSize+8):], m.freelist) }},
		{"a branch without elements", func(b []byte) { order.PutUint16(b[at(branch, 10):], 0) }},
		{"more elements than there is room", func(b []byte) { order.PutUint16(b[at(first.child, 10):], 0xFFF0) }},
		{"an element out of its page", func(b []byte) { order.PutUint32(b[at(first.child, headerSize+12):], 1<<30) }},
		{"an empty key", func(b []byte) { order.PutUint32(b[at(first.child, headerSize+8):], 0) }},
		{"keys out of order", func(b []byte) {
			clear(b[at(first.child, headerSize):at(first.child, headerSize+4)])
			copy(b[at(first.child, headerSize+elementSize):], b[at(first.child, headerSize):at(first.child, headerSize+elementSize)])
		}},
		{"a value that claims to be a bucket", func(b []byte) { b[at(first.child, headerSize)] = bucketElement }},
		{"a page that spans its neighbours", func(b []byte) { order.PutUint32(b[at(first.child, 12):], uint32(m.limit-first.child-1)) }},
		{"a page that spans the world", func(b []byte) { order.PutUint32(b[at(first.child, 12):], 0xFFFFFFFF) }},
		{"a page with another's id", func(b []byte) { b[at(first.child, 0)]++ }},
		{"a page in use listed as free", func(b []byte) {
			order.PutUint16(b[at(m.freelist, 10):], 1)
			order.PutUint64(b[at(m.freelist, headerSize):], first.child)
		}},
		{"a free list longer than its page", func(b []byte) { order.PutUint16(b[at(m.freelist, 10):], 4000) }},
		{"no meta page", func(b []byte) { b[headerSize]++; b[pageSize+headerSize]++ }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bytes.Clone(whole)
			c.damage(b)
			err := checkPages(bytes.NewReader(b), int64(len(b)))
			if !isDamage(err) {
				t.Fatalf("checkPages = %v, want damage", err)
			}
			t.Log(err)
			salvage(bytes.NewReader(b), int64(len(b)), func(_, _ []byte) {})
		})
	}
	if err := checkPages(bytes.NewReader(whole), int64(len(whole))); err != nil {
		t.Errorf("the whole one: %v", err)
	}
}

// FuzzCheckPages holds checkPages to its promise: what passes it, bbolt reads
// without a panic and in finite time.
func FuzzCheckPages(f *testing.F) {
	whole := bigDatabase(f)
	f.Add(0, []byte{0})
	f.Add(3*pageSize+8, []byte{1, 0, 9})
	f.Fuzz(func(t *testing.T, at int, patch []byte) {
		b := bytes.Clone(whole)
		copy(b[uint(at)%uint(len(b)):], patch)
		salvage(bytes.NewReader(b), int64(len(b)), func(_, _ []byte) {})
		if checkPages(bytes.NewReader(b), int64(len(b))) != nil {
			return
		}
		path := filepath.Join(t.TempDir(), databaseName)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := openDatabase(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.load(today())
		if d := new(damageError); errors.As(err, &d) && d.panicked {
			t.Error(err)
		}
		if err := db.close(); err != nil {
			t.Error(err)
		}
	})
}
