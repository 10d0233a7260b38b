package portolan

// Outcome is how one check of this machine ended.
type Outcome string

// The outcomes, best first.
const (
	CheckOK      Outcome = "ok"
	CheckWarning Outcome = "warning" // it works, or nobody needs it now
	CheckFailed  Outcome = "failed"  // something that is wanted cannot work
)

// Check is the answer to one question about this machine: what was looked at, what
// was found, and what to do. It never holds a token.
type Check struct {
	Area    string  `json:"area"` // "paths", "engine", "keychain", "kubeconfig", "plugins", "github", "rights"
	Name    string  `json:"name"` // what was checked
	Outcome Outcome `json:"outcome"`
	Message string  `json:"message"`
	Hint    string  `json:"hint,omitempty"` // what to do, unless it is ok
	Role    string  `json:"role,omitempty"` // YAML of the role to ask for, where a right is missing
}
