//go:build unix && !darwin

package system

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	notifyName = "org.freedesktop.Notifications"
	notifyPath = "/org/freedesktop/Notifications"
)

// desktop speaks to the notification server on a connection of its own: what
// subscribes to signals on the one that the D-Bus library shares would disturb
// the tray.
type desktop struct {
	log  *slog.Logger
	bus  *dbus.Conn
	done sync.WaitGroup

	mu    sync.Mutex
	shown map[uint32]Notification
}

// show hands one notification to the server.
func (d *desktop) show(ctx context.Context, note Notification) error {
	if err := d.connect(); err != nil {
		return err
	}
	server := d.bus.Object(notifyName, notifyPath)
	var abilities []string
	if err := server.CallWithContext(ctx, notifyName+".GetCapabilities", 0).Store(&abilities); err != nil {
		return err
	}
	text, buttons := note.Text, []string{}
	if slices.Contains(abilities, "body-markup") {
		text = escapeMarkup(text)
	}
	if slices.Contains(abilities, "actions") {
		buttons = buttonsOf(note)
	}
	d.mu.Lock() // until its id is known: the answer may come at once
	defer d.mu.Unlock()
	var id uint32
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("portolan"), "urgency": dbus.MakeVariant(byte(1))}
	err := server.CallWithContext(ctx, notifyName+".Notify", 0, "Portolan", d.replaced(note.Key), "portolan",
		note.Title, text, buttons, hints, int32(-1)).Store(&id)
	if err != nil {
		return err
	}
	d.shown[id] = note
	return nil
}

// connect opens the connection, again where the bus has gone meanwhile.
func (d *desktop) connect() error {
	if d.bus != nil && d.bus.Connected() {
		return nil
	}
	if !HasSessionBus() {
		return errors.New("there is no session bus")
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	err = bus.AddMatchSignal(dbus.WithMatchObjectPath(notifyPath), dbus.WithMatchInterface(notifyName), dbus.WithMatchSender(notifyName))
	if err != nil {
		_ = bus.Close()
		return fmt.Errorf("what is clicked would not be heard: %w", err)
	}
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	d.bus, d.shown = bus, make(map[uint32]Notification)
	d.done.Go(func() {
		for s := range signals { // closed with the connection
			d.heard(s)
		}
	})
	return nil
}

// heard does what a click on a notification asks for, and forgets what is closed.
func (d *desktop) heard(s *dbus.Signal) {
	if len(s.Body) < 2 {
		return
	}
	id, _ := s.Body[0].(uint32)
	d.mu.Lock()
	note := d.shown[id]
	if s.Name == notifyName+".NotificationClosed" {
		delete(d.shown, id)
	}
	d.mu.Unlock()
	if s.Name != notifyName+".ActionInvoked" {
		return
	}
	if i := slices.Index(buttonsOf(note), fmt.Sprint(s.Body[1])); i >= 0 {
		note.Actions[i/2].Do()
	}
}

// buttonsOf are the actions as the server wants them: a key and a label each. The
// key "default" is a click on the whole.
func buttonsOf(note Notification) []string {
	buttons := []string{}
	for i, a := range note.Actions {
		key := strconv.Itoa(i)
		if a.Label == "" {
			key = "default"
		}
		buttons = append(buttons, key, plainLine(a.Label, 40))
	}
	return buttons
}

// replaced is the notification of that key that is still shown; 0 = none.
func (d *desktop) replaced(key string) uint32 {
	for id, note := range d.shown {
		if key != "" && note.Key == key {
			delete(d.shown, id)
			return id
		}
	}
	return 0
}

// escapeMarkup takes the meaning from what a server reads as markup.
func escapeMarkup(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// close ends the connection.
func (d *desktop) close() {
	if d.bus != nil {
		_ = d.bus.Close()
	}
	d.done.Wait()
}
