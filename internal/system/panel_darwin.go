package system

// DarkPanel is of no account: macOS colours the icon itself.
func DarkPanel(func(string) string) bool { return false }

// HasSessionBus is false: macOS has no D-Bus session.
func HasSessionBus() bool { return false }
