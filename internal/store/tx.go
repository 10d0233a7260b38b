package store

import (
	"bytes"
	"fmt"
	"maps"

	bolt "go.etcd.io/bbolt"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Tx is one update under way. It is valid inside the function given to
// [Store.Update] only, and in its goroutine.
type Tx struct {
	// State is a copy of the current state; what the function leaves in it becomes
	// the new one. Its Schema is the store's business.
	State *portolan.State

	// Before is the current state itself: for reading only, also after the update.
	Before *portolan.State

	store     *Store
	blobs     map[string][]byte // new ones by SHA
	revisions []portolan.Revision
	next      uint64 // number of the next revision
}

// PutBlob stores data under its git blob SHA, which it returns. Data that is
// already there costs nothing; damaged data of that SHA is replaced. At the end
// of the update a blob stays only if a source in State or a revision names it.
//
// The only error is a Fault with the code "blob-too-big", above 16 MiB.
func (tx *Tx) PutBlob(data []byte) (sha string, err error) {
	if len(data) > maxBlob {
		return "", &portolan.Fault{
			Kind:    portolan.Failed,
			Code:    "blob-too-big",
			Message: fmt.Sprintf("a file of %d bytes is too big to keep; the limit is %d", len(data), maxBlob),
		}
	}
	sha = portolan.BlobSHA(data)
	if _, err := tx.Blob(sha); err != nil {
		tx.blobs[sha] = bytes.Clone(data)
	}
	return sha, nil
}

// Blob is [Store.Blob], and sees what this update has put.
func (tx *Tx) Blob(sha string) ([]byte, error) {
	if data, ok := tx.blobs[sha]; ok {
		return bytes.Clone(data), nil
	}
	return tx.store.Blob(sha)
}

// AddRevision appends a revision to the history of r.Source and returns its
// number; r.Number is not looked at. A source keeps its last 200.
func (tx *Tx) AddRevision(r portolan.Revision) (number uint64) {
	r.Number = tx.next
	tx.next++
	tx.revisions = append(tx.revisions, r)
	return r.Number
}

// write puts the update into the bucket, with the State encoded, and
// returns what the new document is.
func (tx *Tx) write(b *bolt.Bucket, before *snapshot, encoded encoding) (*snapshot, error) {
	c := &contents{b, before.Sum}
	for sha, data := range tx.blobs {
		key, err := blobKey(sha)
		if err != nil {
			return nil, err
		}
		if err := c.put(key, encodeBlob(data)); err != nil {
			return nil, err
		}
	}
	pruned, unnamed := 0, false // unnamed: a blob may have lost its last name
	for _, r := range tx.revisions {
		if err := c.putRevision(r); err != nil {
			return nil, err
		}
		n, err := c.prune(r.Source)
		if err != nil {
			return nil, err
		}
		pruned += n
		unnamed = unnamed || n > 0 && r.Source != portolan.Mine // whose revisions name none
	}
	if len(tx.blobs) > 0 || unnamed || !maps.Equal(baseBlobs(before.state), baseBlobs(*tx.State)) {
		if err := c.sweep(*tx.State); err != nil {
			return nil, err
		}
	}
	after, err := tx.store.schema.snapshot(document{
		Seq:          before.Seq + 1,
		NextRevision: tx.next,
		Revisions:    before.Revisions + len(tx.revisions) - pruned,
		Sum:          c.sum,
	}, *tx.State, encoded)
	if err != nil {
		return nil, err
	}
	return after, c.seal(after)
}
