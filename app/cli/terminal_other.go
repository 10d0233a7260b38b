//go:build !windows

package cli

import "os"

// escapes reports whether the terminal understands escape sequences.
func escapes(*os.File) bool { return true }
