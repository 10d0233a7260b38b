// Package api is the one interface through which every face steers the engine,
// with its server and client over the local socket.
//
// Two things implement [API]: the engine itself, and [Client], which speaks to a
// running one. A face cannot tell them apart. Every error that leaves an API
// method is a [*portolan.Fault].
package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// API is everything that a face may ask of the engine. Methods may be called by
// several goroutines at once.
type API interface {
	// Version says what is running.
	Version(ctx context.Context) (Version, error)

	// View returns the read model at its newest revision.
	View(ctx context.Context) (portolan.View, error)

	// Changes waits until the revision is another than since, or ctx ends, and
	// returns what became of the view since. A caller that applies each answer to
	// the view it holds ([portolan.View.Apply]), and asks on with the answer's
	// revision, never misses a change and never sees an old state, however slow
	// it is. Since 0, a revision of an engine that has ended, or one from before
	// a removal that is no longer remembered brings the whole view.
	Changes(ctx context.Context, since int64) (portolan.Changes, error)

	// Counters returns the counters of those forwards, in that order. Those of a
	// forward that does not run are zero. They change without a new revision.
	Counters(ctx context.Context, ids []portolan.ID) ([]portolan.Counters, error)

	// AddSource follows a repository and waits for its first sync. If that sync
	// fails the source is not kept, unless the fault is a [portolan.Later] one.
	AddSource(ctx context.Context, add AddSource) (SyncResult, error)

	// Look reads a repository as the first sync of AddSource would, and neither
	// follows nor keeps anything. That it cannot be seen is a fault as of a sync.
	Look(ctx context.Context, add AddSource) (Access, error)

	// SetSource replaces the settings of the source of that name and nudges it. Of
	// config.Repo only APIURL counts: which repository it is stays.
	SetSource(ctx context.Context, config portolan.SourceConfig) error

	// RemoveSource stops following a source. With keep its entries become
	// local-only ones; without, they are removed and their forwards drained.
	RemoveSource(ctx context.Context, name string, keep bool) error

	// ConfirmSource is the yes to a commit that leaves a source without a single
	// environment file, and syncs it.
	ConfirmSource(ctx context.Context, name string) (SyncResult, error)

	// Sync syncs the named sources, or all, now, and waits. One result per
	// source, in the order of the sources; a failed source's result holds its
	// Fault.
	Sync(ctx context.Context, names []string) ([]SyncResult, error)

	// Preview does what Sync does, and changes nothing.
	Preview(ctx context.Context, names []string) ([]SyncResult, error)

	// Pause stops all timers of the sources, or lets them go on; it holds until it
	// is taken back, also after a restart. Sync works all the same.
	Pause(ctx context.Context, on bool) error

	// Review says what the commit that waits would change, as things are now: the
	// rows of [API.Approve], or, of a source that is held, of [API.ResumeSource].
	// Where nothing waits the commit is zero.
	Review(ctx context.Context, source string) (Review, error)

	// Approve is the yes to exactly that commit, and takes it; the repository is not
	// asked. Where another waits, or none, the fault is "review-moved", and of a
	// source that is held "source-held".
	Approve(ctx context.Context, source, sha string) (SyncResult, error)

	// HoldSource keeps a source at the commit that is in force, also after a restart,
	// until [API.ResumeSource]. It is polled on, and what it finds waits. One that is
	// held stays as it is.
	HoldSource(ctx context.Context, source string) error

	// ResumeSource lets a source that is held go on, and syncs it. A source that is
	// not is a fault with the code "not-held".
	ResumeSource(ctx context.Context, source string) (SyncResult, error)

	// Restore brings exactly the entries of a revision of a source back, whatever its
	// settings say, and holds it there. An unknown number is a fault, and so is one
	// whose files are lost.
	Restore(ctx context.Context, source string, number uint64) (SyncResult, error)

	// Start wants the selected forwards and waits until each is listening or
	// says why not, 5 s at most. Entries of a protected environment and
	// unsupported ones are started only when named by id or name.
	Start(ctx context.Context, sel Selection) ([]portolan.ForwardView, error)

	// Hold starts the selected forwards as Start does, and wants them for as long as
	// the call goes on: until ctx ends or, over the socket, the caller's process
	// does. Nothing of it is stored. Several may hold a forward, and one that a
	// person started goes on after them. held is called once, with what Start would
	// have returned. The error, of ctx where that has ended, is never nil.
	Hold(ctx context.Context, q Hold, held func([]portolan.ForwardView)) error

	// Stop no longer wants the selected forwards, whoever holds them.
	Stop(ctx context.Context, sel Selection) ([]portolan.ForwardView, error)

	// Add creates a local-only entry. The fields are an entry's, by JSON name.
	Add(ctx context.Context, environment string, fields Fields) (portolan.ForwardView, error)

	// Edit changes fields of one entry: of a local-only one for good, of a synced
	// one until the source's next sync, or, with here, as an override for this
	// machine (local_port, local_address and context only). A null value clears
	// a field.
	Edit(ctx context.Context, id portolan.ID, fields Fields, here bool) (portolan.ForwardView, error)

	// Remove deletes a local-only entry. A synced one is refused: it would come
	// back.
	Remove(ctx context.Context, id portolan.ID) error

	// Import adds the entries of an environment file as local-only ones.
	Import(ctx context.Context, environment string, data []byte) ([]portolan.Row, error)

	// Export writes the selected entries as one environment file, without ids,
	// overrides and other facts of this machine.
	Export(ctx context.Context, sel Selection) ([]byte, error)

	// Confirm is the yes to a forward that waits in changed-confirm, or that
	// asks to listen beyond loopback.
	Confirm(ctx context.Context, id portolan.ID) (portolan.ForwardView, error)

	// SetFavourite marks a forward as one that a person wants at hand. Syncs,
	// renames and moves leave the mark.
	SetFavourite(ctx context.Context, id portolan.ID, on bool) error

	// OrderFavourites says in which order favourites are shown; those that it does
	// not name come after them. Syncs, renames and moves leave the order.
	OrderFavourites(ctx context.Context, ids []portolan.ID) error

	// Undo takes the local change of that id back: the one of [portolan.View.Undo].
	// Any other, and one that something else has changed since, is a fault with
	// the code "undo-over".
	Undo(ctx context.Context, id string) error

	// Events lists what happened to a forward since the engine's start, newest
	// first, no more than 100.
	Events(ctx context.Context, id portolan.ID) ([]portolan.Event, error)

	// Kubectl is the kubectl command that forwards the same, for a POSIX shell.
	Kubectl(ctx context.Context, id portolan.ID) (string, error)

	// Answer settles a superseded edit: [KeepAsMine] or [Dismiss].
	Answer(ctx context.Context, superseded string, answer Answer) error

	// MapContext sets which local kubeconfig context stands for the team's in an
	// environment; an empty mine removes the mapping.
	MapContext(ctx context.Context, environment, team, mine string) error

	// Contexts lists the contexts of this machine's kubeconfig, and what the
	// environments need of them.
	Contexts(ctx context.Context) (Contexts, error)

	// Targets lists what a cluster offers for a field that a person fills in: 500
	// names at most, after 3 s at most. A missing right is a fault that names the
	// verb and the resource; what a person types is taken all the same.
	Targets(ctx context.Context, q portolan.TargetQuery) (portolan.Targets, error)

	// Checkup looks at what the sources and forwards need of this machine: files,
	// the keychain, kubeconfigs, hosts and rights. It changes nothing, and takes
	// about ten seconds at most.
	Checkup(ctx context.Context) ([]portolan.Check, error)

	// Consents lists every yes that was given on this machine and still holds.
	Consents(ctx context.Context) ([]portolan.Consent, error)

	// Revoke takes a yes back at once: a listener beyond loopback goes back to
	// loopback. An empty effect or value means all of the source's.
	Revoke(ctx context.Context, source, effect, value string) error

	// Settings lists every setting with the value in force.
	Settings(ctx context.Context) ([]portolan.Setting, error)

	// SetSetting changes one setting, at once and for good; an empty value brings
	// its default back.
	SetSetting(ctx context.Context, name, value string) (portolan.Setting, error)

	// History lists the revisions of a source, of [portolan.Mine] what a person
	// changed here, or of all where it is "", newest first and no more than limit.
	History(ctx context.Context, source string, limit int) ([]Revision, error)

	// RevisionRows lists what a revision of a source changed since the one before
	// it. An unknown number is a fault, and so is one whose files are lost.
	RevisionRows(ctx context.Context, source string, number uint64) ([]portolan.Row, error)

	// Diff lists what differs between two revisions of a source. An unknown number is
	// a fault, and so is one whose files are lost. Local changes cannot be compared:
	// each holds only what it changed.
	Diff(ctx context.Context, q DiffQuery) ([]portolan.Row, error)

	// SignIn checks a token against its host and keeps it.
	SignIn(ctx context.Context, in SignIn) (portolan.Host, error)

	// Device begins a sign-in to a host with a code, which the person enters there
	// in a browser. Without a client id for the host the fault is
	// "device-unavailable"; see the setting github_client_id.
	Device(ctx context.Context, host string) (DeviceCode, error)

	// DeviceWait waits until the person has entered the code, and keeps the account.
	// A call that was given up, or failed at the keychain, can be made again. It
	// fails with "device-expired" and "device-denied".
	DeviceWait(ctx context.Context, id string) (portolan.Host, error)

	// SignOut forgets an account of a host and removes its token.
	SignOut(ctx context.Context, out SignOut) (SignedOut, error)

	// Accounts lists the hosts signed in to, and the one that a token was given for
	// when the engine was started.
	Accounts(ctx context.Context) ([]portolan.Host, error)

	// WebLink returns a link that signs one browser in to the pages of this engine,
	// once and within a minute. Where it serves none the fault is
	// "web-not-served".
	WebLink(ctx context.Context) (string, error)

	// Raise asks every open window to come to the front, and to open a page: "" is
	// the one that it shows, else it is "settings", "source/NAME" or "forward/ID". It
	// is false where no window is open, and one that asks for the first time a moment
	// later is told nothing.
	Raise(ctx context.Context, page string) (bool, error)

	// Raised waits, for an open window, until [API.Raise] asks for it, and returns the
	// page to open. A window asks on at once; between two calls it counts as closed.
	// After [API.Quit] the fault is "quit", and the window closes.
	Raised(ctx context.Context) (page string, err error)

	// SetLogLevel changes what is logged from now until the engine ends: "debug",
	// "info", "warn" or "error".
	SetLogLevel(ctx context.Context, level string) error

	// Shutdown asks the program behind the engine to end, and does not wait for
	// it: ports close at once, live connections may go on for a bounded time, and
	// what is wanted stays wanted. Windows stay open.
	Shutdown(ctx context.Context) error

	// Quit is [API.Shutdown] by a person who is done with Portolan: open windows
	// close too.
	Quit(ctx context.Context) error
}

