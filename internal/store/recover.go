package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/portolan-app/portolan/internal/portolan"
)

// open brings the store up from the files in home, whatever state they are in.
func (s *Store) open() error {
	info, err := os.Stat(s.path(databaseName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return ioFault("opening", s.path(databaseName), err)
	}
	mirror, mirrorErr := readMirror(s.path(mirrorName), s.schema)
	if isFault(mirrorErr) {
		return mirrorErr
	}
	// Creating a database is one rename, so an empty file is as good as none.
	if err != nil || info.Size() == 0 {
		return s.rebuild(nil)
	}
	switch err := s.attach(); {
	case isDamage(err):
		return s.rebuild(err)
	case err != nil:
		return err
	}
	if mirror != nil && mirror.Seq > s.current.Load().Seq {
		cause := damaged("it lacks the last change that %s has", mirrorName)
		if err := s.db.close(); err != nil {
			return ioFault("closing", s.path(databaseName), err)
		}
		s.db = database{}
		return s.rebuild(cause)
	}
	return s.settle(mirror, mirrorErr)
}

// attach checks the database from the first page to the last value and opens it.
func (s *Store) attach() error {
	path := s.path(databaseName)
	if err := checkFile(path); err != nil {
		return err
	}
	db, err := openDatabase(path)
	if errors.Is(err, bolterrors.ErrTimeout) {
		return inUse(s.home, holder{}, "stop it first, or choose another directory with PORTOLAN_HOME")
	}
	if err == nil {
		s.db = db
		var snap *snapshot
		if snap, err = db.load(s.schema); err == nil {
			s.current.Store(snap)
			return nil
		}
		s.db = database{}
		_ = db.close()
	}
	if isDamage(err) || isFault(err) {
		return err
	}
	if errors.As(err, new(syscall.Errno)) {
		return ioFault("opening", path, err)
	}
	return damaged("%v", err)
}

func checkFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return ioFault("opening", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ioFault("reading", path, err)
	}
	return checkPages(f, info.Size())
}

// settle ends the opening of a whole database: an old schema is written anew, the
// mirror made to follow, and what the bases miss reported.
func (s *Store) settle(mirror *snapshot, mirrorErr error) error {
	snap := s.current.Load()
	if isDamage(mirrorErr) {
		kept, err := s.setAside(mirrorName)
		if err != nil {
			return err
		}
		s.report("mirror-damaged", fmt.Sprintf("%s was damaged (%v); it was written anew from the database, which is whole", s.path(mirrorName), mirrorErr), "the damaged file is kept as "+kept)
	}
	stored, err := schemaOf(snap.document.State)
	switch {
	case err != nil:
		return err
	case stored != s.schema.version:
		if err := s.writeMigrated(snap, stored); err != nil {
			return err
		}
	case mirror == nil || string(mirror.raw) != string(snap.raw):
		s.writeMirror() // a full disk does not keep anybody from a whole database
	}
	s.reportLacking()
	return nil
}

// writeMigrated keeps the State of the old schema beside state.json, as the way
// back to the older program, and commits the new one.
func (s *Store) writeMigrated(old *snapshot, version int) error {
	way := s.path(fmt.Sprintf("%s.schema-%d", mirrorName, version))
	if err := writeMirror(way, old.raw); err != nil {
		return ioFault("writing", way, err)
	}
	return s.commit(func(b *bolt.Bucket) (_ *snapshot, err error) {
		d := old.document
		d.Seq++
		encoded, err := s.schema.encode(old.state)
		if err != nil {
			return nil, err
		}
		snap, err := s.schema.snapshot(d, old.state, encoded)
		if err != nil {
			return nil, err
		}
		return snap, (&contents{Bucket: b}).seal(snap)
	})
}

// findings is everything whole that the files of a home directory still hold.
type findings struct {
	schema    schema
	best      *snapshot
	from      string                       // which file best comes from
	blobs     map[string][]byte            // by key, as stored
	revisions map[string]portolan.Revision // by key
	damaged   []string                     // names of the copies that are unreadable
}

func (f *findings) consider(snap *snapshot, from string) {
	if f.best == nil || snap.Seq > f.best.Seq {
		f.best, f.from = snap, from
	}
}

// gather reads the copies of the state and every page of the database. A newer
// schema anywhere is a Fault.
func (s *Store) gather() (*findings, error) {
	f := &findings{schema: s.schema, blobs: map[string][]byte{}, revisions: map[string]portolan.Revision{}}
	for _, name := range []string{mirrorName, mirrorBackup} {
		switch snap, err := readMirror(s.path(name), s.schema); {
		case err == nil:
			f.consider(snap, name)
		case isFault(err):
			return nil, err
		case !errors.Is(err, fs.ErrNotExist):
			f.damaged = append(f.damaged, name)
		}
	}
	file, err := os.Open(s.path(databaseName))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, ioFault("opening", s.path(databaseName), err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, ioFault("reading", s.path(databaseName), err)
	}
	salvage(file, info.Size(), func(key, value []byte) {
		if e := f.take(key, value); e != nil {
			err = e
		}
	})
	return f, err
}

// take keeps a value if it proves itself by its checksum.
func (f *findings) take(key, value []byte) error {
	switch {
	case string(key) == string(keyDocument):
		raw, err := unseal(key, value)
		if err != nil {
			return nil
		}
		snap, err := f.schema.parse(slices.Clone(raw))
		if err == nil {
			f.consider(snap, "the database itself")
		}
		if isFault(err) {
			return err
		}
	case key[0] == prefixBlob && len(key) == 21:
		if _, err := decodeBlob(key, value); err == nil {
			f.blobs[string(key)] = value
		}
	case key[0] == prefixRevision:
		if r, err := decodeRevision(key, value); err == nil {
			f.revisions[string(key)] = r
		}
	}
	return nil
}

