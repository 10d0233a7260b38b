package portolan

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"
)

// SchemaVersion is the version of [State] that this program writes.
const SchemaVersion = 1

// ID names one forward on this machine: random, never reused, and never written
// to a shared file.
type ID string

// Mine is the source name of entries that belong to this machine only.
const Mine = "mine"

// OnMissing says what happens to an entry that its source no longer has.
type OnMissing string

// OnInvalid says what happens when a file does not parse or validate.
type OnInvalid string

// OnEdit says what happens to a local edit at the next sync.
type OnEdit string

// Apply says whether a source takes what a sync found by itself.
type Apply string

// The policies of a source, defaults first.
const (
	DeleteMissing OnMissing = "delete"
	KeepMissing   OnMissing = "keep"
	FailMissing   OnMissing = "fail"

	KeepLastGood OnInvalid = "keep-last-good"
	SkipEntry    OnInvalid = "skip-entry"
	FailInvalid  OnInvalid = "fail"

	RepoWins         OnEdit = "repo-wins"
	KeepUntilChanged OnEdit = "keep-until-changed"

	ApplyAuto   Apply = "auto"
	ApplyReview Apply = "review"
)

// Wait says why what a sync found is not taken: it waits for a person.
type Wait string

// Why something waits.
const (
	WaitsReview Wait = "review" // for a yes to that commit
	WaitsHeld   Wait = "held"   // until its source may go on
)

// Repository names a repository on a GitHub host.
type Repository struct {
	Host   string `json:"host"`              // "github.com", "ghe.example.org", "127.0.0.1:8080"
	APIURL string `json:"api_url,omitempty"` // "" = derived from Host
	Owner  string `json:"owner"`
	Name   string `json:"name"`
	ID     int64  `json:"id,omitempty"` // GitHub's number, pinned at the first contact
}

// SourceConfig is what a person sets for a source. Zero values are the defaults.
type SourceConfig struct {
	Name      string            `json:"name"` // a slug [a-z0-9-]{1,40}; never "mine"
	Repo      Repository        `json:"repo"`
	Account   string            `json:"account,omitempty"` // keychain account login; "" = the host's only one
	Ref       string            `json:"ref,omitempty"`     // "" = the default branch
	Path      string            `json:"path,omitempty"`    // a directory or one file; "" = root
	Include   []string          `json:"include,omitempty"` // doublestar globs, relative to Path
	Exclude   []string          `json:"exclude,omitempty"`
	Layout    string            `json:"layout,omitempty"`   // auto, files, folders, single
	Rename    map[string]string `json:"rename,omitempty"`   // environment in the repository -> here
	Interval  Duration          `json:"interval,omitempty"` // 0 = 60 s with a token, 15 min without
	Timeout   Duration          `json:"timeout,omitempty"`  // 0 = 120 s for one whole sync
	OnMissing OnMissing         `json:"on_missing,omitempty"`
	OnInvalid OnInvalid         `json:"on_invalid,omitempty"`
	OnEdit    OnEdit            `json:"on_edit,omitempty"`
	Apply     Apply             `json:"apply,omitempty"`
	Protected []string          `json:"protected,omitempty"` // globs of environments

	// Enabled are globs of the environments that appear here; none means all. Of the
	// others this machine holds the files, and nothing is in force.
	Enabled []string `json:"enabled,omitempty"`

	// RequireVerified takes only commits that the host reports as verified, with a
	// committer whose e-mail address is among Signers.
	RequireVerified bool     `json:"require_verified,omitempty"`
	Signers         []string `json:"signers,omitempty"`
}

// Duration is a time.Duration that reads and writes JSON as a string such as
// "1m30s".
type Duration time.Duration

// MarshalText writes time.Duration's own form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration accepts.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// Commit is one commit of a source's repository.
type Commit struct {
	SHA     string    `json:"sha"`
	Tree    string    `json:"tree,omitempty"`
	Author  string    `json:"author,omitempty"`
	Message string    `json:"message,omitempty"` // first line
	Time    time.Time `json:"time,omitzero"`
	URL     string    `json:"url,omitempty"`

	// Verification is what the host says of the signature, in its own word: "valid",
	// "unsigned", "expired_key" (REST API, "Commits", signature verification). "" =
	// it said nothing.
	Verification string `json:"verification,omitempty"`
	// Signer is the committer's e-mail address. Where Verification is "valid" the host
	// has made sure that the signing key is of the account with that address.
	Signer string `json:"signer,omitempty"`
}

