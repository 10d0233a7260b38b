package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// team is what a source shares at one commit.
type team struct {
	name     string
	commit   portolan.Commit
	forwards map[portolan.ID]shared
}

// shared is a forward as the team has it.
type shared struct {
	name  string
	entry portolan.Entry
}

// teamOf is what a source shares now.
func teamOf(v portolan.View, s portolan.SourceView) team {
	t := team{s.Name, s.Commit, make(map[portolan.ID]shared)}
	for _, f := range v.Forwards {
		if f.Source == s.Name {
			t.forwards[f.ID] = shared{nameOf(f), f.Team}
		}
	}
	return t
}

// nameOf tells a forward from others of its name.
func nameOf(f portolan.ForwardView) string {
	if f.Entry.Alias != "" {
		return f.Environment + "/" + f.Entry.Alias
	}
	return f.Environment + "/" + f.Key
}

// changed tells what another commit changed; false where that is nothing.
func changed(before, after team) (Note, bool) {
	if before.commit.SHA == after.commit.SHA {
		return Note{}, false
	}
	var added, updated, removed []string
	for id, f := range after.forwards {
		if old, ok := before.forwards[id]; !ok {
			added = append(added, f.name)
		} else if !old.entry.Equal(f.entry) {
			updated = append(updated, f.name)
		}
	}
	for id, f := range before.forwards {
		if _, ok := after.forwards[id]; !ok {
			removed = append(removed, f.name)
		}
	}
	var counts, names []string
	for _, part := range []struct {
		names []string
		verb  string
	}{{added, "added"}, {updated, "changed"}, {removed, "removed"}} {
		if len(part.names) > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", len(part.names), part.verb))
			slices.Sort(part.names)
			names = append(names, part.names...)
		}
	}
	if len(names) == 0 {
		return Note{}, false
	}
	text := few(names)
	if after.commit.Message != "" {
		text += " · " + after.commit.Message
	}
	return Note{Kind: Changes, Key: "changes " + after.name, Title: after.name + ": " + strings.Join(counts, ", "), Text: text}, true
}

// reviewNote tells that a commit waits for a yes.
func reviewNote(source string, r portolan.ReviewView) Note {
	changes := fmt.Sprintf("%d changes wait", r.Changes)
	if r.Changes == 1 {
		changes = "1 change waits"
	}
	return Note{Kind: Changes, Key: "review " + source, Title: source + ": " + changes + " for your yes", Text: r.Commit.Message}
}

// few names the first three, and counts the others.
func few(names []string) string {
	if len(names) <= 4 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
}

// outages are the forwards that were up in this process and went down by
// themselves.
type outages map[portolan.ID]*outage

// An outage without a time is a forward that is up, or has not been down since.
type outage struct {
	forward portolan.ForwardView
	since   time.Time // zero = it is up
	told    bool
}

// see takes note of which forwards are up. One that nobody wants any more is
// forgotten, and so is one that has gone.
func (o outages) see(forwards []portolan.ForwardView, now time.Time) {
	wanted := make(map[portolan.ID]bool, len(o))
	for i := range forwards {
		f := &forwards[i]
		known := o[f.ID]
		switch {
		case !f.Local.Wanted || f.Status.Phase == portolan.Off:
			continue
		case f.Status.Phase.Up():
			o[f.ID] = &outage{forward: *f}
		case known == nil:
			continue // it has never been up: who started it sees that
		case known.since.IsZero():
			*known = outage{forward: *f, since: now}
		default:
			known.forward = *f
		}
		wanted[f.ID] = true
	}
	for id := range o {
		if !wanted[id] {
			delete(o, id)
		}
	}
}

// due are the forwards that have been down for long and were not told of, by
// name, and when the next one will be; zero = none will.
func (o outages) due(now time.Time) (lost []portolan.ForwardView, next time.Time) {
	for _, out := range o {
		if out.since.IsZero() || out.told {
			continue
		}
		if at := out.since.Add(lostAfter); !at.After(now) {
			lost = append(lost, out.forward)
		} else if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	slices.SortFunc(lost, func(a, b portolan.ForwardView) int { return strings.Compare(nameOf(a), nameOf(b)) })
	return lost, next
}

// toldOf remembers that a person knows.
func (o outages) toldOf(lost []portolan.ForwardView) {
	for _, f := range lost {
		o[f.ID].told = true
	}
}

// lostNote tells of forwards that are down.
func lostNote(lost []portolan.ForwardView) (Note, bool) {
	if len(lost) == 0 {
		return Note{}, false
	}
	names := make([]string, len(lost))
	for i, f := range lost {
		names[i] = nameOf(f)
	}
	note := Note{Kind: Lost, Key: "lost", Title: names[0] + " is down"}
	if len(lost) > 1 {
		note.Title = fmt.Sprintf("%d forwards are down", len(lost))
		note.Text = few(names)
	}
	if fault := lost[0].Status.Fault; fault != nil {
		note.Text = strings.TrimPrefix(note.Text+" · "+fault.Message, " · ")
	}
	return note, true
}

// signIns says for what a person has to sign in, and why: sources by name, and the
// forwards that [clusterSignIns] found.
func signIns(sources []portolan.SourceView, clusters map[string]string) map[string]string {
	asked := make(map[string]string, len(clusters))
	maps.Copy(asked, clusters)
	for _, s := range sources {
		if s.Status.Phase == portolan.SyncStalled && s.Status.Fault != nil && s.Status.Fault.Kind == portolan.SignIn {
			asked[s.Name] = s.Status.Fault.Message
		}
	}
	return asked
}

// clusterSignIns says for which forwards a person has to sign in to a cluster, by
// name, and why.
func clusterSignIns(forwards []portolan.ForwardView) map[string]string {
	asked := make(map[string]string)
	for i := range forwards {
		f := &forwards[i]
		if f.Status.Phase == portolan.SignInNeeded {
			asked[nameOf(*f)] = "the cluster asks for it"
			if f.Status.Fault != nil {
				asked[nameOf(*f)] = f.Status.Fault.Message
			}
		}
	}
	return asked
}

// signInNote tells for what a person has to sign in that was not so before.
func signInNote(before, after map[string]string) (Note, bool) {
	var names []string
	for name := range after {
		if _, known := before[name]; !known {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return Note{}, false
	}
	slices.Sort(names)
	return Note{Kind: SignIn, Key: "sign-in", Title: "Sign in for " + few(names), Text: after[names[0]]}, true
}
