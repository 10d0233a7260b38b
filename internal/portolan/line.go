package portolan

import (
	"strings"
	"unicode"
)

// OneLine makes a text from outside one plain line for the desktop, such as a line
// of a menu: white space becomes a blank; control and bidirectional characters go,
// which could rearrange what stands around them.
func OneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c' || r == '\u200d': // joiners, which scripts and emoji need
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}
