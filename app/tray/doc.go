// Package tray is the face of Portolan in the panel, menu bar or notification area:
// a glyph that tells the state by its shape, a line when pointed at, and a menu.
//
// What is shown is computed by pure functions of a [Look]: [StateOf], [Tooltip]
// and [Items]. A [Tray] keeps a view of the engine, and hands the system nothing
// but differences, so that a menu that is open stays as it is under the pointer.
// It decides nothing: a click is one call to [api.API], or to one of the functions
// in [Deps].
//
// The icon itself is fyne.io/systray's. On Linux and the BSDs it speaks D-Bus
// (StatusNotifierItem and com.canonical.dbusmenu, no toolkit), on Windows and
// macOS it has the main thread. A build for macOS without cgo has no tray.
package tray
