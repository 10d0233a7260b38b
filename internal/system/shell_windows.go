package system

import (
	"context"
	"errors"
)

// ShellEnvironment is for systems on which a shell sets variables up. On Windows
// every program of a person gets them from the registry.
func ShellEnvironment(context.Context, string) (map[string]string, error) {
	return nil, errors.ErrUnsupported
}
