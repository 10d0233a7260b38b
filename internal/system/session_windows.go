package system

// Desktop reports whether a person may be at a desktop here, as on every Windows.
func Desktop() bool { return true }
