package system_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/keyringtest"
	"github.com/portolan-app/portolan/internal/system"
	"github.com/portolan-app/portolan/internal/traytest"
)

// start runs notifications on a bus until the test ends.
func start(t *testing.T, env []string) *system.Notifications {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", keyringtest.Address(env))
	notes := system.NewNotifications(slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- notes.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return notes
}

// TestNotifications shows some to a server on a private bus and presses a button.
func TestNotifications(t *testing.T) {
	env := keyringtest.StartBus(t)
	notes := start(t, env)
	notes.Show(system.Notification{Title: "nobody sees it"}) // no server yet: it must do no harm
	server := traytest.StartNotifications(t, env)
	pressed := make(chan string, 2)
	notes.Show(system.Notification{Key: "a", Title: "team: 1 added", Text: "api", Actions: []system.Action{
		{Do: func() { pressed <- "whole" }}, {Label: "Open Portolan", Do: func() { pressed <- "button" }},
	}})
	first := server.Next(t)
	if first.Title == "nobody sees it" {
		first = server.Next(t) // the server was quick
	}
	if first.Title != "team: 1 added" || strings.Join(first.Actions, "|") != "default||1|Open Portolan" {
		t.Errorf("shown: %+v", first)
	}
	notes.Show(system.Notification{Key: "a", Title: "team: 2 added"})
	if second := server.Next(t); second.Replaces != first.ID {
		t.Errorf("the second did not take the first one's place: %+v", second)
	}
	notes.Show(system.Notification{Key: "b", Title: "b", Actions: []system.Action{{Do: func() { pressed <- "whole" }}, {Label: "Open", Do: func() { pressed <- "button" }}}})
	b := server.Next(t)
	server.Press(t, b.ID, "unknown")
	server.Press(t, b.ID, "1") // it is closed by now
	notes.Show(system.Notification{Key: "c", Title: "c", Actions: []system.Action{{Do: func() { pressed <- "whole" }}, {Label: "Open", Do: func() { pressed <- "button" }}}})
	server.Press(t, server.Next(t).ID, "1")
	if got := <-pressed; got != "button" || len(pressed) > 0 {
		t.Errorf("%s was pressed, and %d more", got, len(pressed))
	}
}

// TestNotificationText is about names that others write: no markup, one line, not
// too long.
func TestNotificationText(t *testing.T) {
	env := keyringtest.StartBus(t)
	server := traytest.StartNotifications(t, env)
	notes := start(t, env)
	notes.Show(system.Notification{
		Title: "evil\n\u202ename\x1b[31m" + strings.Repeat("x", 4096),
		Text:  `<img src="http://127.0.0.1/x" onerror=alert(1)> & <b>bold</b>`,
	})
	got := server.Next(t)
	if strings.ContainsAny(got.Title, "\n\x1b\u202e") || len([]rune(got.Title)) > 100 {
		t.Errorf("title: %q", got.Title)
	}
	if strings.ContainsAny(got.Text, "<>") || !strings.Contains(got.Text, "&amp; &lt;b&gt;bold") {
		t.Errorf("text: %q", got.Text)
	}
}

// TestNoBus holds that nothing is called where no bus is known.
func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "autolaunch:")
	if system.HasSessionBus() {
		t.Skip("SKIPPED: this user has a bus in /run/user")
	}
	if system.DarkPanel(func(string) string { return "" }) {
		t.Error("the panel of nothing is dark")
	}
}
