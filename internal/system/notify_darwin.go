package system

// script shows a notification by AppleScript's "display notification", with the
// words as arguments (man osascript).
func script(note Notification) (name string, args, env []string) {
	return "osascript", []string{
		"-e", "on run argv",
		"-e", "display notification (item 2 of argv) with title (item 1 of argv)",
		"-e", "end run",
		"--", note.Title, note.Text,
	}, nil
}
