//go:build unix && !linux

package system

import (
	"context"
	"os"
)

// Start starts the program as a session of its own.
func (b Background) Start(ctx context.Context) (*os.Process, error) { return b.detach(ctx) }
