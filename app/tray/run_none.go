//go:build darwin && !cgo

package tray

import (
	"context"
	"errors"
)

// Run fails: the icon of macOS needs cgo.
func (t *Tray) Run(context.Context) error {
	return errors.New("this build has no tray")
}
