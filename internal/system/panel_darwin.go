package system

// DarkPanel is of no account: macOS colours the icon itself.
func DarkPanel(func(string) string) bool { return false }

// Desktop reports whether a person may be at a desktop here, as on every Mac.
func Desktop() bool { return true }
