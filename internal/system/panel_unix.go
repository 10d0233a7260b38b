//go:build unix && !darwin

package system

import (
	"context"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// DarkPanel reports whether icons in the panel need to be light. GNOME's top bar
// is dark in both of its themes; elsewhere the panel follows what the desktop
// tells programs to prefer (XDG Desktop Portal, org.freedesktop.appearance). No
// service is started to find out.
func DarkPanel(env func(string) string) bool {
	for desktop := range strings.SplitSeq(env("XDG_CURRENT_DESKTOP"), ":") {
		if strings.EqualFold(desktop, "GNOME") || strings.EqualFold(desktop, "Unity") {
			return true
		}
	}
	if theme := env("GTK_THEME"); theme != "" {
		return strings.HasSuffix(theme, ":dark") || strings.HasSuffix(theme, "-dark")
	}
	return prefersDark()
}

// prefersDark asks the portal, which answers 1 for dark.
func prefersDark() bool {
	if !HasSessionBus() {
		return false
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return false
	}
	defer func() { _ = bus.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var value dbus.Variant
	err = bus.Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop").CallWithContext(ctx,
		"org.freedesktop.portal.Settings.Read", dbus.FlagNoAutoStart, "org.freedesktop.appearance", "color-scheme").Store(&value)
	if inner, ok := value.Value().(dbus.Variant); ok {
		value = inner // Read wraps its answer twice
	}
	scheme, _ := value.Value().(uint32)
	return err == nil && scheme == 1
}
