package merge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// BindAddress is the effect of a [portolan.Consent] to listen on an address
// beyond loopback; its value is the address.
const BindAddress = "bind-address"

// EditEntry changes fields of one entry, by JSON name; null clears a field. A
// local-only entry is changed for good. On a synced one the change is an edit
// that lives until a sync overrules it; an edit that says what the team says is
// none. The error is a Fault: no such entry, an unknown field, a value that does
// not fit, or an alias that is taken.
func EditEntry(s *portolan.State, files Files, id portolan.ID, fields map[string]json.RawMessage, now time.Time) error {
	if i := mineIndex(s, id); i >= 0 {
		return editMine(s, i, fields)
	}
	f, err := find(s, files, id)
	if err != nil {
		return err
	}
	e, err := effective(f.Team, s.Edits[id].Fields, portolan.Override{})
	if err != nil {
		return err
	}
	if e, err = with(e, fields); err != nil {
		return err
	}
	if diff := portolan.Diff(f.Team, e); len(diff) > 0 {
		if s.Edits == nil {
			s.Edits = map[portolan.ID]portolan.Edit{}
		}
		s.Edits[id] = portolan.Edit{At: now, Fields: diff}
	} else {
		delete(s.Edits, id)
	}
	return returned(s, f)
}

func editMine(s *portolan.State, i int, fields map[string]json.RawMessage) error {
	m := s.Mine[i]
	e, err := with(m.Entry, fields)
	if err != nil {
		return err
	}
	if aliasTaken(s, m.Environment, e.Alias, m.ID) {
		return errAliasTaken(m.Environment, e.Alias)
	}
	s.Mine[i].Entry = e
	return nil
}

// with sets fields and checks the entry that comes out.
func with(e portolan.Entry, fields map[string]json.RawMessage) (portolan.Entry, error) {
	for _, name := range sortedKeys(fields) {
		var err error
		if e, err = e.With(name, fields[name]); err != nil {
			return e, err
		}
	}
	return e, invalidEntry(e)
}

// invalidEntry is the Fault of an entry that may not be, or nil.
func invalidEntry(e portolan.Entry) error {
	var bad []portolan.Problem
	var said []string
	for _, p := range portolan.Validate(e) {
		if isError(p) {
			bad = append(bad, p)
			said = append(said, p.Message)
		}
	}
	if bad == nil {
		return nil
	}
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "invalid-entry",
		Message: strings.Join(said, "; "), Hint: bad[0].Hint, Problems: bad,
	}
}

// returned clears a yes that is waited for, if a person's own change has brought
// the forward back to where it last had one.
func returned(s *portolan.State, f portolan.Forward) error {
	l := s.Local[f.ID]
	if l.Approved == nil {
		return nil
	}
	var err error
	if f.Entry, err = effective(f.Team, s.Edits[f.ID].Fields, l.Override); err != nil {
		return err
	}
	f.Local = l
	if TargetOf(s, f) == *l.Approved {
		l.Approved = nil
		setLocal(s, f.ID, l)
	}
	return nil
}

// SetOverride sets what holds for an entry on this machine only: local_port,
// local_address and context, by JSON name; null clears. No sync touches it. The
// error is a Fault.
func SetOverride(s *portolan.State, files Files, id portolan.ID, fields map[string]json.RawMessage) error {
	f, err := find(s, files, id)
	if err != nil {
		return err
	}
	l := f.Local
	for _, name := range sortedKeys(fields) {
		one, err := portolan.Entry{}.With(name, fields[name])
		if err != nil {
			return err
		}
		switch name {
		case "local_port":
			l.Override.LocalPort = one.LocalPort
		case "local_address":
			l.Override.LocalAddress = one.LocalAddress
		case "context":
			l.Override.Context = one.Context
		default:
			return &portolan.Fault{
				Kind: portolan.Usage, Code: "not-for-here",
				Message: fmt.Sprintf("%s cannot be set for this machine only", name),
				Hint:    "local_port, local_address and context can; edit the entry for the others",
			}
		}
	}
	e, err := effective(f.Team, s.Edits[id].Fields, l.Override)
	if err != nil {
		return err
	}
	if err := invalidEntry(e); err != nil {
		return err
	}
	setLocal(s, id, l)
	return returned(s, f)
}

// AddEntry adds a local-only entry to an environment and returns its id. The
// error is a Fault: the entry is invalid, or another local-only entry of the
// environment has its alias.
func AddEntry(s *portolan.State, environment string, e portolan.Entry, newID func() portolan.ID) (portolan.ID, error) {
	if err := invalidEntry(e); err != nil {
		return "", err
	}
	if aliasTaken(s, environment, e.Alias, "") {
		return "", errAliasTaken(environment, e.Alias)
	}
	id := newID()
	s.Mine = append(s.Mine, portolan.MyEntry{ID: id, Environment: environment, Entry: e})
	return id, nil
}