// BaseFile is the version of a file that this machine holds.
type BaseFile struct {
	Environment string `json:"environment"`
	SHA         string `json:"sha"` // git blob SHA of the last good version; "" if there never was one
	// Invalid is set while the repository's own version is broken; Fault.Problems
	// holds the findings, and SHA above stays at the last good one.
	Invalid *Fault `json:"invalid,omitempty"`
	BadSHA  string `json:"bad_sha,omitempty"` // the broken version's blob SHA
}

// KeptEntry is an entry that its source no longer has and a policy kept.
type KeptEntry struct {
	Environment string `json:"environment"`
	File        string `json:"file"`
	Key         string `json:"key"` // as it was when the repository last had the entry
	Entry       Entry  `json:"entry"`
	Reason      string `json:"reason"`
	// Protected is set where the environment was protected; it stays so, although
	// the file that said it may be gone too.
	Protected bool `json:"protected,omitempty"`
}

// Base is what a source brought last: the commit, and for each selected path
// the blob that is in force. The forwards themselves are parsed from the blobs.
type Base struct {
	Commit Commit `json:"commit"`
	// Selection tells under which settings the files were selected, so that other
	// settings select again although the commit is the same.
	Selection string              `json:"selection,omitempty"`
	Files     map[string]BaseFile `json:"files,omitempty"`
	Kept      []KeptEntry         `json:"kept,omitempty"`
}

// Invalid lists the findings in the files that are broken at Commit, by file and
// line.
func (b Base) Invalid() []Problem {
	var all []Problem
	for _, file := range b.Files {
		if file.Invalid != nil {
			all = append(all, file.Invalid.Problems...)
		}
	}
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Position.Line-b.Position.Line)
	})
	return all
}

// WaitingCommit is what a repository holds and this machine has not taken. Nothing of it
// is in force.
type WaitingCommit struct {
	Base           // the files as they were read; nothing is kept
	At   time.Time `json:"at"` // when this commit began to wait
}

// Held is a source that stays where it is until a person lets it go on.
type Held struct {
	At     time.Time `json:"at"`
	Why    HeldWhy   `json:"why"`
	Number uint64    `json:"number,omitempty"` // the revision that is in force; 0 = none is known
	Commit Commit    `json:"commit"`           // that is in force
}

// HeldWhy says how a source came to be held.
type HeldWhy string

// Why a source is held.
const (
	HeldHere     HeldWhy = "held"     // a person stopped it where it was
	HeldRestored HeldWhy = "restored" // a person brought an older revision back
)

// Source is a followed repository: its settings and what it brought.
type Source struct {
	SourceConfig
	Base Base `json:"base"`

	// IDs maps environment and identity key to the local id.
	IDs map[string]map[string]ID `json:"ids,omitempty"`

	SyncedAt time.Time `json:"synced_at,omitzero"` // end of the last sync that changed something

	Waiting *WaitingCommit `json:"waiting,omitempty"` // nil: nothing waits for a person
	Held    *Held          `json:"held,omitempty"`    // nil: it goes on
}

// Revision is the revision of what is in force, without a number.
func (s Source) Revision(at time.Time, text string) Revision {
	return Revision{At: at, Source: s.Name, Text: text,
		Commit: s.Base.Commit, Selection: s.Base.Selection, Files: s.Base.Files, Kept: s.Base.Kept}
}

// Equal reports whether the two are the same to the last value. It is written out
// as far as a source of 10,000 entries is big.
func (s Source) Equal(o Source) bool {
	if !maps.EqualFunc(s.IDs, o.IDs, maps.Equal[map[string]ID]) {
		return false
	}
	s.IDs, o.IDs = nil, nil
	return reflect.DeepEqual(s, o)
}

// MyEntry is a local-only entry; no sync touches it.
type MyEntry struct {
	ID          ID     `json:"id"`
	Environment string `json:"environment"`
	Entry       Entry  `json:"entry"`
}

// Equal reports whether the two are the same entry of the same content.
func (m MyEntry) Equal(o MyEntry) bool {
	return m.ID == o.ID && m.Environment == o.Environment && m.Entry.Equal(o.Entry)
}

// Edit is a local change on top of one synced entry: the fields that a person
// changed, by JSON name, with the value before and after.
type Edit struct {
	At     time.Time     `json:"at"`
	Fields []FieldChange `json:"fields"`
}

// Equal reports whether the two were made at the same moment and change the same.
func (e Edit) Equal(o Edit) bool {
	return e.At.Equal(o.At) && slices.EqualFunc(e.Fields, o.Fields, FieldChange.Equal)
}

