// Portolan follows Kubernetes port-forwards that a team keeps as JSON files in a
// GitHub repository, and runs them on this machine. See README.md.
package main

import (
	"os"

	"github.com/portolan-app/portolan/app"
)

func main() {
	os.Exit(app.Main(os.Args[1:]))
}