// rebuild makes a new database of what gather finds, sets the damaged one aside
// and opens the new one. A nil cause says that there was no database: a first
// start, or a lost file.
func (s *Store) rebuild(cause error) error {
	found, err := s.gather()
	if err != nil {
		return err
	}
	snap, err := s.build(found)
	if err != nil {
		return err
	}
	aside := found.damaged
	if cause != nil {
		aside = append(aside, databaseName)
	}
	var kept []string
	for _, name := range aside {
		as, err := s.setAside(name)
		if err != nil {
			return err
		}
		kept = append(kept, as)
	}
	if err := os.Rename(s.path(databaseStaged), s.path(databaseName)); err != nil {
		return ioFault("writing", s.path(databaseName), err)
	}
	s.reportRebuilt(cause, found, snap, kept)
	if err := s.attach(); err != nil {
		return ioFault("opening", s.path(databaseName), err)
	}
	return s.settle(nil, nil)
}

// build writes the staged database.
func (s *Store) build(found *findings) (snap *snapshot, err error) {
	path := s.path(databaseStaged)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, ioFault("removing", path, err)
	}
	db, err := openDatabase(path)
	if err == nil {
		err = db.update(func(b *bolt.Bucket) (err error) {
			snap, err = found.write(b)
			return err
		})
		err = errors.Join(err, db.close())
	}
	if err != nil {
		_ = os.Remove(path)
		return nil, ioFault("writing", path, err)
	}
	return snap, nil
}

// write fills an empty bucket.
func (f *findings) write(b *bolt.Bucket) (*snapshot, error) {
	var d document
	var state portolan.State
	if f.best != nil {
		d, state = f.best.document, f.best.state
	}
	d.Seq++
	d.NextRevision = max(d.NextRevision, 1)
	d.Revisions = len(f.revisions)
	c := &contents{Bucket: b}
	for key, value := range f.blobs {
		if err := c.put([]byte(key), value); err != nil {
			return nil, err
		}
	}
	sources := map[string]bool{}
	for _, r := range f.revisions {
		if err := c.putRevision(r); err != nil {
			return nil, err
		}
		sources[r.Source] = true
		d.NextRevision = max(d.NextRevision, r.Number+1)
	}
	for source := range sources {
		pruned, err := c.prune(source)
		if err != nil {
			return nil, err
		}
		d.Revisions -= pruned
	}
	if err := c.sweep(state); err != nil {
		return nil, err
	}
	d.Sum = c.sum
	encoded, err := f.schema.encode(state)
	if err != nil {
		return nil, err
	}
	snap, err := f.schema.snapshot(d, state, encoded)
	if err != nil {
		return nil, err
	}
	return snap, c.seal(snap)
}

// setAside keeps a damaged file under a name that no file has, and returns that
// name. The database stays in place too, as a second link where the file system
// has links, so that a rename replaces it in one step.
func (s *Store) setAside(name string) (string, error) {
	stamp := time.Now().UTC().Format("20060102T150405Z")
	for n := 1; ; n++ {
		as := fmt.Sprintf("%s.damaged-%s-%d", name, stamp, n)
		if _, err := os.Lstat(s.path(as)); err == nil {
			continue
		}
		if name == databaseName && os.Link(s.path(name), s.path(as)) == nil {
			return as, nil
		}
		if err := os.Rename(s.path(name), s.path(as)); err != nil {
			return "", ioFault("keeping the damaged file", s.path(name), err)
		}
		return as, nil
	}
}

func (s *Store) report(code, message, hint string) {
	s.recovered = append(s.recovered, portolan.Fault{Kind: portolan.Failed, Code: code, Message: message, Hint: hint})
}

// reportRebuilt says what a rebuild found, took and lost. A first start is not
// worth a word.
func (s *Store) reportRebuilt(cause error, found *findings, now *snapshot, kept []string) {
	if cause == nil && found.best == nil && len(found.damaged) == 0 {
		return
	}
	what := "is missing or empty"
	if cause != nil {
		what = fmt.Sprintf("was damaged (%v)", cause)
	}
	hint := "nothing else is to be done"
	if len(kept) > 0 {
		hint = "the damaged files are kept in " + s.home + ": " + strings.Join(kept, ", ")
	}
	if found.best == nil {
		s.report("store-lost", fmt.Sprintf("the database %s %s, and no copy of the state is readable: Portolan starts empty", s.path(databaseName), what),
			hint+"; add your sources again, or stop Portolan and put a backup of "+mirrorName+" there")
		return
	}
	message := fmt.Sprintf("the database %s %s; the state was restored from %s", s.path(databaseName), what, found.from)
	if found.from == mirrorBackup {
		message = fmt.Sprintf("the database %s %s; the state was restored from %s and lacks the last change", s.path(databaseName), what, found.from)
	}
	if lost := found.best.Revisions - now.Revisions; lost > 0 {
		message += fmt.Sprintf("; %d of %d revisions of the history were lost", lost, found.best.Revisions)
	}
	s.report("store-recovered", message, hint)
}

// reportLacking names the sources whose files have to be fetched again.
func (s *Store) reportLacking() {
	for _, source := range s.current.Load().state.Sources {
		var shas []string
		for _, file := range source.Base.Files {
			shas = append(shas, file.SHA)
		}
		if lacking := s.Lacking(shas); len(lacking) > 0 {
			s.report("blob-missing", fmt.Sprintf("the contents of %d files of the source %q are missing", len(lacking), source.Name), "they are fetched again at its next sync")
		}
	}
}
