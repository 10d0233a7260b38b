package app_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/keyringtest"
	"github.com/portolan-app/portolan/internal/portolan"
	"github.com/portolan-app/portolan/internal/traytest"
)

// desk is a person's desktop: a bus, and an agent on it that follows the demo's
// repository. The programs of the desktop write down what they are given.
type desk struct {
	*testing.T
	env    []string // of the bus and what runs on it
	world  demo.Info
	agent  *exec.Cmd
	client *api.Client
	tools  string // where the desktop's programs are
	errors bytes.Buffer
}

// newDesk starts all but the panel.
func newDesk(t *testing.T, env []string) *desk {
	t.Helper()
	d := &desk{T: t, env: env, tools: t.TempDir()}
	for _, tool := range []string{"wl-copy", "xdg-open", "portolan-desktop"} {
		script := "#!/bin/sh\n{ printf '%s' \"$*\"; [ \"${0##*/}\" = wl-copy ] && cat; } > \"$0.new\"; mv \"$0.new\" \"$0.said\"\n"
		if err := os.WriteFile(filepath.Join(d.tools, tool), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	up, ended := make(chan demo.Info, 1), make(chan error, 1)
	go func() { ended <- demo.NewScene("").Run(ctx, func(info demo.Info) { up <- info }) }()
	t.Cleanup(func() { stop(); <-ended })
	select {
	case d.world = <-up:
	case err := <-ended:
		ended <- err
		t.Fatal(err)
	}
	return d
}

// start starts the agent.
func (d *desk) start(flags ...string) {
	d.Helper()
	home := d.world.Home
	d.agent = exec.Command("portolan", append([]string{"agent", "--home", home}, flags...)...)
	d.agent.Env = append([]string{"PATH=" + d.tools + ":" + os.Getenv("PATH"), "KUBECONFIG=" + d.world.Kubeconfig,
		"WAYLAND_DISPLAY=none", "NO_PROXY=127.0.0.1,localhost", raceVariable + "=" + raceAtOnce + " exitcode=0"}, d.env...)
	d.agent.Stderr = &d.errors
	if err := d.agent.Start(); err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { _ = d.agent.Process.Kill() })
	d.client = api.NewClient(api.SocketPath(home))
	d.await("the agent", func() bool { _, err := d.client.Version(d.Context()); return err == nil })
}

// follow follows the demo's repository.
func (d *desk) follow() {
	d.Helper()
	config := portolan.SourceConfig{Name: "team", Interval: portolan.Duration(time.Hour)}
	if _, err := d.client.AddSource(d.Context(), api.AddSource{Repository: d.world.RepoURL, Config: config}); err != nil {
		d.Fatal(err)
	}
	time.Sleep(time.Second) // the environments find their order, and a line that has just moved takes no click
}

// end ends the agent, which must leave with 0 and without a panic.
func (d *desk) end() {
	d.Helper()
	if err := d.agent.Process.Signal(syscall.SIGTERM); err != nil {
		d.Fatal(err)
	}
	d.ended()
}

// ended waits for the agent to have ended well. The race detector may find one
// thing: systray hands out its menu's version without a lock.
func (d *desk) ended() {
	d.Helper()
	if err := d.agent.Wait(); err != nil {
		d.Errorf("the agent ended with %v:\n%s", err, d.errors.String())
	}
	for i, race := range strings.Split(d.errors.String(), "WARNING: DATA RACE") {
		if i > 0 && !strings.Contains(race, "fyne.io/systray.refresh") {
			d.Error(race)
		}
	}
}

func (d *desk) await(what string, ok func() bool) {
	d.Helper()
	for until := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			d.Fatalf("%s does not come", what)
		}
	}
}

// said waits for what a program of the desktop was given, and forgets it.
func (d *desk) said(tool string) (text string) {
	d.Helper()
	path := filepath.Join(d.tools, tool+".said")
	d.await(tool, func() bool { data, err := os.ReadFile(path); text = string(data); return err == nil })
	_ = os.Remove(path)
	return text
}

