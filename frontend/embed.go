// Package frontend carries the built front end inside the program.
//
// The pages are built by Vite into dist. On a fresh clone dist holds nothing but
// a .gitkeep, so that the Go part builds and tests without Node; [Assets] then
// has no index.html, and who serves it must say so.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Assets is the built front end, index.html at its root.
func Assets() fs.FS {
	assets, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("frontend: " + err.Error()) // the name is a constant and valid
	}
	return assets
}
