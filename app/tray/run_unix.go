//go:build unix && !darwin

package tray

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

// watcher is the name that a panel has on the bus if it shows icons.
const watcher = "org.kde.StatusNotifierWatcher"

// grace is how long a panel may take to come up after a login.
const grace = 30 * time.Second

// Run shows the icon until ctx ends, or fails where there is no session bus. It
// must not be called where no bus is known: the D-Bus library would start one.
//
// The bus connection is the one that the D-Bus library shares within a process.
// Nothing else here may subscribe to signals on it: systray ends its
// registration at any that it does not know. It is closed here in place of
// systray's own end, which panics where the connection failed.
func (t *Tray) Run(ctx context.Context) error {
	bus, err := dbus.SessionBus()
	if err != nil {
		return fmt.Errorf("no session bus for the tray: %w", err)
	}
	menu := newSystrayMenu()
	t.native, t.menu.native = menu, menu
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(menu.listen)
	defer close(menu.done)
	defer func() { _ = bus.Close() }()

	systray.SetTitle("Portolan")
	if t.Means.Window {
		systray.SetOnTapped(t.tap)
	}
	first := make(chan struct{})
	start, _ := systray.RunWithExternalLoop(func() { t.first(ctx); close(first) }, nil)
	start()
	<-first
	running.Go(func() { t.lookForPanel(ctx, bus, grace) })
	stop := context.AfterFunc(bus.Context(), cancel)
	defer stop()
	t.loop(ctx)
	if bus.Context().Err() != nil {
		return errors.New("the session bus has gone")
	}
	return nil
}

// lookForPanel says once that nothing shows icons, where that is so after a while.
func (t *Tray) lookForPanel(ctx context.Context, bus *dbus.Conn, after time.Duration) {
	select {
	case <-time.After(after):
	case <-ctx.Done():
		return
	}
	var there bool
	err := bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&there)
	if err == nil && !there {
		t.Unseen()
	}
}

// glyph is a picture of 44 pixels, which a panel scales to its own size.
func (s *systrayMenu) glyph(name string, dark bool) { systray.SetIcon(picture(name, dark)) }