// forward is a forward of the development environment as it is now.
func (d *desk) forward(alias string) portolan.ForwardView {
	d.Helper()
	view, err := d.client.View(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	for _, f := range view.Forwards {
		if f.Environment == "development" && f.Entry.Alias == alias {
			return f
		}
	}
	d.Fatalf("there is no %s", alias)
	return portolan.ForwardView{}
}

func checked(l traytest.Line) bool   { return l.Checked }
func unchecked(l traytest.Line) bool { return !l.Checked }
func there(traytest.Line) bool       { return true }

// TestTray clicks through the icon and its menu as a panel does.
func TestTray(t *testing.T) {
	d := newDesk(t, keyringtest.StartBus(t))
	panel := traytest.StartPanel(t, d.env)
	d.start()
	icon := panel.Icon(t)
	if title := icon.Property(t, "Title").Value(); title != "Portolan" {
		t.Errorf("the icon is called %v", title)
	}
	icon.Await(t, there, "No forwards yet")
	idle := icon.Property(t, "IconPixmap").String()

	d.follow()
	icon.Await(t, there, "development · 0 of 4", "shop")
	t.Logf("the menu:\n%s", traytest.Text(icon.Menu(t)))

	icon.Click(t, "development", "shop", "Start")
	icon.Await(t, checked, "development · 1 of 4", "shop · 127.0.0.1:")
	d.await("the glyph of active", func() bool { return icon.Property(t, "IconPixmap").String() != idle })
	if tip := icon.Tooltip(t); !strings.HasPrefix(tip, "1 of ") || !strings.Contains(tip, "forwards up · synced just now") {
		t.Errorf("tooltip: %q", tip)
	}
	at := d.forward("shop").Status.Addresses[0]
	icon.Click(t, "development", "shop", "Copy "+at)
	if said := d.said("wl-copy"); said != at {
		t.Errorf("copied %q, want %q", said, at)
	}
	icon.Click(t, "development", "shop", "Open in browser")
	if said := d.said("xdg-open"); said != "http://"+at+"/" {
		t.Errorf("opened %q", said)
	}

	if err := d.client.SetFavourite(t.Context(), d.forward("orders").ID, true); err != nil {
		t.Fatal(err)
	}
	icon.Await(t, unchecked, "orders (dev)")
	icon.Click(t, "orders (dev)") // the check mark
	icon.Await(t, checked, "orders (dev) · 127.0.0.1:")
	icon.Click(t, "orders (dev)")
	icon.Await(t, unchecked, "orders (dev)")

	icon.Click(t, "development", "Start all")
	icon.Await(t, there, "development · 4 of 4")
	icon.Click(t, "development", "Stop all")
	icon.Await(t, there, "development · 0 of 4")

	icon.Click(t, "Open Portolan")
	if said := d.said("portolan-desktop"); said != "--home "+d.world.Home {
		t.Errorf("the window was started with %q", said)
	}
	if err := icon.Activate(); err != nil {
		t.Error(err)
	}
	d.said("portolan-desktop")
	icon.Click(t, "Settings…")
	if said := d.said("portolan-desktop"); said != "--home "+d.world.Home+" --page settings" {
		t.Errorf("for the settings, the window was started with %q", said)
	}

	raised, ended := make(chan string, 100), make(chan error, 1)
	go func() { // a window, which asks again at once
		for {
			page, err := d.client.Raised(t.Context())
			if err != nil {
				ended <- err
				return
			}
			raised <- page
		}
	}()
	d.await("the window", func() bool { open, err := d.client.Raise(t.Context(), ""); return err == nil && open })
	<-raised
	icon.Click(t, "Settings…")
	select {
	case page := <-raised:
		if page != "settings" {
			t.Errorf("the window was raised at %q", page)
		}
	case <-time.After(patience):
		t.Error("the open window was not raised")
	}
	if _, err := os.Stat(filepath.Join(d.tools, "portolan-desktop.said")); err == nil {
		t.Error("a second window was started")
	}

	icon.Click(t, "Quit and stop all forwards")
	if err := <-ended; portolan.AsFault(err).Code != "quit" {
		t.Errorf("the window was told %v", err)
	}
	d.ended()
}

// TestTraySync syncs from the menu, pauses, and is told what a sync brought.
func TestTraySync(t *testing.T) {
	d := newDesk(t, keyringtest.StartBus(t))
	panel, notes := traytest.StartPanel(t, d.env), traytest.StartNotifications(t, d.env)
	d.start()
	d.follow()
	icon := panel.Icon(t)
	icon.Await(t, there, "development · 0 of 4")
	icon.Click(t, "Sync now")
	icon.Await(t, there, "Sync now · nothing new")

	d.commit("development.json", `"The web shop"`, `"The shop on the web"`)
	icon.Click(t, "Sync now")
	icon.Await(t, there, "Sync now · 1 change")
	if got := d.forward("shop").Entry.Description; got != "The shop on the web" {
		t.Errorf("the sync brought %q", got)
	}
	told := notes.Next(t)
	if told.Title != "team: 1 changed" || told.Text != "development/shop · Change development.json" {
		t.Errorf("told: %+v", told)
	}
	notes.Press(t, told.ID, "default")
	if said := d.said("portolan-desktop"); said != "--home "+d.world.Home {
		t.Errorf("the window was started with %q", said)
	}

	icon.Click(t, "Pause syncing")
	icon.Await(t, checked, "Pause syncing")
	icon.Await(t, there, "0 of ")
	d.await("the word", func() bool { return strings.HasSuffix(icon.Tooltip(t), "syncing paused") })
	icon.Click(t, "Pause syncing")
	icon.Await(t, unchecked, "Pause syncing")
	d.end()
}

// commit changes a text in a file of the team's repository.
func (d *desk) commit(file, old, text string) {
	d.Helper()
	path := filepath.Join(d.world.RepoDir, file)
	data, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(data, []byte(old)) {
		d.Fatalf("%s does not hold %s: %v", file, old, err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(text)), 0o600); err != nil {
		d.Fatal(err)
	}
	git := exec.Command("git", "-C", d.world.RepoDir, "commit", "-qam", "Change "+file)
	git.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	if out, err := git.CombinedOutput(); err != nil {
		d.Fatalf("%v: %s", err, out)
	}
}

// TestPanelComesAndGoes starts the agent before the panel, and the panel again.
func TestPanelComesAndGoes(t *testing.T) {
	d := newDesk(t, keyringtest.StartBus(t))
	d.start()
	d.follow()
	for range 3 {
		panel := traytest.StartPanel(t, d.env)
		icon := panel.Icon(t)
		icon.Await(t, there, "development · 0 of 4", "shop")
		panel.Stop()
	}
	d.end()
}

// TestKeychainPromptBesideTray is the trap of the D-Bus library's shared
// connection: a keychain that asks for its password while an icon is registered,
// and a panel that restarts while the prompt is open. Both must go on.
func TestKeychainPromptBesideTray(t *testing.T) {
	env := keyringtest.Start(t)
	d := newDesk(t, env)
	panel := traytest.StartPanel(t, env)
	d.start()
	panel.Icon(t)

	answered := make(chan struct{})
	prompter := keyringtest.StartPrompter(t, env, func(string) (string, bool) { <-answered; return keyringtest.Password, true })
	keyringtest.Lock(t, env)
	signedIn := make(chan error, 1)
	go func() { signedIn <- d.signIn() }()
	<-prompter.Opened
	panel.Stop()
	panel = traytest.StartPanel(t, env)
	icon := panel.Icon(t) // while the prompt is open
	icon.Await(t, there, "Quit")
	close(answered)
	if err := <-signedIn; err != nil {
		t.Errorf("the keychain call failed: %v", err)
	}

	panel.Stop() // and after it
	panel = traytest.StartPanel(t, env)
	icon = panel.Icon(t)
	icon.Await(t, there, "Quit")
	keyringtest.Lock(t, env)
	if err := d.signIn(); err != nil { // a second prompt, beside the new registration
		t.Errorf("the second keychain call failed: %v", err)
	}
	d.end()
}

// signIn has the agent keep a token in the keychain, which is locked.
func (d *desk) signIn() error {
	at, err := url.Parse(d.world.RepoURL)
	if err != nil {
		return err
	}
	d.world.GitHub.SetHook(func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/user") && answer(http.StatusOK, nil, `{"login":"octocat"}`)(w, r)
	})
	in := api.SignIn{Host: at.Host, Token: "github_pat_" + "test"}
	_, err = d.client.SignIn(portolan.WithPerson(context.Background(), portolan.Person{Say: func(string) {}}), in)
	return err
}

// TestNoTray holds that an agent without a bus, or with one that is not there, or
// without a tray, runs as ever.
func TestNoTray(t *testing.T) {
	bus := keyringtest.StartBus(t)
	for name, env := range map[string][]string{
		"no bus":                  {"HOME=" + t.TempDir(), "DBUS_SESSION_BUS_ADDRESS=autolaunch:"},
		"a bus that is not there": {"HOME=" + t.TempDir(), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus"},
		"the flag":                bus,
	} {
		t.Run(name, func(t *testing.T) {
			panel := traytest.StartPanel(t, bus)
			defer panel.Stop()
			d := newDesk(t, env)
			if name == "the flag" {
				d.start("--no-tray")
			} else {
				d.start()
			}
			d.follow()
			if panel.Has() {
				t.Error("there is an icon")
			}
			d.end()
		})
	}
}
