package tray

import (
	"fmt"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	nameWidth    = 32 // runes of a name
	problemWidth = 80 // runes of what is wrong
)

// Tooltip is the line that is shown when the glyph is pointed at: what a person
// has to act on, else how things stand.
func Tooltip(l Look) string {
	if found := problems(l); len(found) > 0 {
		return found[0].text
	}
	if l.Asking != "" {
		return short(l.Asking, problemWidth)
	}
	return headline(l)
}

// headline says how things stand: "3 of 5 forwards up, 2 need you · synced 2 min
// ago".
func headline(l Look) string {
	text := fmt.Sprintf("%d of %d forwards up", countUp(l.Forwards), len(l.Forwards))
	if n := len(problems(l)); n == 1 {
		text += ", 1 needs you"
	} else if n > 1 {
		text += fmt.Sprintf(", %d need you", n)
	}
	for _, said := range []string{freshness(l), standing(l)} {
		if said != "" {
			text += " · " + said
		}
	}
	return text
}

// standing says which sources take nothing without a person: "team held, 3 changes
// to review"; "" where all do.
func standing(l Look) string {
	var held []string
	changes := 0
	for _, s := range l.Sources {
		if s.Held != nil {
			held = append(held, short(s.Name, nameWidth))
		}
		if s.Review != nil {
			changes += s.Review.Changes
		}
	}
	var said []string
	switch len(held) {
	case 0:
	case 1:
		said = append(said, held[0]+" held")
	default:
		said = append(said, fmt.Sprintf("%d sources held", len(held)))
	}
	switch changes {
	case 0:
	case 1:
		said = append(said, "1 change to review")
	default:
		said = append(said, fmt.Sprintf("%d changes to review", changes))
	}
	return strings.Join(said, ", ")
}

// freshness says how new what the team shares is; "" where nothing is followed.
func freshness(l Look) string {
	if len(l.Sources) == 0 {
		return ""
	}
	oldest := l.Sources[0].Status.LastSync
	for _, s := range l.Sources[1:] {
		if s.Status.LastSync.Before(oldest) {
			oldest = s.Status.LastSync
		}
	}
	switch {
	case syncing(l):
		return "syncing now"
	case l.View.Paused:
		return "syncing paused"
	case offline(l) && !oldest.IsZero():
		return "offline, synced " + ago(l.Now, oldest)
	case offline(l):
		return "offline"
	case oldest.IsZero():
		return "not synced yet"
	}
	return "synced " + ago(l.Now, oldest)
}

// ago says how long ago a time was, in steps that do not change the menu all the
// time.
func ago(now, t time.Time) string {
	switch d := now.Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}

// A problem is what a person has to act on: of a source, or of a forward.
type problem struct {
	key  string
	text string
	page string // of the window
}

// problems lists what a person has to act on, the sources' first.
func problems(l Look) (found []problem) {
	for _, s := range l.Sources {
		if s.Status.Phase == portolan.SyncStalled {
			found = append(found, problem{"source " + s.Name, short(s.Name+": "+reason(s.Status.Fault, "it cannot be synced"), problemWidth), "source/" + s.Name})
		}
	}
	for _, f := range l.Forwards {
		if needsPerson(f) {
			found = append(found, problem{"forward " + string(f.ID), short(name(f)+": "+reason(f.Status.Fault, words[f.Status.Phase]), problemWidth), "forward/" + string(f.ID)})
		}
	}
	return found
}

// reason is what a fault says, or other words where there is none.
func reason(f *portolan.Fault, otherwise string) string {
	if f == nil {
		return otherwise
	}
	return f.Message
}

// words are for the phases in which a forward is not up.
var words = map[portolan.Phase]string{
	portolan.Waiting:        "waiting",
	portolan.SignInNeeded:   "sign in",
	portolan.Denied:         "no permission",
	portolan.Unreachable:    "cluster not reachable",
	portolan.PortBusy:       "port taken",
	portolan.ChangedConfirm: "moved, asks for a yes",
	portolan.Unsupported:    "not supported yet",
	portolan.StalledForward: "stopped by an error",
}

// name is what a forward is called, short enough for a menu.
func name(f portolan.ForwardView) string {
	text := f.Entry.Alias
	if text == "" {
		text = f.Key
	}
	return short(text, nameWidth)
}

// line is a forward in a menu: "shop · 127.0.0.1:8080", or why it is not up.
func line(f portolan.ForwardView, suffix string) string {
	text := name(f) + suffix
	switch {
	case f.Status.Phase.Up():
		return text + " · " + address(f)
	case words[f.Status.Phase] != "":
		return text + " · " + words[f.Status.Phase]
	}
	return text
}

// address is where a forward listens; "" where it does not.
func address(f portolan.ForwardView) string {
	if len(f.Status.Addresses) == 0 {
		return ""
	}
	return f.Status.Addresses[0]
}

// usual are short forms of environments that many teams have.
var usual = map[string]string{"development": "dev", "staging": "stg", "production": "prod", "testing": "test"}

// suffixes are short forms of environments, by which favourites of several are
// told apart: the usual ones, else the first four letters, longer until unique.
func suffixes(names []string) map[string]string {
	short := make(map[string]string, len(names))
	for _, n := range names {
		if u := usual[n]; u != "" {
			short[n] = u
			continue
		}
		letters := []rune(n)
		size := min(4, len(letters))
		for size < len(letters) && ambiguous(string(letters[:size]), n, names) {
			size++
		}
		short[n] = string(letters[:size])
	}
	return short
}

// ambiguous reports whether another name begins alike.
func ambiguous(start, name string, names []string) bool {
	for _, other := range names {
		if other != name && strings.HasPrefix(other, start) {
			return true
		}
	}
	return false
}

// short makes a value from outside one plain line of that many runes at most, cut
// in the middle: the end of a name often tells it from its neighbours.
func short(text string, width int) string {
	plain := []rune(strings.TrimSpace(portolan.OneLine(text)))
	if len(plain) <= width {
		return string(plain)
	}
	tail := (width - 1) / 3
	return string(plain[:width-1-tail]) + "…" + string(plain[len(plain)-tail:])
}
