package engine

import "github.com/portolan-app/portolan/internal/portolan"

// Follows reports whether a follower of that name runs.
func (e *Engine) Follows(name string) bool { return e.crew.get(name) != nil }

// PortPicked is what the forward engine calls, late perhaps.
func (e *Engine) PortPicked(id portolan.ID, port int) { e.portPicked(id, port) }