// SignIn is a token to check and keep.
type SignIn struct {
	Host   string `json:"host"`
	APIURL string `json:"api_url,omitempty"` // "" = derived from Host
	Token  string `json:"token"`

	// ThisRun keeps the token in the engine's memory, and out of the keychain.
	ThisRun bool `json:"this_run,omitempty"`
}

// DeviceCode is a sign-in with a code that has begun.
type DeviceCode struct {
	ID              string    `json:"id"` // for [API.DeviceWait]
	UserCode        string    `json:"user_code"`
	VerificationURI string    `json:"verification_uri"` // where the person enters it
	ExpiresAt       time.Time `json:"expires_at"`
	Interval        int       `json:"interval"` // seconds between looks at the host
}

// SignOut names an account to forget.
type SignOut struct {
	Host  string `json:"host"`
	Login string `json:"login,omitempty"` // "" = the host's only account

	// Forget the account also where the keychain does not let go of the token.
	Forget bool `json:"forget,omitempty"`
}

// SignedOut is an account that is forgotten.
type SignedOut struct {
	Host  string `json:"host"`
	Login string `json:"login"`

	// Left says why the token may still be in the keychain; nil where it is not.
	Left *portolan.Fault `json:"left,omitempty"`
}

// Version names the program and API that are running.
type Version struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	API     int    `json:"api"` // raised when a method changes incompatibly
	PID     int    `json:"pid"`
	Home    string `json:"home"`
}

