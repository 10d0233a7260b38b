package system

import (
	"errors"
	"os"
)

// ErrClaimed says that another process holds a [Claim].
var ErrClaimed = errors.New("another process holds it")

// Claim holds a file for this process alone, which is made where there is none, until
// release is called or the process ends, by whatever means. Where another process
// holds it, the error is [ErrClaimed].
func Claim(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	free, err := LockFile(f)
	if err == nil && !free {
		err = ErrClaimed
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