// Override is what a person set for this machine only; a sync never touches it.
// Zero fields are not overridden.
type Override struct {
	LocalPort    int    `json:"local_port,omitempty"`
	LocalAddress string `json:"local_address,omitempty"`
	Context      string `json:"context,omitempty"`
}

// Local is what this machine knows about one forward, synced or its own.
type Local struct {
	Wanted    bool     `json:"wanted,omitempty"`   // a person started it
	New       bool     `json:"new,omitempty"`      // arrived by a sync and not yet started or seen
	Port      int      `json:"port,omitempty"`     // picked once for a local_port of 0
	Loopback  string   `json:"loopback,omitempty"` // address given once for auto_loopback_address
	Favourite bool     `json:"favourite,omitempty"`
	Rank      int      `json:"rank,omitempty"`     // its place among the favourites, from 1; 0 is after all of those
	Override  Override `json:"override,omitzero"`  // for this machine only
	Approved  *Target  `json:"approved,omitempty"` // set while a moved target waits for a yes: the target before
}

// Superseded is a local edit that a sync has overruled. It stays until a person
// answers it.
type Superseded struct {
	ID          string        `json:"id"` // its own id, not the forward's
	Forward     ID            `json:"forward"`
	Source      string        `json:"source"`
	Environment string        `json:"environment"`
	Alias       string        `json:"alias"`
	Commit      Commit        `json:"commit"` // the one that overruled it
	EditedAt    time.Time     `json:"edited_at"`
	At          time.Time     `json:"at"`
	Fields      []FieldChange `json:"fields"` // Before is theirs, After is mine
	Entry       Entry         `json:"entry"`  // the whole entry as it was edited
}

// Consent is one yes given on this machine to an effect that a shared file may
// not have by itself.
type Consent struct {
	Source string    `json:"source"`
	Effect string    `json:"effect"` // "bind-address", "empty-source"
	Value  string    `json:"value"`  // "0.0.0.0"; the commit's SHA
	At     time.Time `json:"at"`
}

// State is everything wanted, and the only document on disk beside blobs and
// revisions.
type State struct {
	Schema     int                          `json:"schema"`
	Sources    []Source                     `json:"sources,omitempty"` // in the order they were added
	Mine       []MyEntry                    `json:"mine,omitempty"`
	Edits      map[ID]Edit                  `json:"edits,omitempty"`
	Local      map[ID]Local                 `json:"local,omitempty"`
	Superseded []Superseded                 `json:"superseded,omitempty"`
	Consents   []Consent                    `json:"consents,omitempty"`
	Contexts   map[string]map[string]string `json:"contexts,omitempty"` // environment -> the team's context ("" = none named) -> mine
	Hosts      []Host                       `json:"hosts,omitempty"`
	Settings   Settings                     `json:"settings,omitzero"`
	Paused     bool                         `json:"paused,omitempty"` // no timer syncs
}

// Host is a GitHub host that a person agreed to send a token to. The token
// itself is in the keychain.
type Host struct {
	Host    string    `json:"host"`
	Login   string    `json:"login"`
	Kind    string    `json:"kind,omitempty"`   // "classic", "fine-grained", "app", "unknown"
	Scopes  []string  `json:"scopes,omitempty"` // of a classic token
	Expires time.Time `json:"expires,omitzero"`

	// From says where the token is, in words for a person: "" = in the keychain.
	// Only those are stored; [ThisRun] and others end with the engine.
	From string `json:"from,omitempty"`
}

// Source returns the source of that name, or nil.
func (s *State) Source(name string) *Source {
	for i := range s.Sources {
		if s.Sources[i].Name == name {
			return &s.Sources[i]
		}
	}
	return nil
}

// Revision is one point in a source's history: what was in force after a sync,
// or, for [Mine], after a local change. The files are named by blob, so that any
// two revisions can be compared and any one restored.
type Revision struct {
	Number uint64    `json:"number"` // ascending over all sources, given by the store
	At     time.Time `json:"at"`
	Source string    `json:"source"`
	Text   string    `json:"text,omitempty"` // what a person did; "" for what came in

	// As in [Base].
	Commit    Commit              `json:"commit,omitzero"`
	Selection string              `json:"selection,omitempty"`
	Files     map[string]BaseFile `json:"files,omitempty"`
	Kept      []KeptEntry         `json:"kept,omitempty"`

	Rows []Row `json:"rows,omitempty"` // of a local change only; those of a source are recomputed
}
