package system

// toast shows a notification (Microsoft, "Windows.UI.Notifications") with the
// words from variables of the environment; InnerText escapes them. The sender is
// one that Windows knows on every machine.
const toast = `
[void][Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$lines = $xml.GetElementsByTagName('text')
$lines.Item(0).InnerText = $env:PORTOLAN_NOTE_TITLE
$lines.Item(1).InnerText = $env:PORTOLAN_NOTE_TEXT
$sender = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\WindowsPowerShell\v1.0\powershell.exe'
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($sender).Show([Windows.UI.Notifications.ToastNotification]::new($xml))`

func script(note Notification) (name string, args, env []string) {
	return "powershell.exe", []string{"-NoProfile", "-NonInteractive", "-WindowStyle", "Hidden", "-Command", toast},
		[]string{"PORTOLAN_NOTE_TITLE=" + note.Title, "PORTOLAN_NOTE_TEXT=" + note.Text}
}