// RemoveEntry deletes a local-only entry, or one that a policy kept though its
// source no longer has it. Any other synced one is a Fault: it would come back.
func RemoveEntry(s *portolan.State, id portolan.ID) error {
	if i := mineIndex(s, id); i >= 0 {
		s.Mine = slices.Delete(s.Mine, i, i+1)
		delete(s.Local, id)
		return nil
	}
	for i := range s.Sources {
		src := &s.Sources[i]
		for j, k := range src.Base.Kept {
			if src.IDs[k.Environment][k.Key] == id {
				src.Base.Kept = slices.Delete(src.Base.Kept, j, j+1)
				delete(src.IDs[k.Environment], k.Key)
				delete(s.Local, id)
				delete(s.Edits, id)
				return nil
			}
		}
	}
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "not-mine",
		Message: "only entries of your own can be removed; this one would come back at the next sync",
		Hint:    "remove it in the repository, or remove the source",
	}
}

// RemoveSource forgets a source with its consents. With keep, its entries become
// local-only ones as they are now, edits included, under their ids, so that
// running forwards stay; without, they go with all that was known of them. What
// the source superseded stays until it is answered. The error is a Fault, or
// from files.
func RemoveSource(s *portolan.State, name string, keep bool, files Files, newID func() portolan.ID) error {
	src := s.Source(name)
	if src == nil {
		return UnknownSource(s, name)
	}
	if keep {
		inv, err := take(src, src.Base, files)
		if err != nil {
			return err
		}
		for _, it := range inv.items {
			e, err := apply(it.entry, s.Edits[it.id].Fields)
			if err != nil {
				return err
			}
			if it.id == "" { // no sync has met it yet
				it.id = newID()
			}
			s.Mine = append(s.Mine, portolan.MyEntry{ID: it.id, Environment: it.env, Entry: e})
		}
		keepConsents(s, name)
	}
	for _, keys := range src.IDs {
		for _, id := range keys {
			delete(s.Edits, id)
			if !keep {
				delete(s.Local, id)
			}
		}
	}
	s.Consents = slices.DeleteFunc(s.Consents, func(c portolan.Consent) bool { return c.Source == name })
	s.Sources = slices.DeleteFunc(s.Sources, func(src portolan.Source) bool { return src.Name == name })
	return nil
}

// keepConsents lets the entries of a source that become local-only ones listen
// where they could.
func keepConsents(s *portolan.State, name string) {
	for _, c := range s.Consents {
		if c.Source == name && c.Effect == BindAddress {
			consent(s, portolan.Mine, BindAddress, c.Value, c.At)
		}
	}
}

// AnswerSuperseded settles a superseded edit: with keep, the entry as it was
// edited becomes a local-only one. The error is a Fault.
func AnswerSuperseded(s *portolan.State, id string, keep bool, newID func() portolan.ID) error {
	i := slices.IndexFunc(s.Superseded, func(old portolan.Superseded) bool { return old.ID == id })
	if i < 0 {
		return &portolan.Fault{
			Kind: portolan.Usage, Code: "superseded-unknown",
			Message: fmt.Sprintf("there is no superseded edit %q", id),
			Hint:    "see them with: portolan superseded",
		}
	}
	if keep {
		if _, err := AddEntry(s, s.Superseded[i].Environment, s.Superseded[i].Entry, newID); err != nil {
			return err
		}
	}
	s.Superseded = slices.Delete(s.Superseded, i, i+1)
	return nil
}

// Confirm is a person's yes to what a forward waits for: to lead where it leads
// now, or else to listen beyond loopback, which is remembered for its source and
// the address. Nothing to confirm is a Fault.
func Confirm(s *portolan.State, files Files, id portolan.ID, now time.Time) error {
	f, err := find(s, files, id)
	if err != nil {
		return err
	}
	switch {
	case f.Local.Approved != nil:
		f.Local.Approved = nil
		setLocal(s, id, f.Local)
	case AsksToBind(s, f):
		consent(s, f.Source, BindAddress, f.Entry.LocalAddress, now)
	default:
		return &portolan.Fault{
			Kind: portolan.Failed, Code: "nothing-to-confirm",
			Message: "this forward waits for no confirmation",
			Hint:    "see what waits for you with: portolan status",
		}
	}
	return nil
}

// AsksToBind reports whether a forward's address is beyond loopback and nobody
// at this machine has said yes to it, so that it must listen on loopback. An
// address that a person set here, by an edit or an override, is a yes.
func AsksToBind(s *portolan.State, f portolan.Forward) bool {
	return portolan.BeyondLoopback(f.Entry.LocalAddress) &&
		f.Local.Override.LocalAddress == "" &&
		!named(s.Edits[f.ID].Fields, "local_address") &&
		!consents(s, f.Source, BindAddress, f.Entry.LocalAddress)
}

// AllowEmpty is a person's yes to a commit of a source that has no environment
// file any more.
func AllowEmpty(s *portolan.State, source, commit string, now time.Time) {
	consent(s, source, EmptySource, commit, now)
}

// consent remembers a yes once.
func consent(s *portolan.State, source, effect, value string, now time.Time) {
	if !consents(s, source, effect, value) {
		s.Consents = append(s.Consents, portolan.Consent{Source: source, Effect: effect, Value: value, At: now})
	}
}

