package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/source"
)

// journalled is how many events are kept of each forward.
const journalled = 100

// Events implements [api.API].
func (e *Engine) Events(ctx context.Context, id portolan.ID) ([]portolan.Event, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.ledger.forwards.get(id); !ok {
		return nil, merge.UnknownForward(id)
	}
	events := slices.Clone(e.journal[id])
	slices.Reverse(events)
	if events == nil {
		events = []portolan.Event{}
	}
	return events, nil
}

// note writes into the journal of a forward. The caller holds mu.
func (e *Engine) note(id portolan.ID, phase portolan.Phase, text string) {
	events := append(e.journal[id], portolan.Event{At: e.cfg.Now(), Phase: phase, Text: text})
	e.journal[id] = slices.Delete(events, 0, max(0, len(events)-journalled))
}

// noteAll is what a person did to several forwards.
func (e *Engine) noteAll(ids []portolan.ID, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		if _, ok := e.ledger.forwards.get(id); ok {
			e.note(id, "", text)
		}
	}
}

// notePhase is what a forward came to, if that is news. The caller holds mu.
func (e *Engine) notePhase(id portolan.ID, before, after portolan.Status) {
	text := story(after)
	if before.Phase != after.Phase || story(before) != text {
		e.note(id, after.Phase, text)
	}
}

// noteSync is what a sync did to forwards.
func (e *Engine) noteSync(result source.Result) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, row := range result.Rows {
		if _, ok := e.ledger.forwards.get(row.ID); ok {
			e.note(row.ID, "", fmt.Sprintf("%s (commit %.7s)", told(row), result.Commit.SHA))
		}
	}
}

// forgetJournals drops those of forwards that are gone. The caller holds mu.
func (e *Engine) forgetJournals() {
	for id := range e.journal {
		if _, ok := e.ledger.forwards.get(id); !ok {
			delete(e.journal, id)
		}
	}
}

// story is a status in one line.
func story(s portolan.Status) string {
	switch {
	case s.Fault != nil:
		return s.Fault.Message
	case s.Phase == portolan.Ready:
		return "connected to pod " + s.Pod
	case s.Phase == portolan.Listening:
		return "listening on " + strings.Join(s.Addresses, ", ")
	case s.Phase == portolan.Connecting:
		return "connecting"
	case s.Phase == portolan.Off:
		return "stopped"
	}
	return string(s.Phase)
}

// told is what a sync did to one forward, in a few words.
func told(row portolan.Row) string {
	switch row.Action {
	case portolan.Added:
		return "the team added it"
	case portolan.Renamed:
		return "the team renamed it: " + row.Reason
	case portolan.Overruled:
		return "the team overruled your edit of " + fieldNames(row.Fields)
	case portolan.Kept:
		return "the team no longer has it; it is kept: " + row.Reason
	case portolan.Updated:
		if len(row.Fields) == 0 {
			return row.Reason
		}
		return "the team changed " + fieldNames(row.Fields)
	case portolan.Deleted, portolan.Invalid, portolan.Unchanged: // of no forward that is here to tell it
	}
	return string(row.Action)
}

func fieldNames(fields []portolan.FieldChange) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}
