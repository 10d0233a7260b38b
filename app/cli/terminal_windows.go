package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// escapes reports whether the console understands escape sequences. It asks a
// console that can to begin doing so
// (learn.microsoft.com/windows/console/console-virtual-terminal-sequences).
func escapes(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
