package portolan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ThisRun is the [Host.From] of a token that was signed in for one run only.
const ThisRun = "this run"

// expiryNotice is how long before its end a token is worth a word, and when the
// word becomes more urgent.
var expiryNotice = []time.Duration{14 * 24 * time.Hour, 7 * 24 * time.Hour, 24 * time.Hour}

// ExpiryNotice says that the token ends soon, or has ended. It is "" while there
// are more than 14 days, or where the end is not known. Its words change 14, 7
// and 1 days before the end, so that a face can tell a new notice from one that
// was read.
func (h Host) ExpiryNotice(now time.Time) string {
	left := h.Expires.Sub(now)
	token := "the token for " + h.Host
	if h.Login != "" {
		token += " (" + h.Login + ")"
	}
	switch date := h.Expires.Local().Format("2006-01-02 15:04"); {
	case h.Expires.IsZero() || left > expiryNotice[0]:
		return ""
	case left <= 0:
		return fmt.Sprintf("%s expired on %s", token, date)
	case left <= expiryNotice[2]:
		return fmt.Sprintf("%s expires within a day, on %s", token, date)
	case left <= expiryNotice[1]:
		return fmt.Sprintf("%s expires within a week, on %s", token, date)
	default:
		return fmt.Sprintf("%s expires within two weeks, on %s", token, date)
	}
}

// readingScopes are the scopes of a classic token that change nothing, as far as
// GitHub has such (docs.github.com, "Scopes for OAuth apps").
var readingScopes = []string{"read:", "user:email"}

// Excess says what a token may do that following a repository does not need, or
// "" where that is nothing or cannot be known: GitHub names the scopes of a
// classic token, and nothing of a fine-grained one.
func (h Host) Excess() string {
	writes := slices.ContainsFunc(h.Scopes, func(scope string) bool {
		return !slices.ContainsFunc(readingScopes, func(reading string) bool { return strings.HasPrefix(scope, reading) })
	})
	if !writes {
		return ""
	}
	return "this token can write (" + strings.Join(h.Scopes, ", ") + "); syncing needs only Contents: read, " +
		"which a fine-grained token for the one repository gives"
}
