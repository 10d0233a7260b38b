package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/portolan-app/portolan/internal/portolan"
)

// damageError says that stored bytes are not what was written. It stays inside
// the package: opening answers it by recovery, reading turns it into a Fault.
type damageError struct {
	what     string
	panicked bool // bbolt panicked or faulted, and may have left its locks held
}

func (e *damageError) Error() string { return e.what }

func damaged(format string, args ...any) error {
	return &damageError{what: fmt.Sprintf(format, args...)}
}

func isDamage(err error) bool { return errors.As(err, new(*damageError)) }

// guard runs fn, which reads or writes the mapped database, and turns a panic of
// bbolt and a fault in the mapping (a file cut short, a disk that fails) into
// damage.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			err = &damageError{fmt.Sprintf("reading or writing it failed: %v", v), true}
		}
	}()
	return fn()
}

// ioFault explains why a file of the home directory could not be read or
// written. A *portolan.Fault passes unchanged.
func ioFault(doing, path string, err error) error {
	if isFault(err) {
		return err
	}
	cause := err
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		cause = of.Err // the path is said already
	}
	f := &portolan.Fault{
		Kind:    portolan.Failed,
		Code:    "store-write",
		Message: fmt.Sprintf("%s %s failed: %v", doing, path, cause),
		Hint:    "nothing was changed; check the disk and try again",
	}
	switch {
	case isDiskFull(err):
		f.Code = "disk-full"
		f.Hint = "nothing was changed; free some space, or move the home directory with PORTOLAN_HOME, and try again"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		f.Code = "store-permission"
		f.Hint = "make the directory writable for you, or choose another one with PORTOLAN_HOME"
	case isDamage(err):
		return damageFault(path, err)
	}
	return f
}

// Check writes a little into a home directory and takes it away again. The fault
// is the one with which a [Store] there would refuse a change.
func Check(home string) error {
	f, err := os.CreateTemp(home, "check-*")
	if err != nil {
		return ioFault("writing into", home, err)
	}
	_, err = f.Write(make([]byte, 64<<10)) // more than a new database
	if err = errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return ioFault("writing into", home, err)
	}
	return nil
}

func isFault(err error) bool { return errors.As(err, new(*portolan.Fault)) }

// The codes of a [Store.Blob] that cannot be had any more.
const (
	codeBlobMissing = "blob-missing"
	codeBlobDamaged = "blob-damaged"
)

// IsLost reports whether err says that a blob is missing or damaged: only that
// one content is gone, and the next sync of its source fetches it again.
func IsLost(err error) bool {
	var f *portolan.Fault
	return errors.As(err, &f) && (f.Code == codeBlobMissing || f.Code == codeBlobDamaged)
}

// damageFault is what a person reads when the store turns out damaged while it
// is in use.
func damageFault(path string, err error) *portolan.Fault {
	return &portolan.Fault{
		Kind:    portolan.Failed,
		Code:    "store-damaged",
		Message: fmt.Sprintf("the database %s is damaged: %v", path, err),
		Hint:    "stop and start Portolan; it repairs the database when it opens it, and keeps the damaged file",
	}
}

// isDiskFull also reads the text, as bbolt keeps only that of some system errors.
func isDiskFull(err error) bool {
	for _, full := range diskFull {
		if errors.Is(err, full) || strings.Contains(err.Error(), full.Error()) {
			return true
		}
	}
	return false
}
