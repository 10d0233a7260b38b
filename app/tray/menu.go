package tray

import "time"

// native is the system's icon and its menu. All calls come from one goroutine. There are two:
// systray's, and one that a test reads.
type native interface {
	// reset takes every line away.
	reset()
	// add appends a line below another one; nil = the menu itself.
	add(parent handle, item Item) handle
	// set changes what differs of a line but its children.
	set(h handle, before, after Item)
	// clicks are the lines that were clicked.
	clicks() <-chan handle
	// glyph shows the drawing of that name, for a dark panel or a light one.
	glyph(name string, dark bool)
	// tooltip is shown when the glyph is pointed at.
	tooltip(text string)
}

// handle names a line of a native menu.
type handle any

// settle is how long a line does nothing after its meaning changed: a click that
// comes so soon was aimed at what was there before.
const settle = 700 * time.Millisecond

// menu keeps a native menu like a list of items, by differences.
//
// A native menu only grows at its end and a line cannot change its kind, so that
// a line here is a place: what is shown there may change, and what is not needed
// is hidden. Where kinds do not fit, all of it is laid anew; [Items] sees to it
// that this happens seldom, and never because of the engine.
type menu struct {
	native native
	places []*place
	at     map[handle]*place
}

// place is one line of the native menu.
type place struct {
	handle  handle
	shown   Item // without children
	changed time.Time
	below   []*place
}

// show makes the menu like items.
func (m *menu) show(items []Item, now time.Time) {
	if m.at == nil || !fits(m.places, items) {
		if m.at != nil {
			m.native.reset()
		}
		m.places, m.at = nil, make(map[handle]*place)
	}
	m.places = m.lay(nil, m.places, items, now)
}

// fits reports whether each item is of the kind of its place.
func fits(places []*place, items []Item) bool {
	for i, item := range items[:min(len(items), len(places))] {
		at := places[i].shown
		if item.Separator != at.Separator || item.Mark != at.Mark || (item.Children == nil) != (at.Children == nil) {
			return false
		}
		if !item.Hidden && !fits(places[i].below, item.Children) {
			return false
		}
	}
	for _, p := range places[min(len(items), len(places)):] {
		if p.shown.Separator {
			return false // it cannot be hidden
		}
	}
	return true
}

// lay brings the places below a parent up to date, and returns them.
func (m *menu) lay(parent handle, places []*place, items []Item, now time.Time) []*place {
	for i, item := range items {
		if i == len(places) {
			p := &place{handle: m.native.add(parent, item), shown: item}
			m.at[p.handle] = p
			places = append(places, p)
		}
		m.update(places[i], item, now)
	}
	for _, p := range places[len(items):] {
		m.hide(p)
	}
	return places
}

func (m *menu) update(p *place, item Item, now time.Time) {
	if item.Hidden {
		m.hide(p)
		return
	}
	if item.Key != p.shown.Key {
		p.changed = now
	}
	m.native.set(p.handle, p.shown, item)
	p.shown = item
	p.below = m.lay(p.handle, p.below, item.Children, now)
}

// hide leaves everything else of a place as the system has it.
func (m *menu) hide(p *place) {
	if p.shown.Hidden {
		return
	}
	after := p.shown
	after.Hidden = true
	m.native.set(p.handle, p.shown, after)
	p.shown = after
}

// clicked is what a click on a line does; zero where the line has only just come
// to mean that, or means nothing any more.
func (m *menu) clicked(h handle, now time.Time) Command {
	p := m.at[h]
	if p == nil || p.shown.Hidden || p.shown.Disabled || now.Sub(p.changed) < settle {
		return Command{}
	}
	return p.shown.Do
}
