// Portolan shares a team's Kubernetes port-forwards; see README.md.
package main

import (
	"os"

	"github.com/portolan-app/portolan/app"
)

func main() { os.Exit(app.Main(os.Args[1:])) }
