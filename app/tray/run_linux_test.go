package tray

import (
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/portolan-app/portolan/internal/keyringtest"
	"github.com/portolan-app/portolan/internal/traytest"
)

// TestNoPanel: that nothing shows icons is said, and not where something does.
func TestNoPanel(t *testing.T) {
	env := keyringtest.StartBus(t)
	bus, err := dbus.Connect(keyringtest.Address(env))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bus.Close() }()
	said := 0
	tray := New(Deps{Unseen: func() { said++ }})
	tray.lookForPanel(t.Context(), bus, 0)
	if said != 1 {
		t.Errorf("it was said %d times without a panel", said)
	}
	traytest.StartPanel(t, env)
	tray.lookForPanel(t.Context(), bus, 0)
	if said != 1 {
		t.Error("it was said although there is a panel")
	}
}
