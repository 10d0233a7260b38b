//go:build !darwin || cgo

package tray

import (
	"reflect"
	"runtime"
	"strings"

	"fyne.io/systray"
)

// systrayMenu is the menu of fyne.io/systray, of which a process has one.
type systrayMenu struct {
	added chan *systray.MenuItem // new lines, for the goroutine that listens to them
	anew  chan struct{}          // all lines have gone
	hits  chan handle
	done  chan struct{}
}

func newSystrayMenu() *systrayMenu {
	return &systrayMenu{make(chan *systray.MenuItem), make(chan struct{}), make(chan handle, 8), make(chan struct{})}
}

func (s *systrayMenu) reset() {
	select {
	case s.anew <- struct{}{}: // first, as the library closes the channel of each line
	case <-s.done:
	}
	systray.ResetMenu()
}

func (s *systrayMenu) tooltip(text string) { systray.SetTooltip(text) }

func (s *systrayMenu) clicks() <-chan handle { return s.hits }

func (s *systrayMenu) add(parent handle, item Item) handle {
	under, _ := parent.(*systray.MenuItem)
	if item.Separator {
		if under == nil {
			systray.AddSeparator()
		} else {
			under.AddSeparator()
		}
		return new(Item) // a separator has no name, and needs none
	}
	title := escape(item.Title)
	var line *systray.MenuItem
	switch {
	case under == nil && item.Mark:
		line = systray.AddMenuItemCheckbox(title, "", item.Checked)
	case under == nil:
		line = systray.AddMenuItem(title, "")
	case item.Mark:
		line = under.AddSubMenuItemCheckbox(title, "", item.Checked)
	default:
		line = under.AddSubMenuItem(title, "")
	}
	if item.Children == nil {
		line.ClickedCh = make(chan struct{}, 1) // the library drops a click that finds nobody waiting
		line.SetTooltip("")                     // takes the library's lock, so that it sees the channel
	}
	if item.Disabled {
		line.Disable()
	}
	if item.Hidden {
		line.Hide()
	}
	if item.Children == nil {
		select {
		case s.added <- line:
		case <-s.done:
		}
	}
	return line
}

// set changes a line. One that is to be hidden is not touched otherwise: on
// Windows every change would show it.
func (s *systrayMenu) set(h handle, before, after Item) {
	line, ok := h.(*systray.MenuItem)
	if !ok {
		return // a separator
	}
	if after.Hidden {
		line.Hide()
		return
	}
	if after.Title != before.Title {
		line.SetTitle(escape(after.Title))
	}
	if after.Checked != before.Checked {
		if after.Checked {
			line.Check()
		} else {
			line.Uncheck()
		}
	}
	if after.Disabled != before.Disabled {
		if after.Disabled {
			line.Disable()
		} else {
			line.Enable()
		}
	}
	if before.Hidden {
		line.Show()
	}
}

// escape takes the meaning from the character that marks a letter of a title for
// the keyboard: "_" in com.canonical.dbusmenu's label, "&" in Windows' menus.
func escape(title string) string {
	switch runtime.GOOS {
	case "windows":
		return strings.ReplaceAll(title, "&", "&&")
	case "darwin":
		return title
	}
	return strings.ReplaceAll(title, "_", "__")
}

// The first cases of [systrayMenu.listen]; the lines come after them.
const (
	caseDone = iota
	caseAnew
	caseAdded
	caseLines
)

// listen turns the clicks of all lines into one stream until done. The library
// has a channel for each line; a goroutine for each of some thousand lines would
// cost more than all the rest.
func (s *systrayMenu) listen() {
	receive := func(from any) reflect.SelectCase {
		return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(from)}
	}
	cases := []reflect.SelectCase{receive(s.done), receive(s.anew), receive(s.added)}
	var lines []*systray.MenuItem
	for {
		i, value, open := reflect.Select(cases)
		switch {
		case i == caseDone:
			return
		case i == caseAnew:
			cases, lines = cases[:caseLines], nil
		case i == caseAdded:
			line := value.Interface().(*systray.MenuItem)
			cases, lines = append(cases, receive(line.ClickedCh)), append(lines, line)
		case !open: // the line has been removed
			cases[i].Chan = reflect.Value{}
		default:
			select {
			case s.hits <- lines[i-caseLines]:
			default: // nobody clicks eight times before the first is looked at
			}
		}
	}
}
