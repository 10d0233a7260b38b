package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// document is the one value under keyDocument and the content of state.json.
//
// Whatever a later schema changes, it stays at this key, in this frame, with the
// State's "schema" inside: that is how an older program knows to keep its hands
// off.
type document struct {
	Seq          uint64          `json:"seq"`           // one more at every write
	NextRevision uint64          `json:"next_revision"` // numbers are never given twice
	Revisions    int             `json:"revisions"`     // how many the database holds
	Sum          uint32          `json:"sum"`           // of all other values; see contents
	State        json.RawMessage `json:"state"`
}

// snapshot is a document with its parsed State. It is never changed.
type snapshot struct {
	raw []byte // the document as it is stored
	document
	state   portolan.State
	encoded encoding // of state, as far as it is known; for the next one
}

// snapshot is the one of a document whose State is state, encoded. It keeps nothing
// of the caller's.
func (s schema) snapshot(d document, state portolan.State, encoded encoding) (*snapshot, error) {
	raw := fmt.Appendf(nil, `{"seq":%d,"next_revision":%d,"revisions":%d,"sum":%d,"state":%s}`,
		d.Seq, d.NextRevision, d.Revisions, d.Sum, encoded.whole)
	d.State = raw[len(raw)-1-len(encoded.whole) : len(raw)-1]
	encoded.whole = d.State
	back, err := s.readBack(state)
	return &snapshot{raw: raw, document: d, state: back, encoded: encoded}, err
}

// readBack is a state as it parses after encode, so that memory holds exactly what
// the disk does, and nothing is written that would not parse. The maps that have a
// row for each of thousands of entries are copied: they hold plain strings, numbers
// and booleans, which are the same on the way back.
func (s schema) readBack(state portolan.State) (back portolan.State, err error) {
	var bulk portolan.State
	bulk.Local, state.Local = state.Local, nil
	state.Sources = slices.Clone(state.Sources)
	for i := range state.Sources {
		bulk.Sources = append(bulk.Sources, portolan.Source{IDs: state.Sources[i].IDs})
		state.Sources[i].IDs = nil
	}
	bulk = bulk.Clone()
	slim, err := s.encode(state)
	if err != nil {
		return back, err
	}
	if err := json.Unmarshal(slim.whole, &back); err != nil {
		return back, fmt.Errorf("the state does not read back: %w", err)
	}
	if len(bulk.Local) > 0 {
		back.Local = bulk.Local
	}
	for i := range bulk.Sources {
		if ids := bulk.Sources[i].IDs; len(ids) > 0 {
			back.Sources[i].IDs = ids
		}
	}
	return back, nil
}

// parse reads a document, migrating the State of an older schema. A newer schema
// is a Fault; anything unreadable is damage.
func (s schema) parse(raw []byte) (*snapshot, error) {
	snap := &snapshot{raw: raw}
	if err := json.Unmarshal(raw, &snap.document); err != nil {
		return nil, damaged("the document does not parse: %v", err)
	}
	state, err := s.migrate(snap.State)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(state, &snap.state); err != nil {
		return nil, damaged("the state does not parse: %v", err)
	}
	return snap, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C over a key and its content, so that a value found under
// another key is damage too.
func checksum(key, content []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, content)
}

// seal puts the checksum, big-endian, before the content.
func seal(key, content []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, checksum(key, content)), content...)
}

// unseal returns the content of a sealed value if the checksum holds. It is a
// part of value.
func unseal(key, value []byte) ([]byte, error) {
	if len(value) < 4 || binary.BigEndian.Uint32(value) != checksum(key, value[4:]) {
		return nil, damaged("the checksum of %q does not match", key)
	}
	return value[4:], nil
}

// writeFile writes and flushes a file of mode 0600; a part of one is removed.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}
