// Package traytest gives tests a desktop of their own on a private D-Bus: a panel
// that shows tray icons (org.kde.StatusNotifierWatcher, with a host that reads
// menus and clicks them over com.canonical.dbusmenu), and a notification server.
// The bus is one of package keyringtest.
package traytest
