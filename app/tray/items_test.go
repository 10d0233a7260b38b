package tray

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// all is a system that can do everything.
var all = Means{Window: true, Copy: true, Browse: true}

// forward is a forward of the team's; what is up listens on port 8080.
func forward(environment, alias string, phase portolan.Phase) portolan.ForwardView {
	f := portolan.ForwardView{
		Forward: portolan.Forward{ID: portolan.ID(environment + alias), Source: "team", Environment: environment,
			Entry: portolan.Entry{Alias: alias, Scheme: "http"}, Local: portolan.Local{Wanted: phase != portolan.Off}},
		Status: portolan.Status{Phase: phase},
	}
	if phase.Up() {
		f.Status.Addresses = []string{"127.0.0.1:8080"}
	}
	return f
}

func favourite(f portolan.ForwardView) portolan.ForwardView {
	f.Local.Favourite = true
	return f
}

func ranked(place int, f portolan.ForwardView) portolan.ForwardView {
	f.Local.Rank = place
	return f
}

func protected(f portolan.ForwardView) portolan.ForwardView {
	f.Protected = true
	return f
}

func faulty(f portolan.ForwardView, message string) portolan.ForwardView {
	f.Status.Fault = &portolan.Fault{Kind: portolan.Failed, Message: message}
	return f
}

// source was synced two minutes before noon.
func source(phase portolan.SyncPhase, fault *portolan.Fault) portolan.SourceView {
	return portolan.SourceView{SourceConfig: portolan.SourceConfig{Name: "team"},
		Environments: []portolan.EnvironmentView{{Name: "staging"}, {Name: "development"}, {Name: "production"}},
		Status:       portolan.SourceStatus{Phase: phase, Fault: fault, LastSync: noon.Add(-2 * time.Minute)}}
}

func look(sources []portolan.SourceView, forwards ...portolan.ForwardView) Look {
	return Look{View: portolan.View{Sources: sources, Forwards: forwards}, Now: noon, Means: all}
}

func with(l Look, change func(*Look)) Look {
	change(&l)
	return l
}

// draw is a menu as text: one line each, with its mark, and what a click does.
func draw(items []Item) string {
	var b strings.Builder
	var level func([]Item, string)
	level = func(items []Item, indent string) {
		for _, i := range items {
			switch {
			case i.Hidden:
				continue
			case i.Separator:
				i.Title = "--"
			case i.Checked:
				i.Title = "[x] " + i.Title
			case i.Mark:
				i.Title = "[ ] " + i.Title
			}
			if i.Disabled {
				i.Title += " (grey)"
			} else if i.Children == nil && i.Do.Verb != "" {
				i.Title += fmt.Sprintf(" => %s %s", i.Do.Verb, i.Do.Forward+portolan.ID(i.Do.Source+":"+i.Do.Environment+i.Do.Text))
			}
			b.WriteString(strings.TrimRight(strings.TrimSuffix(indent+i.Title, ":"), " ") + "\n")
			level(i.Children, indent+"  ")
		}
	}
	level(items, "")
	return b.String()
}

