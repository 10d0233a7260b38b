package portolan

import (
	"crypto/sha1" //nolint:gosec // git names blobs by SHA-1; not used for security by itself
	"encoding/hex"
	"fmt"
	"io"
)

// Token is a secret for a GitHub host. Every way of printing or marshalling it
// gives "[token]"; [Token.Reveal] is the only door to the text.
type Token struct{ secret, origin string }

// NewToken wraps a secret.
func NewToken(secret string) Token { return Token{secret: secret} }

// Of returns the token with a word on where it comes from: "the file /run/token".
func (t Token) Of(origin string) Token { t.origin = origin; return t }

// Origin says where the token comes from, if it was given outside of a keychain:
// there it must be replaced. Else it is "".
func (t Token) Origin() string { return t.origin }

// Reveal returns the text of the token, for the one header or keychain call that
// needs it.
func (t Token) Reveal() string { return t.secret }

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.secret == "" }

// String never shows the token.
func (t Token) String() string {
	if t.IsZero() {
		return "[no token]"
	}
	return "[token]"
}

// GoString never shows the token.
func (t Token) GoString() string { return t.String() }

// Format never shows the token, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// MarshalText never shows the token, so it cannot reach JSON or a log.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// BlobSHA names data as git does: the hex SHA-1 of "blob", its length, NUL and
// the data (git-scm.com/book/en/v2/Git-Internals-Git-Objects).
func BlobSHA(data []byte) string {
	h := sha1.New() //nolint:gosec // see above
	_, _ = fmt.Fprintf(h, "blob %d\x00", len(data))
	_, _ = h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}
