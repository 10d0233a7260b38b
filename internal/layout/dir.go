package layout

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/portolan-app/portolan/internal/portolan"
)

// maxIgnoreBytes bounds the ignore file, which is untrusted like the rest.
const maxIgnoreBytes = 256 << 10

// ReadDir lists a directory as the tree of a repository, and reads its ignore
// file. Nothing is followed: a link is a [Symlink], and a directory with a .git
// of its own, below the top, is a [Submodule].
func ReadDir(fsys fs.FS, config portolan.SourceConfig) (files []File, ignore []byte, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir() && name != "." && exists(fsys, path.Join(name, ".git")):
			files = append(files, File{Path: name, Kind: Submodule})
			return fs.SkipDir
		case d.Type()&fs.ModeSymlink != 0:
			files = append(files, File{Path: name, Kind: Symlink})
		case d.Type().IsRegular():
			files = append(files, File{Path: name, Kind: Blob})
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the directory: %w", err)
	}
	if f, ok := Ignore(config, files); ok {
		ignore, err = readIgnore(fsys, f.Path)
	}
	return files, ignore, err
}

func exists(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return !errors.Is(err, fs.ErrNotExist)
}

func readIgnore(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the ignore file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxIgnoreBytes+1))
	if err == nil && len(data) > maxIgnoreBytes {
		err = fmt.Errorf("it has more than %d bytes", maxIgnoreBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ignore file %s: %w", name, err)
	}
	return data, nil
}
