package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

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
	state portolan.State
}

// encode returns the State as it is stored.
func (s schema) encode(state portolan.State) (json.RawMessage, error) {
	state.Schema = s.version
	data, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("encoding the state: %w", err)
	}
	return data, nil
}

// newSnapshot encodes a document whose State comes from schema.encode. The parsed
// State is read back from the bytes, so that memory holds exactly what the disk
// does and shares nothing with the caller.
func newSnapshot(d document) (*snapshot, error) {
	s := &snapshot{document: d}
	var err error
	if s.raw, err = json.Marshal(d); err != nil {
		return nil, fmt.Errorf("encoding the state: %w", err)
	}
	if err := json.Unmarshal(d.State, &s.state); err != nil {
		return nil, fmt.Errorf("the state does not read back: %w", err)
	}
	return s, nil
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

// mirror is the content of state.json: a document and its CRC-32C, in hex, over
// keyDocument and the document's bytes as they stand in the file.
type mirror struct {
	CRC32C   string          `json:"crc32c"`
	Document json.RawMessage `json:"document"`
}

func mirrorSum(document []byte) string {
	return fmt.Sprintf("%08x", checksum(keyDocument, document))
}

// readMirror reads state.json or its backup. The error is fs.ErrNotExist for no
// such file.
func readMirror(path string, s schema) (*snapshot, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var m mirror
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, damaged("it does not parse: %v", err)
	}
	if m.CRC32C != mirrorSum(m.Document) {
		return nil, damaged("its checksum does not match")
	}
	return s.parse(m.Document)
}

// writeMirror writes and flushes a document as state.json holds one. Under the
// name mirrorStaged it is state.json's successor, for which promoteMirror needs no
// more space.
func writeMirror(path string, document []byte) error {
	data, err := json.Marshal(mirror{mirrorSum(document), document})
	if err != nil {
		return err
	}
	return writeFile(path, append(data, '\n'))
}

// promoteMirror makes the staged file state.json, and the former one its backup.
func promoteMirror(home string) error {
	current := filepath.Join(home, mirrorName)
	if err := os.Rename(current, filepath.Join(home, mirrorBackup)); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Rename(filepath.Join(home, mirrorStaged), current); err != nil {
		return err
	}
	return syncDir(home)
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
