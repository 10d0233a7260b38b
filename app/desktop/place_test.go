package desktop

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPlaceIsKept(t *testing.T) {
	home := t.TempDir()
	first := readPlace(home)
	if first.kept || first.Placed || first.Width != firstWidth || first.Height != firstHeight {
		t.Errorf("a first window has %+v", first)
	}
	want := place{Width: 900, Height: 600, X: -8, Y: 20, Placed: true, Maximised: true, Background: [3]byte{22, 27, 32}}
	if err := want.write(home); err != nil {
		t.Fatal(err)
	}
	want.kept = true
	if got := readPlace(home); got != want {
		t.Errorf("read %+v, want %+v", got, want)
	}
	if err := want.write(filepath.Join(home, "missing")); err == nil {
		t.Error("written into a home that is not there")
	}
	left, err := os.ReadDir(home)
	if err != nil || len(left) != 1 {
		t.Errorf("the home holds %v, %v", left, err)
	}
}

func TestPlaceThatIsNone(t *testing.T) {
	for text, want := range map[string]place{
		"":                        {Width: firstWidth, Height: firstHeight},
		`{"width": 900, "heig`:    {Width: firstWidth, Height: firstHeight},
		`{"width":1,"height":"1"`: {Width: firstWidth, Height: firstHeight},
		`{"width":1,"height":-1}`: {Width: minWidth, Height: minHeight, kept: true},
	} {
		home := t.TempDir()
		if err := os.WriteFile(placeFile(home), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want.Background = [3]byte{255, 255, 255}
		if got := readPlace(home); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestPlaceOnScreens(t *testing.T) {
	one, two := [][2]int{{1280, 800}}, [][2]int{{1280, 800}, {1920, 1080}}
	for _, tt := range []struct {
		x, y    int
		screens [][2]int
		want    bool
	}{
		{0, 0, one, true}, {-600, 100, one, true}, {-700, 100, one, false}, {1250, 100, one, false},
		{1400, 100, two, true}, {1400, 100, one, false}, {100, 900, two, true}, {100, 790, one, false},
		{100, -30, one, false}, {100, 100, nil, false},
	} {
		p := place{X: tt.x, Y: tt.y, Width: 720, Height: 480, Placed: true}
		if got := p.on(tt.screens); got != tt.want {
			t.Errorf("at %d, %d on %v: %v", tt.x, tt.y, tt.screens, got)
		}
	}
	if (place{Width: 720, Height: 480}).on(one) {
		t.Error("a window that was nowhere has a place")
	}
}

// TestCover holds that a first window on Linux shows its theme's colour, and each
// later one that of the page.
func TestCover(t *testing.T) {
	home := t.TempDir()
	first := readPlace(home)
	if c := first.cover("linux"); c != 0 {
		t.Errorf("the first window hides %d of its theme's colour", c)
	}
	if c := first.cover("windows"); c != 0xff {
		t.Errorf("a window that has no colour of its theme shows through at %d", c)
	}
	if err := first.write(home); err != nil {
		t.Fatal(err)
	}
	if c := readPlace(home).cover("linux"); c != 0xff {
		t.Errorf("the colour is known, and covers %d", c)
	}
}
