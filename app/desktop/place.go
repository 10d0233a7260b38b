package desktop

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// The smallest window in which every page can be used, and the first one's.
const (
	minWidth, minHeight     = 720, 480
	firstWidth, firstHeight = 1280, 800
)

// place is how a window looked when it was closed, in the units of the system.
type place struct {
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Placed    bool `json:"placed"` // X and Y are known
	Maximised bool `json:"maximised"`

	// Background is the page's colour: red, green, blue.
	Background [3]byte `json:"background"`

	kept bool // it is in the file
}

// placeFile is where the window of a home keeps its place.
func placeFile(home string) string { return filepath.Join(home, "window.json") }

// readPlace is where the window of a home was, or a first place: what cannot be
// read is not worth a word.
func readPlace(home string) place {
	p := place{Width: firstWidth, Height: firstHeight, Background: [3]byte{0xff, 0xff, 0xff}}
	data, err := os.ReadFile(placeFile(home))
	if err == nil {
		read := p
		if json.Unmarshal(data, &read) == nil { // else it may be half read
			p, p.kept = read, true
		}
	}
	p.Width, p.Height = max(p.Width, minWidth), max(p.Height, minHeight)
	return p
}

// cover is how much of what the system paints in a window is hidden by the page's
// colour until the page is there, 0 to 255. At the first start that colour is not
// known, and on Linux a window has one of the system's theme, light or dark, where
// the webview lets it show.
func (p place) cover(system string) byte {
	if system == "linux" && !p.kept {
		return 0
	}
	return 0xff
}

// write keeps the place, whole or not at all: two windows may be closed at once,
// and the disk may be full.
func (p place) write(home string) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(home, "window-*.json")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone where all went well
	if _, err := f.Write(append(data, '\n')); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), placeFile(home))
}

// on reports whether a window of that place can be reached on screens of these
// sizes side by side: some of its title bar shows.
func (p place) on(screens [][2]int) bool {
	const grip = 80
	width, height := 0, 0
	for _, s := range screens {
		width += s[0]
		height = max(height, s[1])
	}
	return p.Placed && p.X+p.Width >= grip && p.X <= width-grip && p.Y >= 0 && p.Y <= height-grip
}
