package tray

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// paper is a native menu that a test reads. Like the system's, it only grows, and
// a line keeps its kind.
type paper struct {
	mu     sync.Mutex
	root   *sheet
	log    []string
	resets int
	hits   chan handle
	shown  string // glyph
	tip    string
}

// sheet is a line on paper.
type sheet struct {
	item  Item
	lines []*sheet
}

func newPaper() *paper { return &paper{root: &sheet{}, hits: make(chan handle)} }

func (p *paper) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.root, p.resets = &sheet{}, p.resets+1
}

func (p *paper) add(parent handle, item Item) handle {
	p.mu.Lock()
	defer p.mu.Unlock()
	under, ok := parent.(*sheet)
	if !ok {
		under = p.root
	}
	item.Children = nil
	s := &sheet{item: item}
	under.lines = append(under.lines, s)
	p.log = append(p.log, "add "+item.Title)
	return s
}

func (p *paper) set(h handle, before, after Item) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := h.(*sheet)
	kind := func(i Item) string { return fmt.Sprint(i.Separator, i.Mark) }
	if kind(s.item) != kind(after) {
		panic("a line cannot change its kind")
	}
	before.Children, after.Children = nil, nil
	before.Key, after.Key, before.Do, after.Do = "", "", Command{}, Command{}
	if fmt.Sprint(before) == fmt.Sprint(after) {
		return
	}
	p.log = append(p.log, "set "+after.Title)
	if after.Hidden {
		s.item.Hidden = true
		return
	}
	s.item = after
}

func (p *paper) clicks() <-chan handle { return p.hits }
func (p *paper) glyph(name string, dark bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = fmt.Sprint(name, " ", dark)
}
func (p *paper) tooltip(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tip = text
}
func (p *paper) find(titles ...string) *sheet { return find(p.root, titles) }
func (p *paper) written() []string            { return slices.Clone(p.log) }
func (p *paper) click(titles ...string)       { p.hits <- p.find(titles...) }

func find(s *sheet, titles []string) *sheet {
	for _, l := range s.lines {
		if !l.item.Hidden && strings.HasPrefix(l.item.Title, titles[0]) {
			if len(titles) == 1 {
				return l
			}
			return find(l, titles[1:])
		}
	}
	panic(fmt.Sprintf("there is no line %q", titles))
}

// text is what a person sees.
func (s *sheet) text() string {
	var items func([]*sheet) []Item
	items = func(lines []*sheet) (all []Item) {
		for _, l := range lines {
			item := l.item
			item.Do, item.Children = Command{}, items(l.lines)
			all = append(all, item)
		}
		return all
	}
	return draw(items(s.lines))
}

// withoutClicks is a menu as a person sees it.
func withoutClicks(items []Item) []Item {
	items = slices.Clone(items)
	for i := range items {
		items[i].Do, items[i].Children = Command{}, withoutClicks(items[i].Children)
	}
	return items
}

// TestMenuIsAsItems: whatever the menu was, it becomes what is asked for.
func TestMenuIsAsItems(t *testing.T) {
	item := rapid.Custom(func(t *rapid.T) Item {
		return Item{
			Key: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key"), Title: rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "title"),
			Mark: rapid.Bool().Draw(t, "mark"), Checked: rapid.Bool().Draw(t, "checked"), Disabled: rapid.Bool().Draw(t, "disabled"),
			Hidden: rapid.Bool().Draw(t, "hidden"), Separator: rapid.IntRange(0, 5).Draw(t, "separator") == 0,
		}
	}).Filter(func(i Item) bool { return !i.Separator || !i.Hidden })
	rapid.Check(t, func(t *rapid.T) {
		page := newPaper()
		m := menu{native: page}
		for range rapid.IntRange(1, 6).Draw(t, "menus") {
			items := rapid.SliceOfN(item, 0, 6).Draw(t, "items")
			for i := range items {
				if items[i].Separator {
					items[i] = Item{Separator: true}
				} else if rapid.Bool().Draw(t, "submenu") {
					items[i].Children = rapid.SliceOfN(item, 0, 4).Draw(t, "children")
				}
			}
			m.show(items, noon)
			if got, want := page.root.text(), draw(withoutClicks(items)); got != want {
				t.Fatalf("the menu is\n%s\nwant\n%s", got, want)
			}
		}
	})
}

// TestDifferences: what changes is all that is written.
func TestDifferences(t *testing.T) {
	page := newPaper()
	m := menu{native: page}
	write := func(l Look) string {
		page.log = nil
		m.show(Items(l), noon)
		return strings.Join(page.written(), "; ")
	}
	sources := look(nil).Sources
	sources = append(sources, source("idle", nil))
	shop, db := forward("development", "shop", "off"), forward("development", "db", "off")
	write(look(sources, shop, db))
	if got := write(look(sources, shop, db)); got != "" {
		t.Errorf("nothing changed, but it wrote %s", got)
	}
	if got := write(look(sources, forward("development", "shop", "ready"), db)); got !=
		"set 1 of 2 forwards up · synced 2 min ago; set development · 1 of 2; set Stop all; "+
			"set shop · 127.0.0.1:8080; set Stop; set Copy 127.0.0.1:8080; set Open in browser" {
		t.Errorf("one is up now, and it wrote %s", got)
	}
	write(look(sources, shop, db))
	if got := write(look(sources, shop, db, forward("staging", "shop", "off"), faulty(forward("staging", "db", "denied"), "no right"))); strings.Contains(got, "add Quit") {
		t.Errorf("an environment and a problem came, and it wrote %s", got)
	}
	write(look(sources, shop))
	if page.resets != 0 {
		t.Errorf("the menu was laid anew %d times", page.resets)
	}
	write(look(sources, favourite(shop))) // the first favourite needs a separator
	write(look(sources, favourite(shop), favourite(db)))
	if page.resets != 1 {
		t.Errorf("the menu was laid anew %d times for favourites", page.resets)
	}
}

// TestClickAtAMovedLine: a click that comes right after a line came to mean
// something else was aimed at what was there.
func TestClickAtAMovedLine(t *testing.T) {
	page := newPaper()
	m := menu{native: page}
	a, b := forward("development", "a", "off"), forward("development", "b", "off")
	m.show(Items(look(nil, a, b)), noon)
	line := page.find("development", "a", "Start")
	if got := m.clicked(line, noon); got.Forward != a.ID {
		t.Errorf("a click does %+v", got)
	}
	m.show(Items(look(nil, b)), noon.Add(time.Hour))
	if got := m.clicked(line, noon.Add(time.Hour+settle/2)); got.Verb != "" {
		t.Errorf("a click on a line that has just moved does %+v", got)
	}
	if got := m.clicked(line, noon.Add(time.Hour+settle)); got.Forward != b.ID {
		t.Errorf("a later click does %+v", got)
	}
	if got := m.clicked(page.find("0 of"), noon.Add(time.Hour)); got.Verb != "" {
		t.Errorf("a click on a grey line does %+v", got)
	}
}
