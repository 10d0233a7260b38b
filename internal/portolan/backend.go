package portolan

import "time"

// Backend is one pod that a target leads to, and the port to dial in it.
type Backend struct {
	Namespace   string
	Pod         string
	UID         string
	Port        int
	Ready       bool
	Terminating bool
	Created     time.Time
}

// Backends is what a target led to when it was looked up.
type Backends struct {
	// Pods are ordered by preference: ready before not ready, newer before
	// older. Terminating ones are left out. At least one is ready.
	Pods []Backend

	// Notice says how the target was read where it can be read in two ways; it
	// is for a person.
	Notice string
}

// The legs that an upgraded connection can have; see [Status.Leg].
const (
	WebSocket = "websocket"
	SPDY      = "spdy"
)
