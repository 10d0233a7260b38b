package source

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// How often a source is polled. Without a token GitHub allows 60 requests an
// hour for an address, and a conditional request that finds nothing counts (REST
// API, "Rate limits").
const (
	authorizedInterval = time.Minute
	anonymousInterval  = 15 * time.Minute
	leastAuthorized    = 10 * time.Second
	leastAnonymous     = 2 * time.Minute // times the sources of that host
	leastLoopback      = time.Second     // this machine's own server counts nobody's requests

	syncTimeout  = 2 * time.Minute // of one whole sync
	firstBackoff = 5 * time.Second
	lastBackoff  = 15 * time.Minute
	slowRetry    = time.Hour // of what a person must put right

	keychainRetry = 5 * time.Minute // which asks nobody: a person unlocks a keychain for other programs, too
)

// settle publishes how a sync ended, and says when to try again by itself, if at
// all.
func (f *Follower) settle(result Result, err error, b *backoff) (wait time.Duration, again bool) {
	now := f.cfg.Now()
	state := f.cfg.Store.Peek()
	src := state.Source(f.cfg.Name)
	if src == nil {
		return 0, false // removed meanwhile
	}
	phase, fault := portolan.SyncIdle, portolan.AsFault(err)
	wait, again = f.interval(state, src), !pinned(src.Ref)
	switch {
	case fault == nil:
		b.reset()
	case refusal(fault): // the repository was read; its next commit may be fine
		phase = portolan.SyncStalled
		b.reset()
	case stalled(fault):
		phase = portolan.SyncStalled
		wait, again = slowRetry, fault.Code != replaced
		if portolan.OfKeychain(fault) {
			wait = keychainRetry
		}
	default:
		phase = portolan.SyncWaiting
		wait, again = b.next(), true
		if left := fault.Retry.Sub(now); left > 0 {
			wait = left
		}
	}
	wait = jitter(wait)
	if fault != nil && !fault.Retry.IsZero() && now.Add(wait).Before(fault.Retry) {
		wait = fault.Retry.Sub(now) // never before the time that the host named
	}
	f.publish(func(s *portolan.SourceStatus) {
		s.Phase, s.Step, s.Fault, s.Requests, s.Next = phase, "", nil, result.Requests, time.Time{}
		if result.Quota != (portolan.Quota{}) {
			s.Quota = result.Quota
		}
		if again {
			s.Next = now.Add(wait)
		}
		if fault == nil {
			s.LastSync = now
			return
		}
		shown := *fault
		shown.Retry = s.Next
		s.Fault = &shown
	})
	if fault != nil {
		f.cfg.Log.Warn("sync failed", "code", fault.Code, "fault", fault.Message, "retry", wait, "again", again)
	}
	return wait, again
}

// interval is how long to wait after a sync that went well.
func (f *Follower) interval(s *portolan.State, src *portolan.Source) time.Duration {
	authorized := f.cfg.Authorized != nil && f.cfg.Authorized()
	usual, least := anonymousInterval, leastAnonymous*time.Duration(sourcesOf(s, src.Repo.Host))
	if authorized {
		usual, least = authorizedInterval, leastAuthorized
	}
	if isLoopback(src.Repo.Host) {
		least = leastLoopback
	}
	if src.Interval > 0 {
		usual = time.Duration(src.Interval)
	}
	return max(usual, least)
}

func sourcesOf(s *portolan.State, host string) (n int) {
	for i := range s.Sources {
		if strings.EqualFold(s.Sources[i].Repo.Host, host) {
			n++
		}
	}
	return n
}

func isLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && ip.IsLoopback()
}

var fullSHA = regexp.MustCompile(`^[0-9a-f]{40}$`)

// pinned reports whether a ref is a commit, which never moves.
func pinned(ref string) bool { return fullSHA.MatchString(ref) }

// The code of a fault when the name that a source follows belongs to another
// repository now; the same as the github package's.
const replaced = "github-replaced"

// refusal reports whether the repository was read and its commit not taken.
func refusal(f *portolan.Fault) bool {
	switch f.Code {
	case "source-empty", "too-many-entries", "invalid-files", "missing-entries", pathMissing, portolan.CodeUnverified:
		return true
	}
	return false
}

// stalled reports whether a person must act before a sync can go well.
func stalled(f *portolan.Fault) bool {
	return portolan.OfKeychain(f) || f.Kind == portolan.SignIn || f.Kind == portolan.Usage || f.Code == badSettings || strings.HasPrefix(f.Code, "github-") && f.Kind != portolan.Later
}

// backoff counts the failures in a row.
type backoff struct{ failures int }

func (b *backoff) reset() { b.failures = 0 }

func (b *backoff) next() time.Duration {
	wait := firstBackoff
	for range b.failures {
		wait = min(2*wait, lastBackoff)
	}
	b.failures++
	return wait
}

// jitter spreads a wait by ±10 %, so that the machines of a team do not ask all
// at once.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()*2-1)*0.1*float64(d)) //nolint:gosec // nothing secret
}
