package portolan

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// secretForms are values that are secrets by their form, as their issuers have
// published it so that scanners find them.
var secretForms = []struct {
	kind string
	mark string // part of each match: a cheap test before the form
	form *regexp.Regexp
}{
	{"a private key", "PRIVATE KEY", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY`)},
	{"a GitHub token", "gh", regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{20,}`)},
	{"a GitHub token", "github_pat_", regexp.MustCompile(`\bgithub_pat_[A-Za-z0-9_]{20,}`)},
	{"a GitLab token", "glpat-", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{16,}`)},
	{"a Slack token", "xox", regexp.MustCompile(`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`)},
	{"an AWS access key", "AKIA", regexp.MustCompile(`\bAKIA[A-Z0-9]{16}\b`)},
	{"an AWS access key", "ASIA", regexp.MustCompile(`\bASIA[A-Z0-9]{16}\b`)},
	{"a Google API key", "AIza", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}`)},
	{"a Stripe key", "k_live_", regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{10,}`)},
	{"a JSON web token", "eyJ", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.`)},
	{"a password in a URL", "://", regexp.MustCompile(`://[^/\s:@]*:[^/\s@]+@`)},
}

// secretWords end the names that promise a secret.
var secretWords = []string{"password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "credential", "credentials"}

// isSecretName reports whether a member name promises a secret: db_password,
// API-KEY, authToken.
func isSecretName(name string) bool {
	name = plain(name)
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.HasSuffix(name, word) })
}

// secretKind says what kind of secret a value looks like, or "". The name is
// that of the member it belongs to, if any.
func secretKind(name, value string) string {
	if value == "" {
		return ""
	}
	if isSecretName(name) {
		return "a password"
	}
	for _, s := range secretForms {
		if strings.Contains(value, s.mark) && s.form.MatchString(value) {
			return s.kind
		}
	}
	if name != "target" && assignsSecret(value) { // the selector token=none is no password
		return "a password"
	}
	return ""
}

// assignsSecret finds "password: hunter2", "api_key=…" and "token": "…" in a text.
func assignsSecret(text string) bool {
	for at := 0; ; at++ {
		next := strings.IndexAny(text[at:], ":=")
		if next < 0 {
			return false
		}
		at += next
		before := strings.TrimRight(text[:at], ` "'`)
		start := strings.LastIndexFunc(before, func(r rune) bool {
			return !unicode.IsLetter(r) && r != '_' && r != '-'
		})
		after := strings.TrimLeft(text[at+1:], ` "'`)
		if end := strings.IndexAny(after, ` "',;`); end >= 0 {
			after = after[:end]
		}
		if len(after) >= 4 && isSecretName(before[start+1:]) {
			return true
		}
	}
}

// secrets warns of fields whose value looks like a secret. The message never
// shows the value.
func (e *Entry) secrets() []finding {
	var found []finding
	for i := range fieldTable {
		r := &fieldTable[i]
		if r.ref == nil {
			continue
		}
		switch v := r.ref(e).(type) {
		case *string:
			if kind := secretKind(r.Name, *v); kind != "" {
				found = append(found, secretFound(r.Name, kind))
			}
		case *[]string:
			for _, s := range *v {
				if kind := secretKind(r.Name, s); kind != "" {
					found = append(found, secretFound(r.Name, kind))
				}
			}
		}
	}
	return found
}

// restSecrets does the same for a member of Rest and everything in it.
func restSecrets(field string, n *node) []finding {
	var found []finding
	if n.kind == '"' {
		if kind := secretKind(n.name, n.text); kind != "" {
			found = append(found, secretFound(field, kind))
		}
	}
	for i := range n.kids {
		found = append(found, restSecrets(field, &n.kids[i])...)
	}
	return found
}

func secretFound(field, kind string) finding {
	return finding{field, SeverityWarning, "secret", printable(field) + " looks like it holds " + kind,
		"everyone who can read the repository can read it: revoke it, and keep it out of the file"}
}
