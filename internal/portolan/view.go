package portolan

import (
	"cmp"
	"math"
	"slices"
	"time"
)

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

// Up reports whether the forward takes connections.
func (p Phase) Up() bool { return p == Listening || p == Connecting || p == Ready }

// Status is what is observed of one forward.
type Status struct {
	Phase     Phase    `json:"phase"`
	Fault     *Fault   `json:"fault,omitempty"`     // why it is not up
	Addresses []string `json:"addresses,omitempty"` // host:port, actually listening
	Pod       string   `json:"pod,omitempty"`       // namespace/name of the last upgrade
	Leg       string   `json:"leg,omitempty"`       // "websocket" or "spdy"
	Notice    string   `json:"notice,omitempty"`

	// Since is when the phase began; zero for a forward that is off.
	Since time.Time `json:"since,omitzero"`
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

	// FirstByteMS is how long the newest connection that got an answer waited for
	// its first byte from the pod, from being accepted, in milliseconds and at
	// least 1; 0 = none got any.
	FirstByteMS int64 `json:"first_byte_ms"`
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
	Quota    Quota     `json:"quota,omitzero"`     // as the host last told; zero where it tells none
}

// Quota is how many requests a host allows the token, or, without one, this
// address (docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
type Quota struct {
	Left  int       `json:"left"`
	Limit int       `json:"limit"`          // an hour; 0 = the host sets none
	Reset time.Time `json:"reset,omitzero"` // when Left is Limit again
}

// ForwardView is a forward with its status.
type ForwardView struct {
	Forward
	Status Status `json:"status"`

	// Holders says who keeps it wanted for a while, such as "run (pid 42)". It is
	// wanted, here, also where no person started it.
	Holders []string `json:"holders,omitempty"`
}

// Favourites are the favourites of forwards in the order that a person gave them,
// and then those without a place in it as they come.
func Favourites(forwards []ForwardView) (marked []ForwardView) {
	for _, f := range forwards {
		if f.Local.Favourite {
			marked = append(marked, f)
		}
	}
	last := func(f ForwardView) int { return cmp.Or(f.Local.Rank, math.MaxInt) }
	slices.SortStableFunc(marked, func(a, b ForwardView) int { return cmp.Compare(last(a), last(b)) })
	return marked
}

// SourceView is a source with its status. Its base is summed up, not listed.
type SourceView struct {
	SourceConfig
	Commit       Commit            `json:"commit"`
	Environments []EnvironmentView `json:"environments"`     // that appear, by Order, then by name
	Hidden       []string          `json:"hidden,omitempty"` // that Enabled lets not appear, by name
	Forwards     int               `json:"forwards"`
	Invalid      []Problem         `json:"invalid,omitempty"` // of the files that are broken at Commit
	Status       SourceStatus      `json:"status"`

	Review *ReviewView `json:"review,omitempty"` // nil: nothing waits for a yes
	Held   *HeldView   `json:"held,omitempty"`   // nil: the source goes on
}

// ReviewView is a commit that waits for a yes.
type ReviewView struct {
	Commit  Commit    `json:"commit"`
	Since   time.Time `json:"since"`   // when this commit began to wait
	Changes int       `json:"changes"` // rows of the plan
}

// HeldView is a source that is held, with what waits for it to go on.
type HeldView struct {
	Held
	Newer   Commit `json:"newer,omitzero"` // that the repository is at meanwhile; zero: no other
	Changes int    `json:"changes"`        // that going on would make
}

// EnvironmentView is one environment of a source. Title, Description, Color and
// Order are what its files say; where several do, the first by path that says
// it. An environment without forwards is listed too.
type EnvironmentView struct {
	Name        string `json:"name"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Color       string `json:"color,omitempty"` // "#rgb", "#rrggbb" or a plain name
	Protected   bool   `json:"protected,omitempty"`
	Order       int    `json:"order,omitempty"`
	File        string `json:"file,omitempty"` // the first of its files; "" where the repository has none any more
	Forwards    int    `json:"forwards"`
}

// Notice is something that happened by itself and that a person should know, such
// as forwards that run again after a crash.
type Notice struct {
	At      time.Time `json:"at"`
	Code    string    `json:"code"` // a stable slug, such as "resumed"
	Message string    `json:"message"`
}

// Event is something that happened to one forward: a new phase, a change that a
// person made here, or what a sync brought.
type Event struct {
	At    time.Time `json:"at"`
	Phase Phase     `json:"phase,omitempty"` // that began; "" for a change of the entry
	Text  string    `json:"text"`            // one line for a person
}

// Undo is the newest local change that can be taken back.
type Undo struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	Text string    `json:"text"` // what was done: "removed dev/db"
}

// View is the read model that every face draws: the state and all statuses at
// one revision.
type View struct {
	Revision   int64         `json:"revision"`
	Sources    []SourceView  `json:"sources"`
	Forwards   []ForwardView `json:"forwards"`
	Superseded []Superseded  `json:"superseded"`
	Notices    []Notice      `json:"notices"` // since the engine's start, oldest first
	Accounts   []Host        `json:"accounts"`

	// Asking says what a person is asked for now, outside of this program: "unlock
	// your keyring …". Empty at most times.
	Asking string `json:"asking,omitempty"`

	Paused bool  `json:"paused"`         // no timer syncs; a person still can
	Undo   *Undo `json:"undo,omitempty"` // nil: there is nothing to take back
}
