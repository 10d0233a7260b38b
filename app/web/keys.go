package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"sync"
	"time"
)

const (
	codeLife    = 60 * time.Second
	maxCodes    = 8  // links that wait for their browser; the oldest gives way
	maxSessions = 64 // signed-in pages; the oldest gives way
	maxWrong    = 10 // codes that may be wrong before a new link is needed
)

// keys are the codes of links and the secrets of sessions: random, of 128 bits and
// more, and kept as digests only. They end with the process.
type keys struct {
	mu       sync.Mutex
	codes    []code   // oldest first
	sessions []digest // oldest first
	wrong    int      // codes since the last link

	off protection // see guard
}

type digest [sha256.Size]byte

type code struct {
	digest digest
	ends   time.Time
}

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// is compares in a time that does not tell how much is right.
func (d digest) is(other digest) bool { return subtle.ConstantTimeCompare(d[:], other[:]) == 1 }

// newCode makes a code, which counts once and within codeLife. A person asked for
// it, so that wrong codes of before are forgiven.
func (k *keys) newCode() string {
	text := rand.Text()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wrong = 0
	k.codes = append(k.codes, code{digestOf(text), time.Now().Add(codeLife)})
	k.codes = k.codes[max(0, len(k.codes)-maxCodes):]
	return text
}

// exchange takes a code and gives the secret of a new session; ok is false for a
// code that is wrong, used or too old. After maxWrong such codes no code is left.
func (k *keys) exchange(text string) (secret string, ok bool) {
	given, now := digestOf(text), time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	found := -1
	for i, c := range k.codes {
		if c.digest.is(given) {
			found = i
		}
	}
	if found < 0 || !k.off.has(expiry) && now.After(k.codes[found].ends) {
		if k.wrong++; k.wrong >= maxWrong && !k.off.has(fewTries) {
			k.codes = nil
		}
		return "", false
	}
	if !k.off.has(once) {
		k.codes = slices.Delete(k.codes, found, found+1)
	}
	secret = rand.Text()
	k.sessions = append(k.sessions, digestOf(secret))
	k.sessions = k.sessions[max(0, len(k.sessions)-maxSessions):]
	return secret, true
}

// admit reports whether a secret is that of a session.
func (k *keys) admit(secret string) bool {
	given := digestOf(secret)
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.sessions, given.is)
}
