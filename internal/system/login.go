package system

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
)

// Login is what this system starts when the person logs in. The methods return
// where that is written down, for the person to see.
type Login struct {
	// Program is the absolute path of what is started.
	Program string
	// Home is given to it as --home. Empty: it finds its own.
	Home string
	// Flags follow that, such as those that say where a token is read. Everything
	// that the person starts can read them: never the token itself.
	Flags []string
}

// args are those of an agent that stays in its process, for systems that watch
// over it.
func (l Login) args(more ...string) []string {
	args := append([]string{l.Program, "agent"}, more...)
	if l.Home != "" {
		args = append(args, "--home", l.Home)
	}
	return append(args, l.Flags...)
}

// unit is a systemd user unit (systemd.service(5)). An agent that ends with an
// error or a signal is started again, one that was stopped is not.
func (l Login) unit() string {
	words := l.args()
	for i, word := range words[1:] {
		words[i+1] = systemdWord(word)
	}
	words[0] = `"` + strings.ReplaceAll(words[0], `%`, `%%`) + `"` // in which a $ is itself
	return `# Written by "portolan agent install", removed by "portolan agent uninstall".
[Unit]
Description=Portolan, port-forwards of a team
Documentation=https://github.com/portolan-app/portolan
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
ExecStart=` + strings.Join(words, " ") + `
Restart=on-failure
RestartSec=2
TimeoutStopSec=30

[Install]
WantedBy=default.target
`
}

// systemdWord quotes one word of a command line (systemd.service(5), "Command
// lines"): C escapes in double quotes, no specifiers and no variables.
func systemdWord(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, `%`, `%%`, `$`, `$$`).Replace(word) + `"`
}

// desktopEntry starts the agent from a desktop that has no systemd (Desktop
// Application Autostart Specification).
func (l Login) desktopEntry() string {
	words := l.args("start")
	for i, word := range words {
		words[i] = desktopWord(word)
	}
	return `[Desktop Entry]
Type=Application
Name=Portolan
Comment=Port-forwards of a team
Exec=` + strings.Join(words, " ") + `
Terminal=false
NoDisplay=true
`
}

// desktopWord quotes one word of an Exec key (Desktop Entry Specification, "The
// Exec key"), whose value is itself a string in which a backslash is doubled.
func desktopWord(word string) string {
	word = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(word)
	return `"` + strings.NewReplacer(`\`, `\\`, `%`, `%%`, "\n", `\n`).Replace(word) + `"`
}

// launchAgentLabel is the job's name, and that of its file.
const launchAgentLabel = "app.portolan.agent"

// launchAgent is a job for launchd (launchd.plist(5)): started at login, and
// again when it ends in any way but by itself with success. ProcessType keeps
// the system from slowing down what carries a person's connections.
func (l Login) launchAgent() string {
	var words bytes.Buffer
	for _, word := range l.args() {
		words.WriteString("\t\t<string>")
		_ = xml.EscapeText(&words, []byte(word)) // a buffer takes everything
		words.WriteString("</string>\n")
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>` + launchAgentLabel + `</string>
	<key>ProgramArguments</key>
	<array>
` + words.String() + `	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<dict>
		<key>SuccessfulExit</key>
		<false/>
	</dict>
	<key>ThrottleInterval</key>
	<integer>10</integer>
	<key>ExitTimeOut</key>
	<integer>30</integer>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`
}

// runKey is a value of the registry's Run key. It starts an agent without a
// window of its own, and ends, so that no console stays open.
func (l Login) runKey() string {
	words := l.args("start")
	for i, word := range words {
		words[i] = windowsWord(word)
	}
	return strings.Join(words, " ")
}

// windowsWord quotes one argument (Microsoft, "Parsing C++ command-line
// arguments"): backslashes are themselves, but for those before a quote.
func windowsWord(word string) string {
	var quoted strings.Builder
	slashes := 0 // just before
	quoted.WriteByte('"')
	for _, r := range word {
		switch r {
		case '\\':
			slashes++
		case '"':
			quoted.WriteString(strings.Repeat(`\`, slashes+1))
			slashes = 0
		default:
			slashes = 0
		}
		quoted.WriteRune(r)
	}
	quoted.WriteString(strings.Repeat(`\`, slashes) + `"`)
	return quoted.String()
}

// writeLogin writes one file of a person's configuration.
func writeLogin(path, content string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return path, err
	}
	return path, os.WriteFile(path, []byte(content), 0o600)
}
