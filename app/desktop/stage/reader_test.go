//go:build stage

package stage

import (
	"context"
	_ "embed"
	"encoding/json"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

//go:embed reader.py
var reading string

// reader is what a person sees of the page, by its roles and names, and does with
// mouse and keys.
type reader struct{ t *testing.T }

// A node is part of the page: its role, and a pattern for the whole of its name.
type node [2]string

// seen is where a node is on the screen, and the text that is in it.
type seen struct {
	X, Y, Width, Height int
	Text                string
}

// sees waits until a node shows, and stays where it is: the first one at the end of
// a path. Each look is a process of its own, because a question to a page that is
// only beginning may get no answer.
func (r *reader) sees(path ...node) (at seen) {
	r.t.Helper()
	asked, err := json.Marshal(path)
	if err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, "the page to show "+path[len(path)-1][1], func() bool {
		ctx, cancel := context.WithTimeout(r.t.Context(), patience/4)
		defer cancel()
		cmd := exec.CommandContext(ctx, "/usr/bin/python3", "-c", reading, string(asked)) // Debian's, which has the bindings
		cmd.Env = append(os.Environ(), display.Env...)
		out, err := cmd.Output()
		return err == nil && json.Unmarshal(out, &at) == nil
	})
	return at
}

// click clicks a node with the mouse. What WebKit says of a node in a moved row is
// too high, so that only its top is sure.
func (r *reader) click(path ...node) {
	r.t.Helper()
	at := r.sees(path...)
	if err := display.Click(r.t.Context(), at.X+at.Width/2, at.Y+min(at.Height, 24)/2); err != nil {
		r.t.Fatal(err)
	}
}

// fill types a text in the place of what is in a field, and once more where the X
// server has taken two keys for one, as it does with a key that comes twice.
func (r *reader) fill(text string, path ...node) {
	r.t.Helper()
	r.click(path...)
	eventually(r.t, "the text "+text, func() bool {
		r.press("ctrl+a")
		if err := display.Type(r.t.Context(), text); err != nil {
			r.t.Fatal(err)
		}
		return utf8.RuneCountInString(r.sees(path...).Text) == utf8.RuneCountInString(text)
	})
}

// press presses keys one after the other.
func (r *reader) press(keys ...string) {
	r.t.Helper()
	if err := display.Press(r.t.Context(), keys...); err != nil {
		r.t.Fatal(err)
	}
}

// picture keeps what is on the screen, where somebody wants to see that.
func (r *reader) picture(name string) {
	r.t.Helper()
	if *pictures == "" {
		return
	}
	screen, err := display.Screen()
	if err != nil {
		r.t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(*pictures, name+".png"))
	if err == nil {
		defer file.Close()
		err = png.Encode(file, screen)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}
