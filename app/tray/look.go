package tray

import (
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Look is all that the tray's appearance follows from.
type Look struct {
	portolan.View
	Now time.Time

	// Syncing is set while a sync runs that was asked for in this menu, and Synced
	// is what the newest such sync brought, such as "3 changes"; "" = none yet.
	Syncing bool
	Synced  string

	Means Means
}

// Means says what can be done on this system; what cannot is not in the menu.
type Means struct {
	Window bool // there is a window to open
	Copy   bool // there is a clipboard
	Browse bool // there is a browser
}

// State is what the glyph tells.
type State string

// The states of the glyph, each with a shape of its own.
const (
	Idle      State = "idle"      // nothing is up
	Active    State = "active"    // some forwards are up
	Syncing   State = "syncing"   // a sync runs
	Attention State = "attention" // a person has to act
	Offline   State = "offline"   // no source can be reached
	Paused    State = "paused"    // a person paused syncing
)

// StateOf is the state that matters most: what a person has to do, then what is
// under way, then what is amiss.
func StateOf(l Look) State {
	switch {
	case len(problems(l)) > 0 || l.Asking != "":
		return Attention
	case syncing(l):
		return Syncing
	case l.View.Paused:
		return Paused
	case offline(l):
		return Offline
	case countUp(l.Forwards) > 0:
		return Active
	}
	return Idle
}

// syncing reports whether any source is being synced.
func syncing(l Look) bool {
	for _, s := range l.Sources {
		if s.Status.Phase == portolan.SyncRunning {
			return true
		}
	}
	return l.Syncing
}

// offline reports whether there are sources, and none can be reached.
func offline(l Look) bool {
	for _, s := range l.Sources {
		if s.Status.Phase != portolan.SyncWaiting || s.Status.Fault == nil || s.Status.Fault.Code != "github-unavailable" {
			return false
		}
	}
	return len(l.Sources) > 0
}

func countUp(forwards []portolan.ForwardView) (n int) {
	for _, f := range forwards {
		if f.Status.Phase.Up() {
			n++
		}
	}
	return n
}

// needsPerson reports whether a forward goes no further without a person.
func needsPerson(f portolan.ForwardView) bool {
	switch f.Status.Phase {
	case portolan.SignInNeeded, portolan.Denied, portolan.PortBusy, portolan.ChangedConfirm, portolan.StalledForward:
		return true
	}
	return false
}
