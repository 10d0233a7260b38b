package system_test

import (
	"testing"

	"github.com/portolan-app/portolan/internal/keyringtest"
	"github.com/portolan-app/portolan/internal/system"
	"github.com/portolan-app/portolan/internal/traytest"
)

// TestShows looks at a session without a panel, with one, and at none.
func TestShows(t *testing.T) {
	env := keyringtest.StartBus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", keyringtest.Address(env))
	want := func(icons, notifications bool) {
		t.Helper()
		if i, n, err := system.Shows(t.Context()); i != icons || n != notifications || err != nil {
			t.Errorf("icons %v, notifications %v, %v", i, n, err)
		}
	}
	want(false, false)
	traytest.StartPanel(t, env)
	want(true, false)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/none")
	if _, _, err := system.Shows(t.Context()); err == nil {
		t.Error("a bus that is not there shows something")
	}
}
