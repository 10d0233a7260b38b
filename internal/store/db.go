package store

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/portolan-app/portolan/internal/portolan"
)

// All values live in one bucket. Keys begin with a letter that says what the
// value is, so that a value can be told and checked wherever it is found:
//
//	d                               the document, sealed
//	b <20 bytes of SHA-1>           a blob, zlib
//	r <source> NUL <8 bytes, big-endian>  a revision, JSON, sealed
var (
	bucketName  = []byte("portolan")
	keyDocument = []byte("d")
)

const (
	prefixBlob     = 'b'
	prefixRevision = 'r'

	// maxBlob bounds one blob, and with it what damaged zlib data may inflate to.
	// It is well above what any reader of ours accepts as an environment file.
	maxBlob = 16 << 20

	// keptRevisions is how many revisions a source keeps.
	keptRevisions = 200

	// pageSize is the same on every system, so that a home directory can be moved
	// and checkPages knows where to look.
	pageSize = 4096
)

// database is the bbolt file of a home directory.
type database struct{ bolt *bolt.DB }

// openDatabase opens or creates the file. The caller has run checkPages.
func openDatabase(path string) (db database, err error) {
	err = guard(func() error {
		db.bolt, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, PageSize: pageSize})
		return err
	})
	return db, err
}

func (db database) close() error { return guard(db.bolt.Close) }

// contents is the bucket with the sum over everything in it but the document: the
// exclusive or of the values' checksums. A value that is gone with its key, or
// back from the past with a page that was never written, leaves no bad checksum
// of its own; it leaves a wrong sum.
type contents struct {
	*bolt.Bucket
	sum uint32
}

func (c *contents) put(key, value []byte) error {
	c.forget(key)
	c.sum ^= checksum(key, value)
	return c.Put(key, value)
}

func (c *contents) remove(key []byte) error {
	c.forget(key)
	return c.Delete(key)
}

func (c *contents) forget(key []byte) {
	if old := c.Get(key); old != nil {
		c.sum ^= checksum(key, old)
	}
}

// seal stores the document; it is the last thing a write does.
func (c *contents) seal(snap *snapshot) error {
	return c.Put(keyDocument, seal(keyDocument, snap.raw))
}

// view runs fn over the bucket; a database without one is damaged.
func (db database) view(fn func(*bolt.Bucket) error) error {
	return guard(func() error {
		return db.bolt.View(func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketName)
			if b == nil {
				return damaged("it holds no data")
			}
			return fn(b)
		})
	})
}

// update runs fn over the bucket, made if need be, and commits.
func (db database) update(fn func(*bolt.Bucket) error) error {
	return guard(func() error {
		return db.bolt.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(bucketName)
			if err != nil {
				return err
			}
			return fn(b)
		})
	})
}

// load is the first full read: it sums every value up and returns the document. What
// a value says is checked when it is asked for. A document of a newer schema ends it
// before anything else is judged.
func (db database) load(s schema) (snap *snapshot, err error) {
	err = db.view(func(b *bolt.Bucket) error {
		raw, err := unseal(keyDocument, b.Get(keyDocument))
		if err != nil {
			return err
		}
		if snap, err = s.parse(bytes.Clone(raw)); err != nil {
			return err
		}
		sum := uint32(0)
		err = b.ForEach(func(k, v []byte) error {
			if k[0] != keyDocument[0] {
				sum ^= checksum(k, v)
			}
			return nil
		})
		if err == nil && sum != snap.Sum {
			err = damaged("a part of its contents is missing or out of date")
		}
		return err
	})
	return snap, err
}

func blobKey(sha string) ([]byte, error) {
	raw, err := hex.DecodeString(sha)
	if err != nil || len(raw) != 20 {
		return nil, fmt.Errorf("%q is not a git SHA-1", sha)
	}
	return append([]byte{prefixBlob}, raw...), nil
}

func encodeBlob(data []byte) []byte {
	var buf bytes.Buffer
	z := zlib.NewWriter(&buf)
	_, _ = z.Write(data) // a bytes.Buffer takes everything
	_ = z.Close()
	return buf.Bytes()
}

// decodeBlob inflates a stored blob and checks that it is what its key names.
func decodeBlob(key, value []byte) ([]byte, error) {
	sha := hex.EncodeToString(key[1:])
	z, err := zlib.NewReader(bytes.NewReader(value))
	if err != nil {
		return nil, damaged("the content of %s does not inflate: %v", sha, err)
	}
	data, err := io.ReadAll(io.LimitReader(z, maxBlob+1))
	if err != nil {
		return nil, damaged("the content of %s does not inflate: %v", sha, err)
	}
	if portolan.BlobSHA(data) != sha {
		return nil, damaged("the content of %s has another SHA", sha)
	}
	return data, nil
}

func revisionPrefix(source string) []byte {
	return append(append([]byte{prefixRevision}, source...), 0)
}

func revisionKey(source string, number uint64) []byte {
	return binary.BigEndian.AppendUint64(revisionPrefix(source), number)
}

func decodeRevision(key, value []byte) (portolan.Revision, error) {
	var r portolan.Revision
	data, err := unseal(key, value)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, damaged("revision %q does not parse: %v", key, err)
	}
	return r, nil
}

func (c *contents) putRevision(r portolan.Revision) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding a revision: %w", err)
	}
	key := revisionKey(r.Source, r.Number)
	return c.put(key, seal(key, data))
}

// prune removes the oldest revisions of source down to keptRevisions and returns
// how many went.
func (c *contents) prune(source string) (gone int, err error) {
	prefix := revisionPrefix(source)
	var keys [][]byte // ascending, so oldest first
	cursor := c.Cursor()
	for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = cursor.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	gone = max(0, len(keys)-keptRevisions)
	for _, k := range keys[:gone] {
		if err := c.remove(k); err != nil {
			return 0, err
		}
	}
	return gone, nil
}

// sweep removes the blobs that neither the sources of state nor a revision names.
func (c *contents) sweep(state portolan.State) error {
	named := baseBlobs(state)
	var blobs [][]byte
	err := c.ForEach(func(k, v []byte) error {
		switch k[0] {
		case prefixBlob:
			blobs = append(blobs, bytes.Clone(k))
		case prefixRevision:
			r, err := decodeRevision(k, v)
			if err != nil {
				return err
			}
			nameBlobs(named, r.Files)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range blobs {
		if !named[hex.EncodeToString(k[1:])] {
			if err := c.remove(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// baseBlobs is the set of blob SHAs that the sources' bases name, and what waits to
// become one.
func baseBlobs(state portolan.State) map[string]bool {
	named := map[string]bool{}
	for _, s := range state.Sources {
		nameBlobs(named, s.Base.Files)
		if s.Waiting != nil {
			nameBlobs(named, s.Waiting.Files)
		}
	}
	return named
}

func nameBlobs(named map[string]bool, files map[string]portolan.BaseFile) {
	for _, f := range files {
		named[f.SHA] = true
		named[f.BadSHA] = true
	}
}
