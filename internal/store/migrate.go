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

// migrations holds, at index i, the step from schema i+1 to i+2. Its length is
// portolan.SchemaVersion-1. A step is never changed once released.
var migrations = []migration{}

// migrate returns state at schema "to", running the steps it lacks.
func migrate(state json.RawMessage, steps []migration, to int) (json.RawMessage, error) {
	schema, err := schemaOf(state)
	if err != nil {
		return nil, err
	}
	switch {
	case schema > to:
		return nil, &portolan.Fault{
			Kind:    portolan.Failed,
			Code:    "schema-newer",
			Message: fmt.Sprintf("the stored state has schema %d; this version of Portolan knows %d", schema, to),
			Hint:    "a newer Portolan has written it: install that or a newer one; nothing was touched",
		}
	case schema == to:
		return state, nil
	case schema < 1:
		return nil, damaged("the state has schema %d", schema)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(state, &object); err != nil {
		return nil, damaged("the state does not parse: %v", err)
	}
	for ; schema < to; schema++ {
		if err := steps[schema-1](object); err != nil {
			return nil, &portolan.Fault{
				Kind:    portolan.Failed,
				Code:    "schema-migration",
				Message: fmt.Sprintf("bringing the stored state from schema %d to %d failed: %v", schema, schema+1, err),
				Hint:    "nothing was touched; go back to the version you had, and report this",
			}
		}
		object["schema"] = json.RawMessage(fmt.Sprint(schema + 1))
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