// AddSource names a repository to follow.
type AddSource struct {
	// Repository is anything that [portolan.ParseRepository] accepts.
	Repository string `json:"repository"`
	// Config holds the other settings; Repo.APIURL may be set. An empty Name is
	// derived from the repository's.
	Config portolan.SourceConfig `json:"config"`
}

// Access is what a look at a repository found.
type Access struct {
	Repo          portolan.Repository `json:"repo"` // as the host calls it now
	Private       bool                `json:"private"`
	DefaultBranch string              `json:"default_branch"`
	Branches      []string            `json:"branches"` // the first 100 by name
	Commit        portolan.Commit     `json:"commit"`   // that was looked at
	Files         []AccessFile        `json:"files"`    // that would be followed, by path
	Rows          []portolan.Row      `json:"rows"`     // of the first sync

	// Uses is what the files name for contexts, in their order. It is empty where
	// this machine's kubeconfig cannot be read.
	Uses []portolan.ContextUse `json:"uses"`

	Login string `json:"login"` // whose token was used; "" where none was, or nobody knows
}

// AccessFile is one environment file of a repository that was looked at.
type AccessFile struct {
	Path        string             `json:"path"`
	Environment string             `json:"environment"`
	Entries     int                `json:"entries"`
	Problems    []portolan.Problem `json:"problems"`
}

