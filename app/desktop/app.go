// Package desktop is the window: the pages of package frontend in the system's
// own webview, over the API of an agent that lives in another process.
//
// The page calls the methods of [App] and nothing else; what it asks goes on to
// the engine by path, as over the socket. The window finds the agent, starts it
// where there is none, outlives it and finds it again, and tells the page at each
// step ([AgentState]). It keeps nothing but its own size and place.
//
// What needs Wails is behind the build tags desktop and bindings; the rest
// compiles and is tested everywhere.
package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"sync"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Config is what a window is made of.
type Config struct {
	// API is the agent's, or an engine in this process.
	API api.API

	// Agent starts and stops the process behind API; nil where that is this one.
	Agent Agent

	// Another starts a process like this one, for a window in the place of this
	// one's, at a page.
	Another func(page string) error

	// Browse opens a web address in the person's browser; nil where this system
	// has no means.
	Browse func(ctx context.Context, address string) error

	// Home is where the window's size and place are kept.
	Home string

	// Version is that of this program.
	Version api.Version

	// Assets are the pages, index.html at the root.
	Assets fs.FS

	// Page is what the window opens at, as in [api.API.Raise].
	Page string
}

// Agent is the process behind the window.
type Agent interface {
	// Start starts one that outlives the window, and returns when it answers.
	Start(ctx context.Context) (api.Version, error)

	// Stop ends the running one, and returns when it has gone.
	Stop(ctx context.Context) (api.Version, error)
}

// desk is what the window asks of the desktop around it.
type desk interface {
	front()                      // the window comes to the front
	ask() bool                   // the page is to call [App.Here]; false where there is none yet
	quit()                       // the window closes
	tell(AgentState)             // the page gets the event "agent"
	turn()                       // the page gets the event "page", and asks [App.Page]
	copy(text string) error      // to the clipboard
	paint(red, green, blue byte) // what shows where the page does not
}

// App is what the page may call. Errors are a [portolan.Fault] as JSON. Methods
// may be called by several goroutines at once.
type App struct {
	cfg  Config
	ctx  context.Context //nolint:containedctx // the window's own: the page's calls bring none
	desk desk
	here chan struct{} // the page's answers

	mu      sync.Mutex // guards the rest
	agent   AgentState
	settled chan struct{} // closed unless an agent is being started
	look    place
	page    string // that the window is asked to show; "" is the one that it shows
}

// newApp returns what the page of a window that lives as long as ctx may call.
func newApp(ctx context.Context, cfg Config, d desk) *App {
	a := &App{cfg: cfg, ctx: ctx, desk: d, here: make(chan struct{}, 1), settled: make(chan struct{}), look: readPlace(cfg.Home), page: cfg.Page}
	a.agent = AgentState{State: Starting, Own: cfg.Version.Version}
	return a
}

// Call calls a method of the engine by its path, such as "source/add", with its
// arguments as JSON, and returns the answer as JSON. While the agent is being
// started it waits.
func (a *App) Call(path, body string) (string, error) {
	if err := a.settle(); err != nil {
		return "", crossing(err)
	}
	answer, err := api.Invoke(a.ctx, a.cfg.API, path, []byte(body))
	if err != nil {
		return "", crossing(err)
	}
	return string(answer), nil
}

// Here is the page's answer to whether it lives.
func (a *App) Here() {
	select {
	case a.here <- struct{}{}:
	default: // one that nobody has heard yet says the same
	}
}

// Page returns, once, the page that the window was asked to show: "settings",
// "source/NAME", "forward/ID", or "" where it may show what it likes. The event
// "page" says that there is one.
func (a *App) Page() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	page := a.page
	a.page = ""
	return page
}

// answer is how long a living page may take to call [App.Here]; the machine may be
// busy.
const answer = 5 * time.Second

// raise brings the window to the front. One whose page has died, as after a crash
// of the webview's own process, shows nothing and cannot be revived: another takes
// its place.
func (a *App) raise(ctx context.Context, page string) {
	if page != "" {
		a.mu.Lock()
		a.page = page
		a.mu.Unlock()
		a.desk.turn()
	}
	select {
	case <-a.here: // an answer to an earlier question
	default:
	}
	a.desk.front()
	if !a.desk.ask() {
		return
	}
	select {
	case <-a.here:
	case <-ctx.Done():
	case <-time.After(answer):
		if a.cfg.Another(page) == nil {
			a.desk.quit()
		}
	}
}

// OpenURL opens an address in the person's browser: http or https, with a host,
// and without a name and a password before it, which would pass for the host.
// Wails' own way is none: it refuses every address with a bracket, as of [::1],
// and says so to nobody.
func (a *App) OpenURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return crossing(&portolan.Fault{Kind: portolan.Usage, Code: "address-refused",
			Message: "this address is not opened: " + address,
			Hint:    "only http and https addresses open, and without a user's name in them"})
	}
	if a.cfg.Browse != nil {
		err = a.cfg.Browse(a.ctx, u.String())
	}
	if a.cfg.Browse == nil || err != nil {
		return crossing(&portolan.Fault{Kind: portolan.Failed, Code: "browser",
			Message: "no browser can be opened from here", Hint: "open this address yourself: " + u.String()})
	}
	return nil
}

// CopyText puts a text into the clipboard.
func (a *App) CopyText(text string) error {
	if err := a.desk.copy(text); err != nil {
		return crossing(&portolan.Fault{Kind: portolan.Failed, Code: "clipboard",
			Message: "the clipboard cannot be used: " + err.Error(), Hint: "select the text, and copy it yourself"})
	}
	return nil
}

// Background says which colour the page has, 0 to 255 each, so that what shows
// before the page does, now and at the next start, is no flash of another one.
func (a *App) Background(red, green, blue int) {
	now := [3]byte{byte(red), byte(green), byte(blue)}
	a.mu.Lock()
	if !a.look.kept || a.look.Background != now {
		a.look.Background = now
		a.look.kept = a.look.write(a.cfg.Home) == nil
	}
	a.mu.Unlock()
	a.desk.paint(now[0], now[1], now[2])
}

// crossing makes the error that reaches the page: Wails passes on its text alone.
func crossing(err error) error {
	if errors.Is(err, context.Canceled) {
		err = &portolan.Fault{Kind: portolan.Unavailable, Code: "window-closed", Message: "the window was closed"}
	}
	text, marshal := json.Marshal(portolan.AsFault(err))
	if marshal != nil {
		return err
	}
	return errors.New(string(text))
}
