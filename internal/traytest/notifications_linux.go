package traytest

import (
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	notifyName = "org.freedesktop.Notifications"
	notifyPath = "/org/freedesktop/Notifications"
)

// Notifications is a notification server with buttons and markup.
type Notifications struct {
	conn  *dbus.Conn
	shown chan Notification

	mu   sync.Mutex
	last uint32
}

// Notification is one that was shown.
type Notification struct {
	ID, Replaces uint32
	Title, Text  string
	Actions      []string // key and label, in turn
}

// StartNotifications puts a server on the bus of env until the test ends.
func StartNotifications(tb testing.TB, env []string) *Notifications {
	tb.Helper()
	n := &Notifications{conn: connect(tb, env), shown: make(chan Notification, 32)}
	must(tb, n.conn.Export(n, notifyPath, notifyName))
	own(tb, n.conn, notifyName)
	return n
}

// GetCapabilities is called by a program that wants to show something.
func (n *Notifications) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"actions", "body", "body-markup"}, nil
}

// Notify is called with what to show.
func (n *Notifications) Notify(_ string, replaces uint32, _, title, text string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id := replaces
	if id == 0 {
		n.last++
		id = n.last
	}
	n.shown <- Notification{id, replaces, title, text, actions}
	return id, nil
}

// Next waits for the next notification.
func (n *Notifications) Next(tb testing.TB) Notification {
	tb.Helper()
	select {
	case shown := <-n.shown:
		return shown
	case <-time.After(patience):
		tb.Fatal("no notification comes")
		return Notification{}
	}
}

// Shown is the notification that has come, if any has.
func (n *Notifications) Shown() (Notification, bool) {
	select {
	case shown := <-n.shown:
		return shown, true
	default:
		return Notification{}, false
	}
}

// Press clicks a button, by its key.
func (n *Notifications) Press(tb testing.TB, id uint32, key string) {
	tb.Helper()
	must(tb, n.conn.Emit(notifyPath, notifyName+".ActionInvoked", id, key))
	must(tb, n.conn.Emit(notifyPath, notifyName+".NotificationClosed", id, uint32(2)))
}
