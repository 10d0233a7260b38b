//go:build !linux && !darwin && !windows

package system

import (
	"context"
	"errors"
)

// Install is not possible here.
func (l Login) Install(context.Context) (string, error) { return "", errors.ErrUnsupported }

// Uninstall is not possible here.
func (l Login) Uninstall(context.Context) (string, error) { return "", errors.ErrUnsupported }

// Installed reports whether the agent starts at login.
func (l Login) Installed() bool { return false }