// TestGlyphAndWords: the state, the line when pointed at, and the headline.
func TestGlyphAndWords(t *testing.T) {
	synced := []portolan.SourceView{source(portolan.SyncIdle, nil)}
	off, ready := forward("development", "shop", portolan.Off), forward("development", "api", portolan.Ready)
	busy := faulty(forward("development", "db", portolan.PortBusy), "port 5432 is taken by postgres (pid 4127)")
	held, review := source(portolan.SyncIdle, nil), source(portolan.SyncIdle, nil)
	held.Held, review.Review = &portolan.HeldView{}, &portolan.ReviewView{Changes: 3}
	unavailable := &portolan.Fault{Kind: portolan.Later, Code: "github-unavailable", Message: "github.com cannot be reached"}
	refused := &portolan.Fault{Kind: portolan.SignIn, Code: "github-unauthorized", Message: "github.com does not take the token"}
	for _, c := range []struct {
		name             string
		look             Look
		state            State
		tooltip, headine string
	}{
		{"nothing at all", look(nil), Idle, "0 of 0 forwards up", ""},
		{"nothing is up", look(synced, off), Idle, "0 of 1 forwards up · synced 2 min ago", ""},
		{"some are up", look(synced, off, ready, forward("development", "x", portolan.Listening), forward("development", "y", portolan.Connecting), forward("development", "z", portolan.Waiting)),
			Active, "3 of 5 forwards up · synced 2 min ago", ""},
		{"just now", with(look(synced, ready), func(l *Look) { l.Now = noon.Add(-61 * time.Second) }), Active, "1 of 1 forwards up · synced just now", ""},
		{"long ago", with(look(synced, ready), func(l *Look) { l.Now = noon.Add(72 * time.Hour) }), Active, "1 of 1 forwards up · synced 3 days ago", ""},
		{"syncing", look([]portolan.SourceView{source(portolan.SyncRunning, nil)}, ready), Syncing, "1 of 1 forwards up · syncing now", ""},
		{"syncing by hand", with(look(synced, ready), func(l *Look) { l.Syncing = true }), Syncing, "1 of 1 forwards up · syncing now", ""},
		{"a port is taken", look(synced, ready, busy), Attention, "db: port 5432 is taken by postgres (pid 4127)", "1 of 2 forwards up, 1 needs you · synced 2 min ago"},
		{"a source is stalled", look([]portolan.SourceView{source(portolan.SyncStalled, refused)}, ready, busy), Attention,
			"team: github.com does not take the token", "1 of 2 forwards up, 2 need you · synced 2 min ago"},
		{"the keychain asks", with(look(synced, ready), func(l *Look) { l.Asking = "unlock your keyring" }), Attention, "unlock your keyring", "1 of 1 forwards up · synced 2 min ago"},
		{"waiting needs nobody", look(synced, forward("development", "shop", portolan.Unreachable)), Idle, "0 of 1 forwards up · synced 2 min ago", ""},
		{"offline", look([]portolan.SourceView{source(portolan.SyncWaiting, unavailable)}, ready), Offline, "1 of 1 forwards up · offline, synced 2 min ago", ""},
		{"one of two reachable", look([]portolan.SourceView{source(portolan.SyncWaiting, unavailable), source(portolan.SyncIdle, nil)}, ready), Active, "1 of 1 forwards up · synced 2 min ago", ""},
		{"paused", with(look(synced, ready), func(l *Look) { l.View.Paused = true }), Paused, "1 of 1 forwards up · syncing paused", ""},
		{"held and to review", look([]portolan.SourceView{held, review}, ready), Active, "1 of 1 forwards up · synced 2 min ago · team held, 3 changes to review", ""},
		{"all held", look([]portolan.SourceView{held, held}, ready), Active, "1 of 1 forwards up · synced 2 min ago · 2 sources held", ""},
		{"never synced", look([]portolan.SourceView{{}}, off), Idle, "0 of 1 forwards up · not synced yet", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := StateOf(c.look); got != c.state {
				t.Errorf("state %s, want %s", got, c.state)
			}
			if got := Tooltip(c.look); got != c.tooltip {
				t.Errorf("tooltip %q, want %q", got, c.tooltip)
			}
			want := c.headine
			if want == "" {
				want = c.tooltip
			}
			if got := Items(c.look)[0]; got.Title != want || !got.Disabled {
				t.Errorf("headline %q, want %q", got.Title, want)
			}
		})
	}
}

