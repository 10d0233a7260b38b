package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// encoding is a State as it is stored. Beside the whole it has what makes a State
// big in parts, so that the next one is encoded as far as it differs: a command
// changes one row of ten thousand.
type encoding struct {
	whole   json.RawMessage
	sources []json.RawMessage // of State.Sources
	ids     []portolan.ID     // of State.Local, sorted
	local   []json.RawMessage // parallel to ids: key and value
}

// encode returns the State as it is stored.
func (s schema) encode(state portolan.State) (encoding, error) {
	return s.encodeAfter(portolan.State{}, encoding{}, state)
}

// encodeAfter is encode of a state, with the parts that are the same before taken
// over.
func (s schema) encodeAfter(before portolan.State, done encoding, state portolan.State) (e encoding, err error) {
	if e.sources, err = encodeSources(before.Sources, done.sources, state.Sources); err != nil {
		return e, fmt.Errorf("encoding the sources: %w", err)
	}
	if e.ids, e.local, err = encodeLocal(before.Local, done, state.Local); err != nil {
		return e, fmt.Errorf("encoding the state: %w", err)
	}
	state.Schema, state.Sources, state.Local = s.version, nil, nil
	rest, err := json.Marshal(state) // has the schema in it, so that it is not empty
	if err != nil {
		return e, fmt.Errorf("encoding the state: %w", err)
	}
	e.whole = append(make(json.RawMessage, 0, len(done.whole)+1024), '{')
	e.whole = appendList(e.whole, `"sources":[`, e.sources, `],`)
	e.whole = appendList(e.whole, `"local":{`, e.local, `},`)
	e.whole = append(e.whole, rest[1:]...)
	return e, nil
}

func encodeSources(before []portolan.Source, done []json.RawMessage, sources []portolan.Source) ([]json.RawMessage, error) {
	parts := make([]json.RawMessage, len(sources))
	for i, source := range sources {
		if i < len(done) && source.Equal(before[i]) {
			parts[i] = done[i]
			continue
		}
		var err error
		if parts[i], err = json.Marshal(source); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func encodeLocal(before map[portolan.ID]portolan.Local, done encoding, local map[portolan.ID]portolan.Local) (ids []portolan.ID, parts []json.RawMessage, err error) {
	sameIDs := len(done.ids) == len(local) && !slices.ContainsFunc(done.ids, func(id portolan.ID) bool {
		_, ok := local[id]
		return !ok
	})
	if sameIDs {
		ids = done.ids
	} else {
		ids = slices.Sorted(maps.Keys(local))
	}
	parts = make([]json.RawMessage, len(ids))
	for i, id := range ids {
		if sameIDs && before[id].Equal(local[id]) {
			parts[i] = done.local[i]
			continue
		}
		row, err := json.Marshal(map[portolan.ID]portolan.Local{id: local[id]})
		if err != nil {
			return nil, nil, err
		}
		parts[i] = row[1 : len(row)-1]
	}
	return ids, parts, nil
}

// appendList appends parts between begin and end, and nothing where there are none.
func appendList(dst []byte, begin string, parts []json.RawMessage, end string) []byte {
	if len(parts) == 0 {
		return dst
	}
	dst = append(dst, begin...)
	for i, part := range parts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, part...)
	}
	return append(dst, end...)
}
