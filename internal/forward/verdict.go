package forward

import (
	"errors"
	"regexp"
	"strings"

	"github.com/portolan-app/portolan/internal/forward/mux"
)

// verdict is what a pair's end means for the local connection.
type verdict int

const (
	finished    verdict = iota // in order
	undelivered                // proven that the pod's process got nothing, and the pod is gone
	refused                    // proven too: nothing listens on the port
	unaccepted                 // proven too: the server wants streams one after the other
	broken                     // anything else; what was delivered is not known
)

// evidence is a text on the error stream that proves a verdict. Texts are those of
// FAILURES.md; the first match counts, and an unknown text proves nothing.
var evidence = []struct {
	text    *regexp.Regexp
	verdict verdict
}{
	{regexp.MustCompile(`connection refused`), refused},
	{regexp.MustCompile(`connection reset|broken pipe|timed out waiting for streams`), broken},
	{regexp.MustCompile(`failed to find sandbox|could not find sandbox|podsandbox .* not found|sandbox .* is not running`), undelivered},
	{regexp.MustCompile(`network namespace .* is closed|network namespace path .* is empty|failed to statfs`), undelivered},
	{regexp.MustCompile(`no such container|container not running|error dialing backend`), undelivered},
}

// judge reads the error that ended a pair; nil is an end in order.
func judge(err error) verdict {
	var remote *mux.RemoteError
	switch {
	case err == nil:
		return finished
	case errors.Is(err, mux.ErrRejected):
		return unaccepted
	case !errors.As(err, &remote):
		return broken
	}
	text := strings.ToLower(remote.Text)
	for _, e := range evidence {
		if e.text.MatchString(text) {
			return e.verdict
		}
	}
	return broken
}
