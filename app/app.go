// Package app is the composition root: it builds every part once, picks a face
// and maps errors to exit codes.
package app

import (
	"fmt"
	"os"
)

// version is set by the linker.
var version = "devel"

// Main runs the program with its arguments (without its name) and returns its
// exit code.
func Main([]string) int {
	fmt.Fprintf(os.Stderr, "portolan %s: no command is built in yet\n", version)
	return 64
}
