package traytest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"github.com/portolan-app/portolan/internal/keyringtest"
)

// patience bounds each wait; it is only ever used up by a failing test.
const patience = 20 * time.Second

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	itemName    = "org.kde.StatusNotifierItem"
	itemPath    = "/StatusNotifierItem"
	menuName    = "com.canonical.dbusmenu"
)

// Panel shows icons.
type Panel struct {
	conn  *dbus.Conn
	items chan dbus.Sender
}

// StartPanel puts a panel on the bus of env until the test ends or [Panel.Stop].
func StartPanel(tb testing.TB, env []string) *Panel {
	tb.Helper()
	p := &Panel{conn: connect(tb, env), items: make(chan dbus.Sender, 8)}
	must(tb, p.conn.Export(p, watcherPath, watcherName))
	_, err := prop.Export(p.conn, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitTrue},
		"ProtocolVersion":                {Value: int32(0), Emit: prop.EmitTrue},
		"RegisteredStatusNotifierItems":  {Value: []string{}, Emit: prop.EmitTrue},
	}})
	must(tb, err)
	own(tb, p.conn, watcherName)
	return p
}

// Stop takes the panel away, as a crash of it does.
func (p *Panel) Stop() { _ = p.conn.Close() }

// RegisterStatusNotifierItem is called by a program that has an icon.
func (p *Panel) RegisterStatusNotifierItem(sender dbus.Sender, _ string) *dbus.Error {
	p.items <- sender
	return nil
}

// Icon waits for a program's icon.
func (p *Panel) Icon(tb testing.TB) *Icon {
	tb.Helper()
	select {
	case sender := <-p.items:
		return &Icon{p.conn, string(sender)}
	case <-time.After(patience):
		tb.Fatal("no icon comes to the panel")
		return nil
	}
}

// Icon is a program's icon, with its menu.
type Icon struct {
	conn  *dbus.Conn
	owner string
}

// Property is one of the icon, such as "ToolTip".
func (i *Icon) Property(tb testing.TB, name string) dbus.Variant {
	tb.Helper()
	v, err := i.conn.Object(i.owner, itemPath).GetProperty(itemName + "." + name)
	must(tb, err)
	return v
}

// Tooltip is what is shown when the icon is pointed at.
func (i *Icon) Tooltip(tb testing.TB) string {
	tb.Helper()
	var tip struct {
		Name  string
		Icons []struct {
			W, H  int32
			Bytes []byte
		}
		Title, Text string
	}
	must(tb, i.Property(tb, "ToolTip").Store(&tip))
	return tip.Title
}

// Activate clicks the icon itself.
func (i *Icon) Activate() error {
	return i.conn.Object(i.owner, itemPath).Call(itemName+".Activate", 0, int32(0), int32(0)).Err
}

// Line is one line of a menu that is shown.
type Line struct {
	ID               int32
	Title            string
	Enabled, Checked bool
	Checkable        bool
	Separator        bool
	Children         []Line
}

// node is a line as it is on the bus: see com.canonical.dbusmenu.xml.
type node struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

// Menu reads the menu. What a program answers first may lack submenus, as
// systray's does for the sake of some panels, so that it is asked twice.
func (i *Icon) Menu(tb testing.TB) []Line {
	tb.Helper()
	path, _ := i.Property(tb, "Menu").Value().(dbus.ObjectPath)
	var root node
	for range 2 {
		var revision uint32
		must(tb, i.conn.Object(i.owner, path).Call(menuName+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root))
	}
	return linesOf(tb, root)
}

func linesOf(tb testing.TB, n node) (lines []Line) {
	tb.Helper()
	for _, child := range n.Children {
		var c node
		must(tb, dbus.Store([]any{child.Value()}, &c))
		if visible, ok := c.Props["visible"].Value().(bool); ok && !visible {
			continue
		}
		enabled, known := c.Props["enabled"].Value().(bool)
		title, _ := c.Props["label"].Value().(string)
		state, _ := c.Props["toggle-state"].Value().(int32)
		lines = append(lines, Line{
			ID: c.ID, Title: strings.ReplaceAll(title, "__", "_"), Enabled: enabled || !known, Checked: state == 1,
			Checkable: c.Props["toggle-type"].Value() == "checkmark",
			Separator: c.Props["type"].Value() == "separator", Children: linesOf(tb, c),
		})
	}
	return lines
}

// Find is the line whose title begins with the last of the titles, below lines of
// the others; false where there is none.
func Find(lines []Line, titles ...string) (Line, bool) {
	for _, l := range lines {
		if strings.HasPrefix(l.Title, titles[0]) && !l.Separator {
			if len(titles) == 1 {
				return l, true
			}
			if found, ok := Find(l.Children, titles[1:]...); ok {
				return found, true
			}
		}
	}
	return Line{}, false
}

// Await waits until a line is as wanted.
func (i *Icon) Await(tb testing.TB, want func(Line) bool, titles ...string) Line {
	tb.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		lines := i.Menu(tb)
		if l, ok := Find(lines, titles...); ok && want(l) {
			return l
		}
		if time.Now().After(until) {
			tb.Fatalf("the menu has no %q that is as wanted:\n%s", titles, Text(lines))
		}
	}
}

// Click clicks a line, once it is there and enabled.
func (i *Icon) Click(tb testing.TB, titles ...string) {
	tb.Helper()
	l := i.Await(tb, func(l Line) bool { return l.Enabled }, titles...)
	path, _ := i.Property(tb, "Menu").Value().(dbus.ObjectPath)
	must(tb, i.conn.Object(i.owner, path).Call(menuName+".Event", 0, l.ID, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err)
}

// Text draws a menu, one line each.
func Text(lines []Line) string {
	var b strings.Builder
	var draw func([]Line, string)
	draw = func(lines []Line, indent string) {
		for _, l := range lines {
			mark := " "
			if l.Checked {
				mark = "x"
			} else if l.Checkable {
				mark = "."
			}
			if l.Separator {
				l.Title = "---"
			}
			fmt.Fprintf(&b, "%s%s %s", indent, mark, l.Title)
			if !l.Enabled {
				b.WriteString(" (grey)")
			}
			b.WriteByte('\n')
			draw(l.Children, indent+"    ")
		}
	}
	draw(lines, "")
	return b.String()
}

func connect(tb testing.TB, env []string) *dbus.Conn {
	tb.Helper()
	conn, err := dbus.Connect(keyringtest.Address(env))
	must(tb, err)
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// own takes a name on the bus.
func own(tb testing.TB, conn *dbus.Conn, name string) {
	tb.Helper()
	if r, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		tb.Fatalf("the name %s is not to be had: %v %v", name, r, err)
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Has reports whether an icon has come that [Panel.Icon] has not returned.
func (p *Panel) Has() bool { return len(p.items) > 0 }
