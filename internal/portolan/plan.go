package portolan

// Action says what a sync does to one entry or file.
type Action string

// The actions of a plan.
const (
	Added     Action = "added"
	Updated   Action = "updated"
	Renamed   Action = "renamed"
	Deleted   Action = "deleted"
	Overruled Action = "superseded"
	Kept      Action = "kept"
	Invalid   Action = "invalid"
	Unchanged Action = "unchanged"
)

// Row is one line of a plan. Kind is "forward", or "file" for an invalid file, or
// "source" where a person removed a source or took that back.
type Row struct {
	Source      string        `json:"source"`
	Environment string        `json:"environment"`
	File        string        `json:"file"`
	Key         string        `json:"key"` // identity; see [Keys]
	ID          ID            `json:"id,omitempty"`
	Kind        string        `json:"kind"`
	Action      Action        `json:"action"`
	Fields      []FieldChange `json:"fields,omitempty"`
	Reason      string        `json:"reason,omitempty"`   // why kept or invalid
	Confirm     bool          `json:"confirm,omitempty"`  // a wanted forward moves: waits for a yes
	Problems    []Problem     `json:"problems,omitempty"` // of an invalid file
}

// SnapshotFile is one selected file of a commit.
type SnapshotFile struct {
	Path        string
	SHA         string
	Environment string
	File        *File  // never nil; of an invalid file, what could be read
	Fault       *Fault // does not parse or validate
}

// Snapshot is what one poll saw: a commit and every selected file in it.
type Snapshot struct {
	Source string
	Commit Commit
	// Selection goes into [Base.Selection].
	Selection string
	Files     []SnapshotFile // sorted by Path
}
