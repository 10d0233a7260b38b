// Package notify decides what a person is told at the desktop without having
// asked: that a sync brought changes, or has some that wait for a yes, that forwards are lost, that they have to
// sign in.
//
// It watches the engine's view. What there is to tell follows from the view
// before and the one after; time comes in where a forward has to be down for a
// while, and where one word must not follow another too soon. What comes
// meanwhile is told with the next.
package notify

import (
	"context"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Kind is a kind of notes, and the name of the setting that turns them on and off.
type Kind string

// The kinds.
const (
	Changes Kind = "notify_changes"
	Lost    Kind = "notify_lost"
	SignIn  Kind = "notify_sign_in"
)

// Note is something to tell.
type Note struct {
	Kind  Kind
	Key   string // what it is about; a later note with it takes the place of this one
	Title string
	Text  string
}

const (
	lostAfter = 30 * time.Second // a forward is down so long before anybody is told
	gap       = time.Minute      // between two notes with one key
	retry     = time.Second      // before an engine is asked again that gave no answer
)

// Watcher tells what happens in an engine.
type Watcher struct {
	API api.API
	// Show shows a note. It returns at once.
	Show func(Note)

	view  portolan.View
	teams map[string]team   // by source, as they were told last
	yes   map[string]string // by source, the commit that waited for a yes when that was told last
	down  outages
	asked map[string]string // who has to sign in, as they were told last

	clusters map[string]string // the forwards whose cluster asks for a sign-in
	told     map[string]time.Time
}

// Run watches until ctx ends.
func (w *Watcher) Run(ctx context.Context) error {
	w.teams, w.yes, w.down, w.told = make(map[string]team), make(map[string]string), make(outages), make(map[string]time.Time)
	changes := make(chan portolan.Changes)
	followed := make(chan struct{})
	go func() { _ = api.Follow(ctx, w.API, retry, changes); close(followed) }()
	defer func() { <-followed }()
	var again <-chan time.Time
	for {
		select {
		case c := <-changes:
			w.take(c, time.Now())
		case <-again:
		case <-ctx.Done():
			return ctx.Err()
		}
		again = nil
		if next := w.look(ctx, time.Now()); !next.IsZero() {
			again = time.After(time.Until(next))
		}
	}
}

// take brings a change into the view. Most are of a source that was polled: then
// nobody looks at the forwards.
func (w *Watcher) take(c portolan.Changes, now time.Time) {
	w.view.Apply(c)
	if c.Whole || len(c.Forwards)+len(c.Removed.Forwards) > 0 {
		w.down.see(w.view.Forwards, now)
		w.clusters = clusterSignIns(w.view.Forwards)
	}
}

// look tells what there is to tell, and returns when to look again although
// nothing happens; zero = not before.
func (w *Watcher) look(ctx context.Context, now time.Time) (again time.Time) {
	_, next := w.down.due(now)
	for _, t := range []time.Time{next, w.lookAtTeams(ctx, now), w.lookAtReviews(ctx, now), w.lookAtLost(ctx, now), w.lookAtSignIns(ctx, now)} {
		if !t.IsZero() && (again.IsZero() || t.Before(again)) {
			again = t
		}
	}
	return again
}

// lookAtTeams keeps what was told last, so that what comes before the next note
// is in that one.
func (w *Watcher) lookAtTeams(ctx context.Context, now time.Time) (again time.Time) {
	for _, s := range w.view.Sources {
		before, known := w.teams[s.Name]
		if s.Commit.SHA == "" || known && before.commit.SHA == s.Commit.SHA {
			continue
		}
		after := teamOf(w.view, s)
		if note, ok := changed(before, after); known && ok {
			if again = w.tell(ctx, note, now); !again.IsZero() {
				continue
			}
		}
		w.teams[s.Name] = after
	}
	return again
}

func (w *Watcher) lookAtReviews(ctx context.Context, now time.Time) (again time.Time) {
	for _, s := range w.view.Sources {
		if s.Review == nil {
			delete(w.yes, s.Name)
			continue
		}
		if w.yes[s.Name] == s.Review.Commit.SHA {
			continue
		}
		if again = w.tell(ctx, reviewNote(s.Name, *s.Review), now); again.IsZero() {
			w.yes[s.Name] = s.Review.Commit.SHA
		}
	}
	return again
}

func (w *Watcher) lookAtLost(ctx context.Context, now time.Time) (again time.Time) {
	lost, _ := w.down.due(now)
	note, ok := lostNote(lost)
	if !ok {
		return time.Time{}
	}
	if again = w.tell(ctx, note, now); again.IsZero() {
		w.down.toldOf(lost)
	}
	return again
}

func (w *Watcher) lookAtSignIns(ctx context.Context, now time.Time) (again time.Time) {
	asked := signIns(w.view.Sources, w.clusters)
	if note, ok := signInNote(w.asked, asked); ok {
		if again = w.tell(ctx, note, now); !again.IsZero() {
			return again
		}
	}
	w.asked = asked
	return time.Time{}
}

// tell shows a note, unless its setting is off, and returns zero; or it returns
// when the note may be shown, and does nothing.
func (w *Watcher) tell(ctx context.Context, note Note, now time.Time) time.Time {
	if last, ok := w.told[note.Key]; ok && now.Sub(last) < gap {
		return last.Add(gap)
	}
	if w.wanted(ctx, note.Kind) {
		w.told[note.Key] = now
		w.Show(note)
	}
	return time.Time{}
}

// wanted reports whether a kind is on; it is where the engine cannot say.
func (w *Watcher) wanted(ctx context.Context, kind Kind) bool {
	settings, err := w.API.Settings(ctx)
	if err != nil {
		return true
	}
	for _, s := range settings {
		if s.Name == string(kind) {
			return s.Value != "off"
		}
	}
	return true
}
