package portolan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// WorkloadType says what kind of object an entry forwards to.
// The empty string stands for [Service].
type WorkloadType string

// The workload types that a file may name. Proxy and Expose are kftray's; they
// are read and kept, and shown as not supported yet.
const (
	Service     WorkloadType = "service"
	Pod         WorkloadType = "pod"
	Deployment  WorkloadType = "deployment"
	StatefulSet WorkloadType = "statefulset"
	DaemonSet   WorkloadType = "daemonset"
	ReplicaSet  WorkloadType = "replicaset"
	Job         WorkloadType = "job"
	Proxy       WorkloadType = "proxy"
	Expose      WorkloadType = "expose"
)

// Protocol is the transport of a forward. The empty string stands for [TCP].
type Protocol string

// The protocols that a file may name. UDP is read and kept, and shown as not
// supported yet.
const (
	TCP Protocol = "tcp"
	UDP Protocol = "udp"
)

// Port is a port as a file names it: by number or by name. At most one of the
// two is set; the zero Port is an absent one. It reads and writes JSON as a
// number or a string.
type Port struct {
	Number int
	Name   string
}

// IsZero reports whether the port is absent.
func (p Port) IsZero() bool { return p == Port{} }

// String is the number in decimal, or the name, or "" for an absent port.
func (p Port) String() string {
	if p.Number != 0 {
		return strconv.Itoa(p.Number)
	}
	return p.Name
}

// MarshalJSON writes a number, a string, or null for an absent port.
func (p Port) MarshalJSON() ([]byte, error) {
	switch {
	case p.Number != 0:
		return json.Marshal(p.Number)
	case p.Name != "":
		return json.Marshal(p.Name)
	}
	return []byte("null"), nil
}

// UnmarshalJSON accepts a number, a string of digits, a name, or null.
func (p *Port) UnmarshalJSON(data []byte) error {
	*p = Port{}
	if string(data) == "null" {
		return nil
	}
	var n int
	if err := json.Unmarshal(data, &n); err == nil {
		p.Number = n
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("a port is a number or a name, not %s", data)
	}
	if n, err := strconv.Atoi(s); err == nil {
		p.Number = n
		return nil
	}
	p.Name = s
	return nil
}

// Entry is one forward as an environment file states it. The JSON names are
// kftray's, so that a team moves over without touching a file.
//
// A zero field is an absent one; placeholders that kftray's database writes are
// read as absent. Entry marshals to one JSON object: the fields in the order of
// this struct, then Rest in its own order.
type Entry struct {
	Alias         string       `json:"alias,omitempty"`
	WorkloadType  WorkloadType `json:"workload_type,omitempty"`
	Service       string       `json:"service,omitempty"`
	Target        string       `json:"target,omitempty"`
	PodName       string       `json:"pod_name,omitempty"`
	Namespace     string       `json:"namespace,omitempty"`
	Context       string       `json:"context,omitempty"`
	RemotePort    Port         `json:"remote_port,omitzero"`
	LocalPort     int          `json:"local_port,omitempty"`
	LocalAddress  string       `json:"local_address,omitempty"`
	Protocol      Protocol     `json:"protocol,omitempty"`
	RemoteAddress string       `json:"remote_address,omitempty"`
	Tags          []string     `json:"tags,omitempty"`
	Description   string       `json:"description,omitempty"`
	URLPath       string       `json:"url_path,omitempty"`
	Scheme        string       `json:"scheme,omitempty"`

	// Rest holds, in the file's order, every member that Portolan does not act
	// on: kftray's other fields and unknown ones. They are written back
	// unchanged.
	Rest []Member `json:"-"`
}

// AutoLoopback reports whether the entry asks for a loopback address of its own
// (kftray's auto_loopback_address).
func (e Entry) AutoLoopback() bool {
	value := string(e.rest("auto_loopback_address"))
	return value == "true" || value == `"true"`
}

// Member is one name and raw value of a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage
}

// FieldChange is one field of an entry before and after, by its JSON name.
// Absent is nil. The values are what the field marshals to.
type FieldChange struct {
	Name   string          `json:"name"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// Equal reports whether the two change the same field in the same way.
func (c FieldChange) Equal(o FieldChange) bool {
	return c.Name == o.Name && bytes.Equal(c.Before, o.Before) && bytes.Equal(c.After, o.After)
}

// Position is a place in a file: 1-based line and column, the column counted in
// characters (not bytes).
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Severity orders what [Parse] and [Validate] report.
type Severity string

// An error makes the file invalid. A warning (a value that looks like a secret)
// and a notice (something read but not acted on) do not.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNotice  Severity = "notice"
)

// Problem is one finding in a file: where, what was seen, and what would be
// right.
type Problem struct {
	File     string   `json:"file"`
	Pointer  string   `json:"pointer"` // RFC 6901; "" is the whole document
	Position Position `json:"position"`
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`    // a stable slug, such as "port-range"
	Message  string   `json:"message"` // what is wrong, with the value seen
	Hint     string   `json:"hint,omitempty"`

	// Count is in how many places of the file a notice applies, of which Position
	// is the first; 0 is once.
	Count int `json:"count,omitempty"`
}

// String is "file:line:column: message (hint)".
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Position.Line, p.Position.Column, p.Message)
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// EnvironmentInfo is the optional head of a document-shaped file.
type EnvironmentInfo struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Color       string `json:"color,omitempty"`
	Protected   bool   `json:"protected,omitempty"`
	Order       int    `json:"order,omitempty"`
}

// File is one parsed environment file. Entries holds those without an error,
// also when others have one.
type File struct {
	Path        string
	Environment EnvironmentInfo
	Entries     []Entry
	Indexes     []int      // of each entry in the file's own list, as [SetEntry] takes it; parallel to Entries
	Positions   []Position // of each entry's opening brace, parallel to Entries
	Problems    []Problem  // errors, warnings and notices, in file order
	Broken      bool       // a syntax error: nothing in the file could be read

	pointers []string // of each entry, parallel to Entries
}
