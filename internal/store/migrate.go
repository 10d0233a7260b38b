package store

import (
	"encoding/json"
	"fmt"

	"github.com/portolan-app/portolan/internal/portolan"
)

// migration lifts a State, as a JSON object, from one schema to the next. It sees
// raw members, so that it does not depend on today's types and keeps what it does
// not know.
type migration func(state map[string]json.RawMessage) error

// schema is the version of State that a store writes, and the way to it: the step
// at index i leads from version i+1 to i+2. A step never changes once released.
type schema struct {
	version int
	steps   []migration
}

// today is this program's schema.
func today() schema { return schema{version: portolan.SchemaVersion} }

// migrate returns state at s.version, running the steps it lacks. A newer state is
// a Fault with the code "schema-newer".
func (s schema) migrate(state json.RawMessage) (json.RawMessage, error) {
	at, err := schemaOf(state)
	if err != nil {
		return nil, err
	}
	switch {
	case at > s.version:
		return nil, &portolan.Fault{
			Kind:    portolan.Failed,
			Code:    "schema-newer",
			Message: fmt.Sprintf("the stored state has schema %d; this version of Portolan knows %d", at, s.version),
			Hint:    "a newer Portolan has written it: install that or a newer one; nothing was touched",
		}
	case at == s.version:
		return state, nil
	case at < 1:
		return nil, damaged("the state has schema %d", at)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(state, &object); err != nil {
		return nil, damaged("the state does not parse: %v", err)
	}
	for ; at < s.version; at++ {
		if err := s.steps[at-1](object); err != nil {
			return nil, &portolan.Fault{
				Kind:    portolan.Failed,
				Code:    "schema-migration",
				Message: fmt.Sprintf("bringing the stored state from schema %d to %d failed: %v", at, at+1, err),
				Hint:    "nothing was touched; go back to the version you had, and report this",
			}
		}
		object["schema"] = json.RawMessage(fmt.Sprint(at + 1))
	}
	return json.Marshal(object)
}

// schemaOf reads nothing but the schema.
func schemaOf(state json.RawMessage) (int, error) {
	var s struct{ Schema int }
	if err := json.Unmarshal(state, &s); err != nil {
		return 0, damaged("the state's schema does not parse: %v", err)
	}
	return s.Schema, nil
}
