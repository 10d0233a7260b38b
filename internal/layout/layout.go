// Package layout decides which files of a tree are environment files, and which
// environment each of them names. It is pure.
package layout

import "github.com/portolan-app/portolan/internal/portolan"

// Kind is the kind of a tree's item.
type Kind string

// The kinds of item that git keeps in a tree, directories aside.
const (
	Blob      Kind = "blob"
	Symlink   Kind = "symlink"
	Submodule Kind = "submodule"
)

// IgnoreFile is the name of the file, in a source's directory, that says in
// gitignore syntax what is not an environment file.
const IgnoreFile = ".portolanignore"

// File is one item of a tree.
type File struct {
	Path string // from the repository's root, with slashes
	SHA  string
	Kind Kind
}

// Selected is an environment file.
type Selected struct {
	File
	Environment string
}

// Select returns the environment files among files, sorted by path.
func Select(config portolan.SourceConfig, ignore []byte, files []File) ([]Selected, []portolan.Problem) {
	panic("layout: not written yet")
}
