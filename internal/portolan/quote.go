package portolan

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote writes a value as one word of a POSIX shell, for a command that a person
// may paste: a name from a shared file must not become a second command.
func Quote(word string) string {
	safe := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("-_./:@%+=,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !safe(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
