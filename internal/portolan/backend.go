package portolan

// Backend is one pod that a target leads to, and the port to dial in it.
type Backend struct {
	Namespace string
	Pod       string
	UID       string
	Port      int
}

// String is "namespace/pod".
func (b Backend) String() string { return b.Namespace + "/" + b.Pod }

// Backends is what a target led to when it was looked up.
type Backends struct {
	// Pods are those that may be dialled, best first; there is at least one.
	Pods []Backend

	// Notice says how the target was read where it can be read in two ways; it
	// is for a person.
	Notice string
}

// PodChoice says which of a target's ready pods a new connection goes to.
type PodChoice string

// The values of PodChoice. PodSticky is the default: the one used last, while it is
// ready, and first the newest where its age is known.
const (
	PodSticky     PodChoice = "sticky"
	PodNewest     PodChoice = "newest"
	PodRoundRobin PodChoice = "round-robin"
)

// The legs that an upgraded connection can have; see [Status.Leg].
const (
	WebSocket = "websocket"
	SPDY      = "spdy"
)

// Codes of the faults that a cluster gives and that decide a forward's phase.
const (
	CodeClusterSignIn      = "cluster-sign-in"
	CodeClusterLogin       = "cluster-login" // under way, and others wait for it
	CodeClusterDenied      = "cluster-denied"
	CodeClusterUnreachable = "cluster-unreachable"
	CodeNoReadyPod         = "no-ready-pod"
	CodePodGone            = "pod-gone"        // between looking it up and dialling it
	CodePodUnreachable     = "pod-unreachable" // for the API server, which itself answers
)
