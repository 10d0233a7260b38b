package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

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

// writeMirror writes and flushes a document as state.json holds one.
func writeMirror(path string, document []byte) error {
	return writeFile(path, fmt.Appendf(nil, `{"crc32c":"%s","document":%s}`+"\n", mirrorSum(document), document))
}

// replaceMirror makes a document the content of state.json, and the former one its
// backup.
func replaceMirror(home string, document []byte) error {
	current, staged := filepath.Join(home, mirrorName), filepath.Join(home, mirrorStaged)
	if err := writeMirror(staged, document); err != nil {
		return err
	}
	if err := os.Rename(current, filepath.Join(home, mirrorBackup)); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Rename(staged, current); err != nil {
		return err
	}
	return syncDir(home)
}

// mirrorDelay is how far state.json may be behind the database: nobody waits for
// it, and what changes in a row is written once.
const mirrorDelay = 100 * time.Millisecond

// mirroring makes state.json follow the database.
type mirroring struct {
	write   func()     // writes what is current
	writing sync.Mutex // held while it does; taken before mu

	mu    sync.Mutex
	timer *time.Timer // nil: nothing is to be written
}

// soon has state.json written within mirrorDelay, and waits for nothing.
func (m *mirroring) soon() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.timer == nil {
		m.timer = time.AfterFunc(mirrorDelay, m.now)
	}
}

// now has state.json written, if there is anything to write. When it returns
// nothing is being written any more.
func (m *mirroring) now() {
	m.writing.Lock()
	defer m.writing.Unlock()
	if m.due() {
		m.write()
	}
}

// due reports whether there is anything to write, which the caller does.
func (m *mirroring) due() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.timer == nil {
		return false
	}
	m.timer.Stop()
	m.timer = nil
	return true
}
