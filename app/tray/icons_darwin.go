//go:build cgo

package tray

import "fyne.io/systray"

// glyph is a template, which macOS colours as the menu bar needs it.
func (s *systrayMenu) glyph(name string, _ bool) {
	template, err := icons.ReadFile("icons/template-" + name + iconFormat)
	if err != nil {
		template = picture(name, false) // those of one colour are templates as they are
	}
	systray.SetTemplateIcon(template, template)
}