// SyncResult says what one sync of one source did, or, for a preview, would do.
type SyncResult struct {
	Source   string          `json:"source"`
	Commit   portolan.Commit `json:"commit"`
	Changed  bool            `json:"changed"`
	Rows     []portolan.Row  `json:"rows"` // without the unchanged
	Requests int             `json:"requests"`
	Fault    *portolan.Fault `json:"fault,omitempty"`

	// Waits is set where nothing was changed: the rows wait for a person.
	Waits portolan.Wait `json:"waits,omitempty"`

	// Problems are warnings and notices of files that are taken all the same, such
	// as a value that looks like a secret.
	Problems []portolan.Problem `json:"problems,omitempty"`

	// Invalid is what is wrong with the files that are broken at Commit. A file has
	// a row only when that is news.
	Invalid []portolan.Problem `json:"invalid,omitempty"`
}

// Review is a commit that waits for a person, and what it would change.
type Review struct {
	Source string          `json:"source"`
	Commit portolan.Commit `json:"commit"`
	Since  time.Time       `json:"since,omitzero"` // when this commit began to wait
	Rows   []portolan.Row  `json:"rows"`           // without the unchanged
}

// DiffQuery names two revisions of a source.
type DiffQuery struct {
	Source string `json:"source"`
	From   uint64 `json:"from"` // 0 = before the first one, when there was nothing
	To     uint64 `json:"to"`   // 0 = what is in force
}

// Contexts is what there is to know about kubeconfig contexts.
type Contexts struct {
	Contexts []portolan.KubeContext `json:"contexts"` // of this machine, by name
	Uses     []portolan.ContextUse  `json:"uses"`     // what the environments name, in view order
}

// Revision sums up one point of a source's history.
type Revision struct {
	Number uint64          `json:"number"`
	At     time.Time       `json:"at"` // when it came into force on this machine
	Source string          `json:"source"`
	Text   string          `json:"text,omitempty"` // what a person did; "" for what came in
	Commit portolan.Commit `json:"commit"`
	// Known is false where an old file can no longer be read, so that nobody can
	// tell what changed.
	Known   bool `json:"known"`
	Added   int  `json:"added"`
	Updated int  `json:"updated"` // or renamed
	Deleted int  `json:"deleted"`
	Invalid int  `json:"invalid"` // files that were broken then
}

// Selection names forwards. Names are "[SOURCE:][ENV/]NAME" or ids; a name that
// fits several is an error that lists them. Environment and All select by
// themselves.
type Selection struct {
	Names       []string `json:"names,omitempty"`
	Environment string   `json:"environment,omitempty"`
	Source      string   `json:"source,omitempty"`
	All         bool     `json:"all,omitempty"`
}

// Hold says what is wanted for as long as a caller stays.
type Hold struct {
	Selection
	By string `json:"by"` // who it is, for people: "run (pid 42)"
}

// Fields are values of an entry by JSON name; null clears.
type Fields map[string]json.RawMessage

// Answer settles a superseded edit.
type Answer string

// The answers to a superseded edit.
const (
	KeepAsMine Answer = "keep"
	Dismiss    Answer = "dismiss"
)
