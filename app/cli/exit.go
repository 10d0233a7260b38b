package cli

import (
	"errors"

	"github.com/portolan-app/portolan/internal/portolan"
)

// The exit codes of every command. The high ones are those of sysexits.h.
const (
	exitOK          = 0  // done
	exitFailed      = 1  // failed, or a file is invalid
	exitChanges     = 2  // a dry run that would change something
	exitUsage       = 64 // the command or its input cannot be understood or read
	exitUnavailable = 69 // no engine is running
	exitLater       = 75 // it will be tried again by itself
	exitSignIn      = 77 // sign in, or ask for the right
)

// errChanges is the outcome of a dry run that would change something. It has
// been printed.
var errChanges = errors.New("there are changes")

// reported is a fault whose message has been printed already; only its exit code
// is left to say.
type reported struct{ *portolan.Fault }

func (r reported) Unwrap() error { return r.Fault }

// exitCode is the one place where an outcome becomes an exit code.
func exitCode(err error) int {
	var ran exited
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errChanges):
		return exitChanges
	case errors.As(err, &ran):
		return int(ran)
	}
	switch portolan.AsFault(err).Kind {
	case portolan.Usage:
		return exitUsage
	case portolan.Unavailable:
		return exitUnavailable
	case portolan.Later:
		return exitLater
	case portolan.SignIn:
		return exitSignIn
	default:
		return exitFailed
	}
}

// report says on standard error what went wrong, why, and what to do next.
func (p *program) report(err error) {
	if err == nil || errors.Is(err, errChanges) || errors.As(err, new(reported)) || errors.As(err, new(exited)) {
		return
	}
	p.reportFault(portolan.AsFault(err))
}

func (p *program) reportFault(f *portolan.Fault) {
	if p.format == "json" {
		p.err.json(struct {
			Error *portolan.Fault `json:"error"`
		}{f})
		return
	}
	p.err.printf("%s %s\n", bold("portolan:"), f.Message)
	for _, problem := range f.Problems {
		p.err.printf("  %s\n", problem)
	}
	if f.Hint != "" {
		p.err.printf("  %s\n", f.Hint)
	}
	if !f.Retry.IsZero() {
		p.err.printf("  the next attempt is %s\n", until(f.Retry))
	}
}
