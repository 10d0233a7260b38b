package store

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestEncodingFollows is the law of encodeAfter and readBack: after any changes in
// a row the document is the one that encode makes of the whole, and the State in
// memory is what the document's bytes say.
func TestEncodingFollows(t *testing.T) {
	s := today()
	rapid.Check(t, func(t *rapid.T) {
		var state portolan.State
		now := &snapshot{}
		for range rapid.IntRange(1, 8).Draw(t, "updates") {
			state = now.state.Clone()
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				scribble(t, &state)
			}
			encoded, err := s.encodeAfter(now.state, now.encoded, state)
			if err != nil {
				t.Fatal(err)
			}
			anew, err := s.encode(state)
			if err != nil || string(encoded.whole) != string(anew.whole) {
				t.Fatalf("%s\nwant %s, %v", encoded.whole, anew.whole, err)
			}
			if now, err = s.snapshot(document{Seq: now.Seq + 1}, state, encoded); err != nil {
				t.Fatal(err)
			}
			read, err := s.parse(now.raw)
			if err != nil || !reflect.DeepEqual(read.state, now.state) || string(read.State) != string(now.State) {
				t.Fatalf("%s\nreads as %+v, %v\nheld is %+v", now.raw, read, err, now)
			}
		}
	})
}

// scribble changes anything in a state.
func scribble(t *rapid.T, s *portolan.State) {
	id := portolan.ID(rapid.SampledFrom([]string{"a", "b", "<c>"}).Draw(t, "id"))
	text := rapid.String().Draw(t, "text")
	n := rapid.IntRange(0, 2).Draw(t, "n")
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		source := portolan.Source{SourceConfig: portolan.SourceConfig{Name: fmt.Sprint(len(s.Sources))}, IDs: map[string]map[string]portolan.ID{"dev": {}}}
		s.Sources = append([]portolan.Source{source}, s.Sources...)
	case 1:
		s.Sources = s.Sources[:min(n, len(s.Sources))]
	case 2:
		for i := range s.Sources[:min(n, len(s.Sources))] {
			s.Sources[i].IDs = map[string]map[string]portolan.ID{"dev": {text: id}}
			s.Sources[i].SyncedAt = time.Now()
		}
	case 3:
		if s.Local == nil {
			s.Local = map[portolan.ID]portolan.Local{}
		}
		s.Local[id] = portolan.Local{Port: n, Override: portolan.Override{Context: text}, Approved: &portolan.Target{Name: text, Port: portolan.Port{Name: "http"}}}
	case 4:
		delete(s.Local, id)
	case 5:
		s.Edits = map[portolan.ID]portolan.Edit{id: {At: time.Now(), Fields: []portolan.FieldChange{{Name: "alias", After: []byte(`"` + "x" + `"`)}}}}
	case 6:
		s.Mine = append(s.Mine, portolan.MyEntry{ID: id, Entry: portolan.Entry{Alias: text, LocalPort: n}})
	case 7:
		s.Settings.LogLevel = text
	}
}

// TestMirrorFollows: state.json is not what an update waits for, but it comes by
// itself, and at the latest at the end.
func TestMirrorFollows(t *testing.T) {
	home := t.TempDir()
	s := open(t, home)
	shows := func() int {
		snap, err := readMirror(filepath.Join(home, mirrorName), s.schema)
		if err != nil {
			t.Fatal(err)
		}
		return snap.state.Local["n"].Port
	}
	raise(t, s)
	for until := time.Now().Add(10 * time.Second); shows() != 1 && time.Now().Before(until); {
		time.Sleep(mirrorDelay / 10)
	}
	if shows() != 1 {
		t.Error("state.json does not follow")
	}
	for range 5 {
		raise(t, s)
	}
	shut(t, s)
	if shows() != 6 {
		t.Errorf("closed at 6, state.json is at %d", shows())
	}
	if _, err := os.Stat(filepath.Join(home, mirrorStaged)); err == nil {
		t.Error("a staged file is left")
	}
}
