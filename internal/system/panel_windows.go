package system

import "golang.org/x/sys/windows/registry"

// DarkPanel reports whether the taskbar is dark (Settings, "Choose your default
// Windows mode"), as it is where nothing is set.
func DarkPanel(func(string) string) bool {
	key, err := registry.OpenKey(registry.CURRENT_USER, `Software\Microsoft\Windows\CurrentVersion\Themes\Personalize`, registry.QUERY_VALUE)
	if err != nil {
		return true
	}
	defer func() { _ = key.Close() }()
	light, _, err := key.GetIntegerValue("SystemUsesLightTheme")
	return err != nil || light == 0
}
