package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/merge"
	"github.com/portolan-app/portolan/internal/portolan"
)

// newID returns an id that was never given before: 130 random bits.
func newID() portolan.ID { return portolan.ID(rand.Text()) }

// Add implements [api.API].
func (e *Engine) Add(ctx context.Context, environment string, fields api.Fields) (portolan.ForwardView, error) {
	if err := e.running(ctx); err != nil {
		return portolan.ForwardView{}, err
	}
	var entry portolan.Entry
	for _, f := range portolan.Fields() {
		value, ok := fields[f.Name]
		if !ok {
			continue
		}
		var err error
		if entry, err = entry.With(f.Name, value); err != nil {
			return portolan.ForwardView{}, err
		}
	}
	if err := unknownFields(fields); err != nil {
		return portolan.ForwardView{}, err
	}
	var id portolan.ID
	err := e.record("added "+environment+"/"+cmp.Or(entry.Alias, entry.Service), func(s *portolan.State) (err error) {
		id, err = merge.AddEntry(s, environment, entry, newID)
		return err
	})
	if err != nil {
		return portolan.ForwardView{}, err
	}
	e.noteAll([]portolan.ID{id}, "you added it")
	return e.viewOf(id)
}

// unknownFields refuses a name that is no entry's field.
func unknownFields(fields api.Fields) error {
	for name, value := range fields {
		if slices.ContainsFunc(portolan.Fields(), func(f portolan.Field) bool { return f.Name == name }) {
			continue
		}
		if _, err := (portolan.Entry{}).With(name, value); err != nil {
			return err
		}
	}
	return nil
}

// Edit implements [api.API].
func (e *Engine) Edit(ctx context.Context, id portolan.ID, fields api.Fields, here bool) (portolan.ForwardView, error) {
	if err := e.running(ctx); err != nil {
		return portolan.ForwardView{}, err
	}
	what, where := strings.Join(slices.Sorted(maps.Keys(fields)), ", "), ""
	if here {
		where = " for this machine"
	}
	e.followHeld(id, false)
	err := e.record("changed "+what+" of "+e.shortName(id)+where, func(s *portolan.State) error {
		if here {
			return merge.SetOverride(s, e.library.file, id, fields)
		}
		return merge.EditEntry(s, e.library.file, id, fields, e.cfg.Now())
	})
	if err != nil {
		return portolan.ForwardView{}, err
	}
	e.noteAll([]portolan.ID{id}, "you changed "+what+where)
	return e.viewOf(id)
}

// SetFavourite implements [api.API].
func (e *Engine) SetFavourite(ctx context.Context, id portolan.ID, on bool) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	return e.update(func(s *portolan.State) error { return merge.SetFavourite(s, e.library.file, id, on) })
}

// OrderFavourites implements [api.API].
func (e *Engine) OrderFavourites(ctx context.Context, ids []portolan.ID) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	return e.record("ordered the favourites", func(s *portolan.State) error { return merge.OrderFavourites(s, ids) })
}

// shortName is a forward as a person would call it: "dev/api".
func (e *Engine) shortName(id portolan.ID) string {
	f, err := e.viewOf(id)
	if err != nil {
		return string(id)
	}
	return api.Names(f)[1]
}

// counted is a number of forwards in words.
func counted(n int) string {
	if n == 1 {
		return "1 forward"
	}
	return fmt.Sprintf("%d forwards", n)
}

// Remove implements [api.API].
func (e *Engine) Remove(ctx context.Context, id portolan.ID) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	return e.record("removed "+e.shortName(id), func(s *portolan.State) error { return merge.RemoveEntry(s, id) })
}

// Import implements [api.API].
func (e *Engine) Import(ctx context.Context, environment string, data []byte) ([]portolan.Row, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	file := portolan.Parse("the imported file", data)
	if fault := file.Fault(); fault != nil {
		return nil, fault
	}
	rows := []portolan.Row{}
	err := e.record(fmt.Sprintf("imported %s into %s", counted(len(file.Entries)), environment), func(s *portolan.State) error {
		rows = rows[:0]
		for _, entry := range file.Entries {
			id, err := merge.AddEntry(s, environment, entry, newID)
			if err != nil {
				return err
			}
			rows = append(rows, portolan.Row{
				Source: portolan.Mine, Environment: environment, Key: entry.Alias, ID: id,
				Kind: "forward", Action: portolan.Added,
			})
		}
		return nil
	})
	return rows, err
}

// Export implements [api.API].
func (e *Engine) Export(ctx context.Context, sel api.Selection) ([]byte, error) {
	picked, err := e.pick(ctx, sel)
	if err != nil {
		return nil, err
	}
	entries := make([]portolan.Entry, len(picked))
	for i, f := range picked {
		entries[i] = f.Team
	}
	return portolan.Encode(entries), nil
}

// Answer implements [api.API].
func (e *Engine) Answer(ctx context.Context, superseded string, answer api.Answer) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	if answer != api.KeepAsMine && answer != api.Dismiss {
		return &portolan.Fault{Kind: portolan.Usage, Code: "answer-unknown",
			Message: "a superseded edit is answered with keep or dismiss, not " + string(answer)}
	}
	text := "dismissed an edit that the team overruled"
	if answer == api.KeepAsMine {
		text = "kept an edit that the team overruled"
	}
	return e.record(text, func(s *portolan.State) error {
		return merge.AnswerSuperseded(s, superseded, answer == api.KeepAsMine, newID)
	})
}
