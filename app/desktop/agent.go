package desktop

import (
	"context"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// How it may be with the agent.
const (
	Running  = "running"
	Starting = "starting"
	Stopped  = "stopped" // there is none, or none that answers
	Older    = "older"   // it does not understand this window, and can be restarted
	Newer    = "newer"   // this window does not understand it, and wants an update
)

// AgentState says how it is with the agent; the page gets it as the event
// "agent" too, at each change.
type AgentState struct {
	State   string `json:"state"`   // "running", "starting", "stopped", "older" or "newer"
	Version string `json:"version"` // of the agent that answered last, or ""
	Own     string `json:"own"`     // of this window
	Fault   string `json:"fault"`   // a Fault as JSON: why there is none; "" where none is known
}

// again is how long the window waits before it looks for the agent once more.
const again = 300 * time.Millisecond

// Agent says how it is with the agent now.
func (a *App) Agent() AgentState {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.agent
}

// RestartAgent starts the agent; one that runs is ended before, whatever version
// it has. What was started there runs again. While one is being started it waits
// for that.
func (a *App) RestartAgent() error {
	if a.cfg.Agent == nil {
		return crossing(&portolan.Fault{Kind: portolan.Failed, Code: "agent-in-process",
			Message: "the engine of this window is in the window itself", Hint: "close the window, and open it again"})
	}
	if !a.begin() {
		return a.settle()
	}
	return a.restart()
}

// restart ends what runs and starts anew, between begin and end.
func (a *App) restart() error {
	_, err := a.cfg.API.Version(a.ctx)
	switch {
	case err == nil:
		_, err = a.cfg.Agent.Stop(a.ctx)
	case gone(err):
		err = nil
	}
	var v api.Version
	if err == nil {
		v, err = a.cfg.Agent.Start(a.ctx)
	}
	a.end(a.found(v, err))
	if err != nil {
		return crossing(err)
	}
	return nil
}

// watch finds the agent, starts it where there is none, and follows it until ctx
// ends: by the call in which it asks the window to the front, which breaks when
// the agent goes.
func (a *App) watch(ctx context.Context) {
	v, err := a.cfg.API.Version(ctx)
	if err != nil && gone(err) && a.cfg.Agent != nil {
		_ = a.restart() // the page is told why it failed
	} else {
		a.end(a.found(v, err))
	}
	short := -1 // the process id of an agent of our level that has not all of our methods
	for ctx.Err() == nil {
		v, err := a.cfg.API.Version(ctx)
		state := a.found(v, err)
		if state.State == Running && v.PID == short {
			state.State = Older
		}
		a.see(state)
		if state.State == Running {
			page, err := a.cfg.API.Raised(ctx)
			if err == nil {
				a.raise(ctx, page)
				continue
			}
			switch portolan.AsFault(err).Code {
			case "engine-older":
				short = v.PID
				continue
			case "quit":
				a.desk.quit()
				return
			}
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
		}
	}
}

// found is the state of an agent that answers so.
func (a *App) found(v api.Version, err error) AgentState {
	state := AgentState{State: Running, Version: v.Version, Own: a.cfg.Version.Version}
	switch {
	case err != nil && gone(err):
		state.State = Stopped
	case err != nil:
		state.State, state.Fault = Stopped, crossing(err).Error()
	case v.API < a.cfg.Version.API:
		state.State = Older
	case v.API > a.cfg.Version.API:
		state.State = Newer
	}
	return state
}

// gone reports whether nobody answers, which needs no further word.
func gone(err error) bool {
	switch portolan.AsFault(err).Code {
	case "not-running", "connection-lost", "stopped":
		return true
	}
	return false
}

// begin claims the start of an agent; it is false where one is being started.
func (a *App) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.agent.State == Starting {
		return false
	}
	a.settled = make(chan struct{})
	a.tell(AgentState{State: Starting, Version: a.agent.Version, Own: a.agent.Own})
	return true
}

// end is the outcome of a start.
func (a *App) end(state AgentState) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tell(state)
	close(a.settled)
}

// see takes in what a look at the agent has shown, unless one is being started.
func (a *App) see(state AgentState) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.agent.State == Starting {
		return
	}
	if state.State == Stopped {
		state.Version = a.agent.Version
		if a.agent.State == Stopped && state.Fault == "" {
			state.Fault = a.agent.Fault // why it could not be started stays true
		}
	}
	if state != a.agent {
		a.tell(state)
	}
}

// tell is the one place where the state changes. The caller holds mu.
func (a *App) tell(state AgentState) {
	a.agent = state
	a.desk.tell(state)
}

// settle waits while an agent is being started.
func (a *App) settle() error {
	a.mu.Lock()
	settled := a.settled
	a.mu.Unlock()
	select {
	case <-settled:
		return nil
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
}
