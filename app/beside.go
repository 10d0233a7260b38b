package app

import (
	"os"
	"path/filepath"
	"runtime"
)

// beside is the program of that name in the directory of another one, or in that
// of the file behind a link to it; "" where there is none.
func beside(program, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	places := []string{program}
	if behind, err := filepath.EvalSymlinks(program); err == nil {
		places = append(places, behind)
	}
	for _, place := range places {
		path := filepath.Join(filepath.Dir(place), name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// display reports whether there may be one to open a window on: a Linux without
// X11 and Wayland, such as one at the other end of an SSH session, has none.
func (p *program) display() bool {
	return runtime.GOOS != "linux" || p.env("DISPLAY") != "" || p.env("WAYLAND_DISPLAY") != ""
}
