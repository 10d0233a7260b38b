//go:build windows || (darwin && cgo)

package tray

import (
	"context"

	"fyne.io/systray"
)

// Run shows the icon until ctx ends. It must be called by the goroutine of main,
// to whose thread Windows and macOS send the events of an icon.
func (t *Tray) Run(ctx context.Context) error {
	menu := newSystrayMenu()
	t.native, t.menu.native = menu, menu
	listened := make(chan struct{})
	go func() { menu.listen(); close(listened) }()
	if t.Means.Window {
		systray.SetOnTapped(t.tap)
	}
	systray.Run(func() {
		t.first(ctx)
		t.loop(ctx)
		systray.Quit() // when nothing calls the library any more: its calls wait for the main thread
	}, nil)
	close(menu.done)
	<-listened
	return nil
}
