package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"

	"github.com/portolan-app/portolan/internal/portolan"
)

// The files of a home directory, beside "lock".
const (
	databaseName   = "portolan.db"
	databaseStaged = "portolan.db.new" // being built by a recovery
	mirrorName     = "state.json"
	mirrorBackup   = "state.json.bak"
	mirrorStaged   = "state.json.new" // being written
)

// Store is an open home directory. Its methods may be called at any time from
// any goroutine, but for Update inside Update.
type Store struct {
	home      string
	log       *slog.Logger
	lock      *homeLock
	schema    schema
	recovered []portolan.Fault

	current   atomic.Pointer[snapshot]
	mirroring mirroring

	mu     sync.Mutex // held by Update and Close; guards what follows
	db     database   // its reads need no mu
	broken error      // bbolt panicked: no more updates
	closed bool
}

// Open opens the store in the directory home, which it creates (mode 0700) where
// there is none; files get mode 0600. It locks the directory: a second Open,
// by whatever process, gets a Fault with the code "home-in-use" that names the
// holder.
//
// A damaged store is put right as far as its files allow, and the damaged files
// are kept; see [Store.Recovered]. Other Faults: "schema-newer" (nothing is
// touched), "schema-migration", "store-permission", "disk-full", "store-write".
func Open(home string, log *slog.Logger) (*Store, error) {
	return openAt(home, log, today())
}

func openAt(home string, log *slog.Logger, schema schema) (*Store, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, ioFault("creating the home directory", home, err)
	}
	lock, err := lockHome(home, log)
	if err != nil {
		return nil, err
	}
	s := &Store{home: home, log: log, lock: lock, schema: schema}
	s.mirroring.write = s.writeMirror
	if err := s.open(); err != nil {
		_ = s.Close() // the reason above is the one that matters
		return nil, err
	}
	for _, f := range s.recovered {
		log.Warn("the store was repaired", "code", f.Code, "message", f.Message, "hint", f.Hint)
	}
	return s, nil
}

// State returns a deep copy of the state as the last successful Update left it.
func (s *Store) State() portolan.State { return s.current.Load().state.Clone() }

// Peek is State without the copy: shared by all who ask, and for reading only. An
// Update leaves it as it is and makes another.
func (s *Store) Peek() *portolan.State { return &s.current.Load().state }

// Recovered tells what Open found damaged and how it was put right, for the
// person. It is empty after a clean Open.
func (s *Store) Recovered() []portolan.Fault { return slices.Clone(s.recovered) }

// Abandoned reports whether the process that had the directory before this one
// ended without [Store.Close]: it crashed, was killed, or the machine went down.
func (s *Store) Abandoned() bool { return s.lock.abandoned }

// Update runs fn on a copy of the state and makes what fn has done to its Tx the
// new content of the store, on disk when Update returns. Updates run one after
// the other. If fn or the writing fails, nothing has changed, and the error is
// fn's own or a Fault ("disk-full", "store-write", "store-permission",
// "store-damaged"). An fn that changes nothing causes no write.
func (s *Store) Update(fn func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	before := s.current.Load()
	state := before.state.Clone()
	tx := &Tx{State: &state, Before: &before.state, store: s, blobs: map[string][]byte{}, next: before.NextRevision}
	if err := fn(tx); err != nil {
		return err
	}
	encoded, err := s.schema.encodeAfter(before.state, before.encoded, *tx.State)
	if err != nil {
		return err
	}
	if len(tx.blobs) == 0 && len(tx.revisions) == 0 && bytes.Equal(encoded.whole, before.document.State) {
		return nil
	}
	return s.commit(func(b *bolt.Bucket) (*snapshot, error) { return tx.write(b, before, encoded) })
}

// commit lets write change the bucket and makes the snapshot it returns the
// current one, in the order that the package comment gives.
func (s *Store) commit(write func(*bolt.Bucket) (*snapshot, error)) error {
	var after *snapshot
	err := s.db.update(func(b *bolt.Bucket) (err error) {
		after, err = write(b)
		return err
	})
	if err != nil {
		fault := ioFault("writing", s.path(databaseName), err)
		if d := new(damageError); errors.As(err, &d) && d.panicked {
			s.broken = fault
		}
		return fault
	}
	s.current.Store(after)
	s.mirroring.soon()
	return nil
}

// writeMirror makes state.json what the database holds.
func (s *Store) writeMirror() {
	if err := replaceMirror(s.home, s.current.Load().raw); err != nil {
		s.log.Warn("the copy of the state is behind; the next change or start writes it again", "error", err)
	}
}

// Blob returns the content of a git blob SHA, checked against it. Faults:
// "blob-missing" and "blob-damaged", which [IsLost] tells from others; the next
// sync of its source fetches it again.
func (s *Store) Blob(sha string) (data []byte, err error) {
	key, err := blobKey(sha)
	if err != nil {
		return nil, err
	}
	found := false
	err = s.db.view(func(b *bolt.Bucket) (err error) {
		if v := b.Get(key); v != nil {
			found = true
			data, err = decodeBlob(key, v)
		}
		return err
	})
	const again = "sync its source: the file is fetched again"
	switch {
	case isDamage(err):
		return nil, &portolan.Fault{Kind: portolan.Failed, Code: codeBlobDamaged, Message: "the store is damaged: " + err.Error(), Hint: again}
	case err != nil:
		return nil, ioFault("reading", s.path(databaseName), err)
	case !found:
		return nil, &portolan.Fault{Kind: portolan.Failed, Code: codeBlobMissing, Message: fmt.Sprintf("the store does not hold the file content %s", sha), Hint: again}
	}
	return data, nil
}

// Lacking returns those of the blobs that are missing or damaged, in the order
// given. Empty SHAs are passed over.
func (s *Store) Lacking(shas []string) []string {
	var lacking []string
	for _, sha := range shas {
		if sha == "" {
			continue
		}
		if _, err := s.Blob(sha); err != nil {
			lacking = append(lacking, sha)
		}
	}
	return lacking
}

// Revisions returns the history of a source, newest first: at most 200. The error
// is a Fault with the code "store-damaged".
func (s *Store) Revisions(source string) (list []portolan.Revision, err error) {
	prefix := revisionPrefix(source)
	err = s.db.view(func(b *bolt.Bucket) error {
		c := b.Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			r, err := decodeRevision(k, v)
			if err != nil {
				return err
			}
			list = append(list, r)
		}
		return nil
	})
	if err != nil {
		return nil, ioFault("reading", s.path(databaseName), err)
	}
	slices.Reverse(list)
	return list, nil
}

// Close waits for an Update under way, has state.json follow and gives the directory free. Reads of the
// state still work after it. Closing twice does no harm.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.mirroring.now()
	var err error
	// Bbolt may hold its own locks after a panic and never return from closing.
	if s.db.bolt != nil && s.broken == nil {
		err = s.db.close()
	}
	return errors.Join(err, s.lock.release())
}

func (s *Store) path(name string) string { return filepath.Join(s.home, name) }
