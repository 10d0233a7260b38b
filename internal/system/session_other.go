//go:build !unix || darwin

package system

import "context"

// Shows reports whether this desktop shows icons and notifications, as each does.
func Shows(context.Context) (icons, notifications bool, err error) { return true, true, nil }
