package portolan

import (
	"errors"
	"strings"
	"time"
)

// Kind says what follows from a fault; app maps it to an exit code.
type Kind string

// The kinds of fault, with the exit code of the CLI in brackets.
const (
	Failed      Kind = "failed"      // it did not work, or the input is invalid (1)
	Usage       Kind = "usage"       // the command or its argument cannot be understood or read (64)
	Unavailable Kind = "unavailable" // nothing is running that could do it (69)
	Later       Kind = "later"       // it will be tried again by itself, at Retry (75)
	SignIn      Kind = "sign-in"     // a person must sign in, or has not the right (77)
)

// Fault is an error for a person: what happened and why in Message, what to do
// next in Hint. It is data, so that it crosses the local API unchanged. A fault
// never holds a token.
type Fault struct {
	Kind    Kind   `json:"kind"`
	Code    string `json:"code"` // a stable slug, such as "github-unauthorized"
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`

	// Retry is when the next attempt is due. Zero: nothing will be tried until a
	// person acts.
	Retry time.Time `json:"retry,omitzero"`

	// Problems are the findings behind an invalid file.
	Problems []Problem `json:"problems,omitempty"`
}

// Error is the message, and the hint after a semicolon.
func (f *Fault) Error() string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + "; " + f.Hint
}

// OfKeychain reports whether the keychain is at fault: it is locked or cannot be
// used, and only a person can change that.
func OfKeychain(f *Fault) bool { return strings.HasPrefix(f.Code, "keychain-") }

// AsFault finds the fault in err's chain. An error without one becomes a
// [Failed] fault with the code "internal"; nil stays nil.
func AsFault(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Kind: Failed, Code: "internal", Message: err.Error()}
}
