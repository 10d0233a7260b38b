package system

// HasSessionBus is false: Windows has no D-Bus.
func HasSessionBus() bool { return false }