// consents reports whether a person said yes to an effect of a source.
func consents(s *portolan.State, source, effect, value string) bool {
	return slices.ContainsFunc(s.Consents, func(c portolan.Consent) bool {
		return c.Source == source && c.Effect == effect && c.Value == value
	})
}

// Revoke takes back a yes that was given with [Confirm] or [AllowEmpty]. An empty
// effect or value means all of them. That there is none is a Fault.
func Revoke(s *portolan.State, source, effect, value string) error {
	before := len(s.Consents)
	s.Consents = slices.DeleteFunc(s.Consents, func(c portolan.Consent) bool {
		return c.Source == source && (effect == "" || c.Effect == effect) && (value == "" || c.Value == value)
	})
	if len(s.Consents) == before {
		return &portolan.Fault{Kind: portolan.Usage, Code: "consent-unknown",
			Message: fmt.Sprintf("nothing of the kind was allowed to %q", source), Hint: "see what was with: portolan trust list"}
	}
	return nil
}

// Want says which forwards a person wants to run. What is started is no longer
// new; what is stopped no longer waits for a yes, because the next start is one.
func Want(s *portolan.State, ids []portolan.ID, wanted bool) {
	for _, id := range ids {
		l := s.Local[id]
		l.Wanted = wanted
		if wanted {
			l.New = false
		} else {
			l.Approved = nil
		}
		setLocal(s, id, l)
	}
}

// SetFavourite marks a forward as a favourite, or no longer. The error is a Fault:
// no such forward.
func SetFavourite(s *portolan.State, files Files, id portolan.ID, on bool) error {
	f, err := find(s, files, id)
	if err != nil {
		return err
	}
	f.Local.Favourite = on
	if !on {
		f.Local.Rank = 0
	}
	setLocal(s, id, f.Local)
	return nil
}

// OrderFavourites ranks favourites in the order of ids; those that it does not
// name come after them. The error is a Fault: one of them is no favourite.
func OrderFavourites(s *portolan.State, ids []portolan.ID) error {
	ranks := make(map[portolan.ID]int, len(ids))
	for i, id := range ids {
		if !s.Local[id].Favourite {
			return &portolan.Fault{Kind: portolan.Failed, Code: "favourite-unknown",
				Message: "one of these forwards is no favourite", Hint: "order those that are"}
		}
		ranks[id] = i + 1
	}
	for id, l := range s.Local {
		if l.Favourite {
			l.Rank = ranks[id]
			s.Local[id] = l
		}
	}
	return nil
}

// find returns the forward of an id. It reads the files of its environment only.
func find(s *portolan.State, files Files, id portolan.ID) (portolan.Forward, error) {
	if mineIndex(s, id) >= 0 {
		own, err := ofThisMachine(s)
		if err != nil {
			return portolan.Forward{}, err
		}
		return own[slices.IndexFunc(own, func(f portolan.Forward) bool { return f.ID == id })], nil
	}
	for i := range s.Sources {
		src := &s.Sources[i]
		env, ok := environmentOf(src, id)
		if !ok {
			continue
		}
		inv, err := take(src, within(src.Base, env), files)
		if err != nil {
			return portolan.Forward{}, err
		}
		for _, it := range inv.items {
			if it.id == id {
				return forward(s, src.Name, it, inv.protected[it.env])
			}
		}
	}
	return portolan.Forward{}, UnknownForward(id)
}

// environmentOf is where a source has met an id.
func environmentOf(src *portolan.Source, id portolan.ID) (env string, ok bool) {
	for env, keys := range src.IDs {
		for _, known := range keys {
			if known == id {
				return env, true
			}
		}
	}
	return "", false
}

// within is the part of a base that lies in one environment.
func within(base portolan.Base, env string) portolan.Base {
	part := portolan.Base{Files: map[string]portolan.BaseFile{}}
	for name, file := range base.Files {
		if file.Environment == env {
			part.Files[name] = file
		}
	}
	for _, k := range base.Kept {
		if k.Environment == env {
			part.Kept = append(part.Kept, k)
		}
	}
	return part
}

// UnknownForward is the fault of an id that no forward has, or has any more.
func UnknownForward(id portolan.ID) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Usage, Code: "forward-unknown",
		Message: fmt.Sprintf("there is no forward with the id %q", id),
		Hint:    "see what there is with: portolan list",
	}
}

func mineIndex(s *portolan.State, id portolan.ID) int {
	return slices.IndexFunc(s.Mine, func(m portolan.MyEntry) bool { return m.ID == id })
}

// aliasTaken reports whether another local-only entry of the environment has the
// alias.
func aliasTaken(s *portolan.State, env, alias string, but portolan.ID) bool {
	return alias != "" && slices.ContainsFunc(s.Mine, func(m portolan.MyEntry) bool {
		return m.ID != but && m.Environment == env && m.Entry.Alias == alias
	})
}

func errAliasTaken(env, alias string) error {
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "alias-taken",
		Message: fmt.Sprintf("%s already has an entry of your own called %q", env, alias),
		Hint:    "choose another alias, or edit that entry",
	}
}