// TestItems holds whole menus.
func TestItems(t *testing.T) {
	for _, c := range []struct {
		name string
		look Look
		want string
	}{
		{"empty, without a window", with(look(nil), func(l *Look) { l.Means = Means{} }), `
0 of 0 forwards up (grey)
--
Sync now (grey)
--
No forwards yet (grey)
--
[ ] Pause syncing (grey)
--
Quit and stop all forwards => quit
`},
		{"everything", with(look([]portolan.SourceView{source(portolan.SyncIdle, nil)},
			favourite(forward("development", "shop", portolan.Ready)),
			ranked(1, favourite(faulty(forward("development", "db", portolan.PortBusy), "port 5432 is taken"))),
			forward("staging", "shop", portolan.Waiting),
			favourite(protected(forward("production", "shop", portolan.Off))),
			func() portolan.ForwardView {
				f := forward("lab", "own", portolan.Off)
				f.Source = portolan.Mine
				return f
			}(),
		), func(l *Look) { l.Synced = "3 changes" }), `
1 of 5 forwards up, 1 needs you · synced 2 min ago (grey)
--
Open Portolan => open
Sync now · 3 changes => sync
--
[x] db (dev) · port taken => stop developmentdb
[x] shop (dev) · 127.0.0.1:8080 => stop developmentshop
[ ] shop (prod)
  Start in production => start productionshop
  Copy address (grey)
  Open in browser (grey)
--
staging · 0 of 1
  Start all => start-all team:staging
  Stop all => stop-all team:staging
  --
  [x] shop · waiting
    Stop => stop stagingshop
    Copy address (grey)
    Open in browser (grey)
development · 1 of 2
  Start all => start-all team:development
  Stop all => stop-all team:development
  --
  [x] shop · 127.0.0.1:8080
    Stop => stop developmentshop
    Copy 127.0.0.1:8080 => copy :127.0.0.1:8080
    Open in browser => browse :http://127.0.0.1:8080/
  [x] db · port taken
    Stop => stop developmentdb
    Copy address (grey)
    Open in browser (grey)
production · 0 of 1, protected
  Protected: start each by itself (grey)
  Stop all (grey)
  --
  [ ] shop
    Start in production => start productionshop
    Copy address (grey)
    Open in browser (grey)
My forwards · 0 of 1
  Start all => start-all mine
  Stop all (grey)
  --
  [ ] own
    Start => start labown
    Copy address (grey)
    Open in browser (grey)
--
Recent problems (1)
  db: port 5432 is taken => open :forward/developmentdb
[ ] Pause syncing => pause
Settings… => open :settings
--
Quit and stop all forwards => quit
`},
		{"a sync runs, and is paused otherwise", with(look([]portolan.SourceView{source(portolan.SyncRunning, nil)}), func(l *Look) {
			l.View.Paused, l.Means = true, Means{Copy: true}
		}), `
0 of 0 forwards up · syncing now (grey)
--
Syncing… (grey)
--
No forwards yet (grey)
--
[x] Pause syncing => resume
--
Quit and stop all forwards => quit
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := "\n" + draw(Items(c.look)); got != c.want {
				t.Errorf("the menu is %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestManyItems holds that a menu stays one that a panel can be handed, and that
// some hundred forwards of one environment are all in it.
func TestManyItems(t *testing.T) {
	for _, c := range []struct {
		environments, forwards, most int
		want                         []string
	}{
		{1, 300, 1300, []string{"More (280)", "More (240)", "forward-299"}},
		{1, 1000, 1700, []string{"More (980)", "600 more are not shown here (grey)"}},
		{100, 100, 1700, []string{"More (88)", "95 more are not shown here (grey)"}},
	} {
		var forwards []portolan.ForwardView
		for e := range c.environments {
			for i := range c.forwards {
				forwards = append(forwards, favourite(forward(fmt.Sprintf("environment-%d", e), fmt.Sprintf("forward-%d", i), portolan.Off)))
			}
		}
		items := Items(look([]portolan.SourceView{source(portolan.SyncIdle, nil)}, forwards...))
		text := draw(items)
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%d x %d: the menu has no line %q", c.environments, c.forwards, want)
			}
		}
		if n := count(items); n > c.most {
			t.Errorf("%d x %d: the menu has %d lines", c.environments, c.forwards, n)
		}
	}
}

func count(items []Item) (n int) {
	for _, i := range items {
		n += 1 + count(i.Children)
	}
	return n
}

// TestHostileNames: whatever a name holds, each title is one short plain line.
func TestHostileNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"<img src=x onerror=alert(1)>", "\u202egnp.exe", "a\nb\r\tc", strings.Repeat("x", 4096), "\x00", "😀\u200d😀", "\xff\xfe",
		}))
		f := favourite(faulty(forward(name.Draw(t, "environment"), name.Draw(t, "alias"), portolan.PortBusy), name.Draw(t, "fault")))
		s := source(portolan.SyncStalled, f.Status.Fault)
		s.Name = name.Draw(t, "source")
		l := look([]portolan.SourceView{s}, f, protected(f))
		l.Asking = name.Draw(t, "asking")
		var check func([]Item)
		check = func(items []Item) {
			for _, i := range items {
				if len([]rune(i.Title)) > 120 || strings.ContainsFunc(i.Title, func(r rune) bool {
					return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028'
				}) {
					t.Fatalf("title %q", i.Title)
				}
				check(i.Children)
			}
		}
		check(append(Items(l), Item{Title: Tooltip(l)}))
	})
}

func TestSuffixes(t *testing.T) {
	got := suffixes([]string{"development", "staging", "production", "analytics", "analysis", "qa", "ana"})
	want := map[string]string{"development": "dev", "staging": "stg", "production": "prod", "analytics": "analyt", "analysis": "analys", "qa": "qa", "ana": "ana"}
	for name, short := range want {
		if got[name] != short {
			t.Errorf("%s is %q, want %q", name, got[name], short)
		}
	}
}

func TestShort(t *testing.T) {
	for text, want := range map[string]string{
		"tax-rules-engine-legacy-adapter-grpc": "tax-rules-engine-lega…apter-grpc",
		"  a\tb\n":                             "a b", "": "", "shop": "shop",
	} {
		if got := short(text, nameWidth); got != want {
			t.Errorf("short(%q) = %q, want %q", text, got, want)
		}
	}
}
