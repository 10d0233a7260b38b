//go:build desktop || bindings

package desktop

import (
	"context"
	_ "embed"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	webview "github.com/wailsapp/wails/v2/pkg/runtime"
)

// stay keeps the page where it is: a link leads into the person's browser, a
// dropped file nowhere, and a stranger's page, which Wails cannot refuse though it
// answers none of its calls, is left for HOME once it is there. It also reports the page's colour, first when that is seen.
//
//go:embed stay.js
var stay string

//go:embed icon.png
var icon []byte

// ErrNoDisplay says that there is no display, or none that this program may use.
var ErrNoDisplay = errors.New("the display cannot be opened")

// Run opens the window and returns when it is closed or ctx ends. It must be
// called on the main goroutine, once in a process. Where the display cannot be opened
// it is [ErrNoDisplay].
func Run(ctx context.Context, cfg Config) error {
	ctx, closed := context.WithCancel(ctx)
	w := &window{}
	app := newApp(ctx, cfg, w)
	var watching sync.WaitGroup
	if !Generating { // the bindings' generator runs the program up to here
		watching.Go(func() { app.watch(ctx) })
	}
	err := opened(w.options(ctx, app))
	closed()
	watching.Wait()
	return err
}

// opened is wails.Run, which panics where GTK cannot open the display.
func opened(o *options.App) (err error) {
	defer func() {
		failed := recover()
		if cause, ok := failed.(error); ok && cause.Error() == "failed to init GTK" {
			err = ErrNoDisplay
		} else if failed != nil {
			panic(failed)
		}
	}()
	return wails.Run(o)
}

// options is the window as Wails makes it.
func (w *window) options(ctx context.Context, app *App) *options.App {
	look := app.look
	o := &options.App{
		Title: "Portolan", Width: look.Width, Height: look.Height, MinWidth: minWidth, MinHeight: minHeight,
		BackgroundColour:         options.NewRGBA(look.Background[0], look.Background[1], look.Background[2], look.cover(runtime.GOOS)),
		AssetServer:              &assetserver.Options{Assets: app.cfg.Assets, Middleware: guarded},
		EnableDefaultContextMenu: true, // Wails shows it on inputs and selected text alone
		LogLevelProduction:       logger.ERROR,
		Bind:                     []any{app},
		OnStartup:                func(ctx context.Context) { w.put(ctx, look) },
		OnDomReady: func(page context.Context) {
			if w.ready(page) || ctx.Err() != nil { // by a signal from before Wails listened to them
				webview.Quit(page)
			}
			webview.WindowExecJS(page, strings.Replace(stay, "HOME", home(), 1))
		},
		OnBeforeClose: func(page context.Context) bool {
			w.keep(page, app)
			return false
		},
		Linux:   &linux.Options{Icon: icon, WebviewGpuPolicy: linux.WebviewGpuPolicyNever, ProgramName: "portolan-desktop"},
		Windows: &windows.Options{Theme: windows.SystemDefault, Messages: messages(), DisablePinchZoom: true},
		Mac: &mac.Options{About: &mac.AboutInfo{Title: "Portolan", Icon: icon,
			Message: "Port-forwards that a team shares. " + app.cfg.Version.Version}},
	}
	if look.Maximised {
		o.WindowStartState = options.Maximised
	}
	if runtime.GOOS == "darwin" {
		o.Menu = menus()
	}
	return o
}

// home is the address at which Wails serves the page.
func home() string {
	if runtime.GOOS == "windows" {
		return "http://wails.localhost/"
	}
	return "wails://wails/"
}

// menus is the bar at the top of a Mac's screen, without which no shortcut of
// editing works there. Elsewhere a bar would take a row of the window from the
// page, which has all of it, and the webview knows the shortcuts by itself.
func menus() *menu.Menu {
	return menu.NewMenuFromItems(menu.AppMenu(), menu.EditMenu(), menu.WindowMenu())
}

// messages are Wails' own, with the way out, where WebView2 is missing. It offers
// to install it.
func messages() *windows.Messages {
	m := windows.DefaultMessages()
	m.InstallationRequired = "Portolan's window needs Microsoft's WebView2 Runtime. Press OK to download and install it from Microsoft. The commands of portolan.exe work without it."
	m.Webview2NotInstalled = "WebView2 Runtime is not installed. Get it at https://developer.microsoft.com/microsoft-edge/webview2/ and open Portolan again."
	m.ContactAdmin = m.Webview2NotInstalled
	return m
}

// guarded adds the rules for what the page may load, which is nothing but itself.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Security-Policy", policy)
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(rw, r)
	})
}

// window is the [desk] that Wails gives. What comes before the page is there is
// left out: the page asks for it when it comes.
type window struct {
	mu   sync.Mutex
	over bool            // it is to close as soon as it can
	page context.Context //nolint:containedctx // what Wails' own functions are called with
}

var _ desk = (*window)(nil)

// ready notes that the page is there, and reports whether it came too late.
func (w *window) ready(page context.Context) (over bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.page = page
	return w.over
}

// on calls do once the page is there.
func (w *window) on(do func(page context.Context)) {
	w.mu.Lock()
	page := w.page
	w.mu.Unlock()
	if page != nil {
		do(page)
	}
}

func (w *window) front() {
	w.on(func(page context.Context) {
		webview.WindowShow(page)
		webview.WindowUnminimise(page)
	})
}

func (w *window) ask() (asked bool) {
	w.on(func(page context.Context) {
		webview.WindowExecJS(page, "window.go.desktop.App.Here()")
		asked = true
	})
	return asked
}

func (w *window) quit() {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	w.on(webview.Quit)
}

func (w *window) turn() {
	w.on(func(page context.Context) { webview.EventsEmit(page, "page") })
}

func (w *window) tell(state AgentState) {
	w.on(func(page context.Context) { webview.EventsEmit(page, "agent", state) })
}

func (w *window) copy(text string) (err error) {
	w.on(func(page context.Context) { err = webview.ClipboardSetText(page, text) })
	return err
}

func (w *window) paint(red, green, blue byte) {
	w.on(func(page context.Context) { webview.WindowSetBackgroundColour(page, red, green, blue, 0xff) })
}

// put moves the new window to where the last one was, if that is on a screen. All
// other work waits for the page.
func (w *window) put(page context.Context, look place) {
	screens, err := webview.ScreenGetAll(page)
	if err != nil {
		return
	}
	var sizes [][2]int
	for _, s := range screens {
		sizes = append(sizes, [2]int{s.Size.Width, s.Size.Height})
	}
	if look.on(sizes) && !look.Maximised {
		webview.WindowSetPosition(page, look.X, look.Y)
	}
}

// keep remembers how the window looked. A maximised one keeps the size that it
// had before.
func (w *window) keep(page context.Context, app *App) {
	app.mu.Lock()
	look := app.look
	app.mu.Unlock()
	look.Maximised = webview.WindowIsMaximised(page)
	if webview.WindowIsNormal(page) {
		look.Width, look.Height = webview.WindowGetSize(page)
		look.X, look.Y = webview.WindowGetPosition(page)
		look.Placed = true
	}
	_ = look.write(app.cfg.Home) // the next one opens in the middle of the screen
}
