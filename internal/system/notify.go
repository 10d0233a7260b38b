package system

import (
	"context"
	"log/slog"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Notification is a word to the person at the desktop.
type Notification struct {
	// Key names what it is about: a later one takes the place of one with the same
	// key that is still shown. "" = it takes none's.
	Key         string
	Title, Text string // one plain line each; Text may be ""

	// Actions are offered as buttons where the desktop has them. Without a Label
	// it is what a click on the whole does.
	Actions []Action
}

// Action is a button of a notification.
type Action struct {
	Label string
	Do    func() // called once, by a goroutine of [Notifications.Run]
}

// Notifications shows notifications on this desktop: on Linux and the BSDs over
// D-Bus (Desktop Notifications Specification 1.2), with buttons; on macOS and
// Windows with the system's own script interpreters, without. A library for the
// two would bring another tray icon and four decoders of pictures with it.
type Notifications struct {
	log   *slog.Logger
	queue chan Notification
}

// NewNotifications returns one that [Notifications.Run] makes work.
func NewNotifications(log *slog.Logger) *Notifications {
	return &Notifications{log: log, queue: make(chan Notification, 16)}
}

// Show hands a notification over and returns at once. One is dropped where
// sixteen wait.
func (n *Notifications) Show(note Notification) {
	note.Title, note.Text = plainLine(note.Title, 100), plainLine(note.Text, 400)
	select {
	case n.queue <- note:
	default:
		n.log.Warn("a notification is dropped, as too many wait", "title", note.Title)
	}
}

// showLimit bounds how long the desktop may take for one.
const showLimit = 10 * time.Second

// Run shows what is handed over until ctx ends. That the desktop shows none is
// logged once for each.
func (n *Notifications) Run(ctx context.Context) error {
	d := &desktop{log: n.log}
	defer d.close()
	for {
		select {
		case note := <-n.queue:
			limited, cancel := context.WithTimeout(ctx, showLimit)
			if err := d.show(limited, note); err != nil {
				n.log.Info("a notification cannot be shown", "title", note.Title, "error", err)
			}
			cancel()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// plainLine is text without control and bidirectional characters, cut to a
// number of runes: names in it come from files that others write.
func plainLine(text string, most int) string {
	line := []rune(portolan.OneLine(text))
	if len(line) > most {
		return string(line[:most-1]) + "…"
	}
	return string(line)
}
