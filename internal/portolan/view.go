package portolan

import "time"

// Target is where a forward leads, with defaults filled in.
type Target struct {
	Context   string       `json:"context"`   // kubeconfig context; "" = current-context at start
	Namespace string       `json:"namespace"` // "" = the context's own
	Kind      WorkloadType `json:"kind"`      // never ""
	Name      string       `json:"name,omitempty"`
	Selector  string       `json:"selector,omitempty"` // pods by label, instead of Name
	Port      Port         `json:"port"`
}

// Forward is one entry in force on this machine: what the team says, with this
// machine's edits and overrides applied.
type Forward struct {
	ID          ID     `json:"id"`
	Source      string `json:"source"` // [Mine] for a local-only entry
	Environment string `json:"environment"`
	File        string `json:"file,omitempty"`
	Key         string `json:"key"`
	Entry       Entry  `json:"entry"` // effective
	Team        Entry  `json:"team"`  // as the repository has it; equal to Entry where nothing differs
	Edited      bool   `json:"edited,omitempty"`
	Protected   bool   `json:"protected,omitempty"`
	Local       Local  `json:"local"`
}

// Phase is the state of a forward, from facts and never from a guess.
type Phase string

// The phases of a forward.
const (
	Off            Phase = "off"
	Listening      Phase = "listening"  // armed; nothing dialled
	Connecting     Phase = "connecting" // the first upgrade is under way
	Ready          Phase = "ready"      // the last upgrade succeeded
	Waiting        Phase = "waiting"    // no ready pod
	SignInNeeded   Phase = "sign-in-needed"
	Denied         Phase = "denied"
	Unreachable    Phase = "unreachable"
	PortBusy       Phase = "port-busy"
	ChangedConfirm Phase = "changed-confirm"
	Unsupported    Phase = "unsupported"
	StalledForward Phase = "stalled"
)

// Status is what is observed of one forward.
type Status struct {
	Phase     Phase    `json:"phase"`
	Fault     *Fault   `json:"fault,omitempty"`     // why it is not up
	Addresses []string `json:"addresses,omitempty"` // host:port, actually listening
	Pod       string   `json:"pod,omitempty"`       // namespace/name of the last upgrade
	Leg       string   `json:"leg,omitempty"`       // "websocket" or "spdy"
	Notice    string   `json:"notice,omitempty"`
}

// Counters is what one forward has carried since it was started. Counters change
// all the time and are no part of the [View]: a face asks for those of the rows
// that it shows, and a rate is the difference of two answers.
type Counters struct {
	ID       ID    `json:"id"`
	Live     int   `json:"live"`     // local connections that are open now
	Total    int64 `json:"total"`    // local connections so far, live ones included
	Sent     int64 `json:"sent"`     // bytes that came from local clients, for the pod
	Received int64 `json:"received"` // bytes that came from the pod, for local clients
}

// SyncPhase is the state of a source.
type SyncPhase string

// The phases of a source.
const (
	SyncIdle    SyncPhase = "idle"
	SyncRunning SyncPhase = "syncing"
	SyncWaiting SyncPhase = "waiting" // a fault; retried by itself
	SyncStalled SyncPhase = "stalled" // a fault; a person must act
)

// SourceStatus is what is observed of one source.
type SourceStatus struct {
	Phase    SyncPhase `json:"phase"`
	Step     string    `json:"step,omitempty"` // while syncing: "checking", "reading 3 of 12 files", …
	Fault    *Fault    `json:"fault,omitempty"`
	LastSync time.Time `json:"last_sync,omitzero"`
	Next     time.Time `json:"next,omitzero"`      // when the timer will sync
	Requests int       `json:"requests,omitempty"` // of the last sync
}

// ForwardView is a forward with its status.
type ForwardView struct {
	Forward
	Status Status `json:"status"`

	// Holders says who keeps it wanted for a while, such as "run (pid 42)". It is
	// wanted, here, also where no person started it.
	Holders []string `json:"holders,omitempty"`
}

// SourceView is a source with its status. Its base is summed up, not listed.
type SourceView struct {
	SourceConfig
	Commit       Commit       `json:"commit"`
	Environments []string     `json:"environments"`
	Forwards     int          `json:"forwards"`
	Invalid      []Problem    `json:"invalid,omitempty"` // of the files that are broken at Commit
	Status       SourceStatus `json:"status"`
}

// Notice is something that happened by itself and that a person should know, such
// as forwards that run again after a crash.
type Notice struct {
	At      time.Time `json:"at"`
	Code    string    `json:"code"` // a stable slug, such as "resumed"
	Message string    `json:"message"`
}

// View is the read model that every face draws: the state and all statuses at
// one revision.
type View struct {
	Revision   int64         `json:"revision"`
	Sources    []SourceView  `json:"sources"`
	Forwards   []ForwardView `json:"forwards"`
	Superseded []Superseded  `json:"superseded"`
	Notices    []Notice      `json:"notices,omitempty"` // since the engine's start, oldest first
	Accounts   []Host        `json:"accounts"`

	// Asking says what a person is asked for now, outside of this program: "unlock
	// your keyring …". Empty at most times.
	Asking string `json:"asking,omitempty"`
}
