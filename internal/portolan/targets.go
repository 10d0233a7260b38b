package portolan

// TargetQuery asks what a cluster offers as a target. The more of it is given,
// the narrower the answer.
type TargetQuery struct {
	Context   string       `json:"context"`             // "" = the current one
	Namespace string       `json:"namespace,omitempty"` // "" asks for the namespaces
	Kind      WorkloadType `json:"kind,omitempty"`      // "" = Service; never Proxy or Expose
	Name      string       `json:"name,omitempty"`      // "" asks for the names
}

// Targets is the answer to a [TargetQuery]. One list is filled at a time; all are
// sorted, none is nil.
type Targets struct {
	Namespaces []string     `json:"namespaces"`
	Names      []string     `json:"names"`
	Ports      []TargetPort `json:"ports"`
	More       bool         `json:"more"` // there are more than are listed
}

// TargetPort is a port that a service offers or a container declares.
type TargetPort struct {
	Name     string `json:"name,omitempty"`
	Number   int    `json:"number"`
	Protocol string `json:"protocol"` // "TCP", "UDP" or "SCTP"
}
