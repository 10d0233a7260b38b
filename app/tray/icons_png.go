//go:build !windows

package tray

import "embed"

//go:embed icons/*.png
var icons embed.FS

const iconFormat = ".png"
