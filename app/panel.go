package app

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/app/notify"
	"github.com/portolan-app/portolan/app/tray"
	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/system"
)

// panel is what an agent has at the desktop: notifications, and the icon.
type panel struct {
	*program
	api    api.API
	log    *slog.Logger
	notes  *system.Notifications
	window string // the program that has a window; "" = none
}

// agentAndTray runs an agent, and its icon on this goroutine: Windows and macOS
// want it on the thread of main.
func (p *program) agentAndTray(ctx context.Context, home string, log *slog.Logger, opts cli.AgentOptions) error {
	type face struct {
		ctx context.Context
		api api.API
	}
	ready, ended := make(chan face, 1), make(chan error, 1)
	go func() {
		ended <- p.runAgent(ctx, home, log, opts, func(ctx context.Context, e api.API) { ready <- face{ctx, e} })
	}()
	select {
	case err := <-ended:
		return err
	case f := <-ready:
		d := &panel{program: p, api: f.api, log: log, notes: system.NewNotifications(log), window: p.windowProgram()}
		d.run(f.ctx, !opts.NoTray)
		return <-ended
	}
}

// run shows notifications and the icon until ctx ends.
func (d *panel) run(ctx context.Context, icon bool) {
	if !system.Desktop() {
		d.log.Info("there is no desktop session, and no tray")
		return
	}
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { _ = d.notes.Run(ctx) }) // it ends with ctx
	running.Go(func() { _ = (&notify.Watcher{API: d.api, Show: d.tell}).Run(ctx) })
	if !icon {
		return
	}
	if err := d.tray().Run(ctx); err != nil && ctx.Err() == nil {
		d.log.Warn("there is no icon in the panel", "error", err)
	}
}

func (d *panel) tray() *tray.Tray {
	clipboard, browser := system.Clipboard(d.env), system.Browser(d.env)
	return tray.New(tray.Deps{
		API: d.api, Log: d.log,
		Means:  tray.Means{Window: d.window != "", Copy: clipboard != nil, Browse: browser != nil},
		Open:   d.open,
		Copy:   clipboard,
		Browse: browser,
		Say:    func(title, text string) { d.notes.Show(system.Notification{Key: "tray", Title: title, Text: text}) },
		Dark:   d.dark,
		Unseen: d.unseen,
	})
}

// windowProgram is the program that opens a window: this one, where it has one,
// or the one beside it or in PATH; "" where there is none.
func (p *program) windowProgram() string {
	self, err := system.Program(os.Args[0], p.env)
	if err != nil || windowed {
		return self
	}
	if found := beside(self, "portolan-desktop"); found != "" {
		return found
	}
	found, err := exec.LookPath("portolan-desktop")
	if err != nil {
		return ""
	}
	return found
}

// open asks the open window to the front, or opens one, at a page, or, for "", the
// one that it shows.
func (d *panel) open(ctx context.Context, page string) error {
	if open, err := d.api.Raise(ctx, page); err != nil || open {
		return err
	}
	v, err := d.api.Version(ctx)
	if err != nil {
		return err
	}
	args := []string{"--home", v.Home}
	if page != "" {
		args = append(args, "--page", page)
	}
	if err := system.StartWindow(ctx, d.window, args...); err != nil {
		return &portolan.Fault{Kind: portolan.Failed, Code: "window-unusable",
			Message: "the window cannot be opened: " + err.Error(),
			Hint:    "run it in a terminal to see more: " + portolan.Quote(d.window)}
	}
	return nil
}

// tell shows what nobody has asked for, with the way to the window.
func (d *panel) tell(note notify.Note) {
	shown := system.Notification{Key: note.Key, Title: note.Title, Text: note.Text}
	if d.window != "" {
		open := func() {
			if err := d.open(context.Background(), ""); err != nil {
				d.log.Warn("a notification's button failed", "error", err)
			}
		}
		shown.Actions = []system.Action{{Do: open}, {Label: "Open Portolan", Do: open}}
	}
	d.notes.Show(shown)
}

// dark reports whether the panel is dark, as the setting says or the system.
func (d *panel) dark() bool {
	settings, err := d.api.Settings(context.Background())
	if err == nil {
		for _, s := range settings {
			if s.Name == "tray_icon" && s.Value != "auto" {
				return s.Value == "light"
			}
		}
	}
	return system.DarkPanel(d.env)
}

// unseen says once that nothing shows the icon, and what does. Where nobody is at
// a display it is no news.
func (d *panel) unseen() {
	if !d.display() {
		return
	}
	remedy := d.panelRemedy()
	d.log.Warn("the panel shows no icons", "remedy", remedy)
	d.notes.Show(system.Notification{Key: "unseen", Title: "Portolan runs, but your panel shows no icons",
		Text: "To see it there, " + remedy + ". Everything else works without."})
}

// panelRemedy is what a person can do where no panel shows icons.
func (p *program) panelRemedy() string {
	if strings.Contains(strings.ToUpper(p.env("XDG_CURRENT_DESKTOP")), "GNOME") {
		return "install GNOME's extension \"AppIndicator and KStatusNotifierItem Support\" (extensions.gnome.org/extension/615)"
	}
	return "add a status tray, also called system tray or notification area, to your panel"
}
