package engine

import (
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/store"
)

// Follows reports whether a follower of that name runs.
func (e *Engine) Follows(name string) bool { return e.crew.get(name) != nil }

// PortPicked is what the forward engine calls, late perhaps.
func (e *Engine) PortPicked(id portolan.ID, port int) { e.portPicked(id, port) }

// Observe is what the forward engine calls when a status changes.
func (e *Engine) Observe(id portolan.ID, status portolan.Status) { e.observeForward(id, status) }

// Refresh puts the stored state into force.
func (e *Engine) Refresh() error { return e.refresh() }

// Kubectl is the command for a target.
func Kubectl(t portolan.Target, host string, port int) string { return kubectl(t, host, port) }

// Stored is the engine's store.
func (e *Engine) Stored() *store.Store { return e.cfg.Store }
