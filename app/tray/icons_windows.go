package tray

import (
	"embed"

	"fyne.io/systray"
)

//go:embed icons/*.ico
var icons embed.FS

const iconFormat = ".ico"

// glyph is an icon of several sizes, of which Windows takes the one that fits.
func (s *systrayMenu) glyph(name string, dark bool) { systray.SetIcon(picture(name, dark)) }
