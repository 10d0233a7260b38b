package portolan

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings are a person's choices for the engine of this machine. Zero values are
// the defaults. [Settings.List] and [Settings.Set] know them by name.
type Settings struct {
	Drain    Duration  `json:"drain,omitempty"`     // 0 = [DefaultDrain]
	Hold     Duration  `json:"hold,omitempty"`      // 0 = [DefaultHold]
	LogLevel string    `json:"log_level,omitempty"` // debug, info, warn or error; "" = info
	Peers    Peers     `json:"peers,omitempty"`     // "" = [PeersAuto]
	Pods     PodChoice `json:"pods,omitempty"`      // "" = [PodSticky]
	Mux      string    `json:"mux,omitempty"`       // auto or [MuxStock]; "" = auto

	// GitHubClientID names the GitHub Apps that sign people in with a code, as
	// [Settings.ClientID] reads it; "" = that of the build.
	GitHubClientID string `json:"github_client_id,omitempty"`

	// What the agent tells at the desktop: "on", which "" is, or "off".
	NotifyChanges string `json:"notify_changes,omitempty"`
	NotifyLost    string `json:"notify_lost,omitempty"`
	NotifySignIn  string `json:"notify_sign_in,omitempty"`

	TrayIcon string `json:"tray_icon,omitempty"` // auto, light or dark; "" = auto

	// CAFile holds certificate authorities in PEM form, which GitHub hosts may have
	// beside the system's; "" = none.
	CAFile string `json:"ca_file,omitempty"`

	// StartAtLogin is what the system itself says, and stored nowhere else.
	StartAtLogin bool `json:"-"`
}

// MuxStock is the value of Settings.Mux that has connections carried by the library
// that kubectl uses, in place of our own.
const MuxStock = "stock"

// ClientIDSetting is the name of the setting for [Settings.GitHubClientID].
const ClientIDSetting = "github_client_id"

// CAFileSetting is the name of the setting for [Settings.CAFile].
const CAFileSetting = "ca_file"

// ClientID is the client id of the GitHub App for a host, or "". The setting is a
// list with commas of HOST=ID; an ID alone is for github.com.
func (s Settings) ClientID(host string) string {
	for part := range strings.SplitSeq(s.GitHubClientID, ",") {
		if at, id := clientIDOf(part); at == host {
			return id
		}
	}
	return ""
}

func clientIDOf(part string) (host, id string) {
	host, id, named := strings.Cut(strings.TrimSpace(part), "=")
	if !named {
		return "github.com", host
	}
	return host, id
}

// StartAtLogin is the name of the setting that is a fact of the system.
const StartAtLogin = "start_at_login"

// Peers says whose connections a forward serves: those of every user of this
// machine, or of its own user and root only. It counts where the system tells
// whose a connection is, which is Linux alone.
type Peers string

// The values of Peers. PeersAuto, the default, is PeersMine while another person is
// logged in, else PeersAll.
const (
	PeersAuto Peers = "auto"
	PeersMine Peers = "mine"
	PeersAll  Peers = "all"
)

// The defaults of the settings.
const (
	DefaultDrain = 30 * time.Second
	DefaultHold  = 15 * time.Second
)

// Setting is one row of the table of settings, as a face shows it.
type Setting struct {
	Name    string `json:"name"`
	Value   string `json:"value"` // in force, be it the default
	Default string `json:"default"`
	Help    string `json:"help"`
}

// settingRule is what there is to know about one setting.
type settingRule struct {
	name, help, standard string
	value                func(*Settings) string
	set                  func(*Settings, string) error // "" brings the default back
}

// settingRules is the table of all settings, in the order in which they are shown.
var settingRules = []settingRule{
	durationSetting("drain", "how long live connections of a stopped forward may go on",
		DefaultDrain, time.Millisecond, 10*time.Minute, func(s *Settings) *Duration { return &s.Drain }),
	durationSetting("hold", "how long a new connection waits for a ready pod before it is refused",
		DefaultHold, time.Second, 5*time.Minute, func(s *Settings) *Duration { return &s.Hold }),
	wordSetting("log_level", "what is logged at least, unless the engine was started with another --log-level",
		[]string{"info", "debug", "warn", "error"}, func(s *Settings) *string { return &s.LogLevel }),
	wordSetting("peers", "whose local connections are served, on Linux: auto is mine while another person is logged in",
		[]string{"auto", "mine", "all"}, func(s *Settings) *string { return (*string)(&s.Peers) }),
	wordSetting("pods", "which of several ready pods a new connection goes to: sticky is the one used last, while it is ready",
		[]string{string(PodSticky), string(PodNewest), string(PodRoundRobin)}, func(s *Settings) *string { return (*string)(&s.Pods) }),
	wordSetting("mux", "what carries connections to a cluster: auto, or stock for the library that kubectl uses, which is slower",
		[]string{"auto", MuxStock}, func(s *Settings) *string { return &s.Mux }),
	wordSetting("notify_changes", "whether the desktop tells what a sync changed",
		[]string{"on", "off"}, func(s *Settings) *string { return &s.NotifyChanges }),
	wordSetting("notify_lost", "whether the desktop tells of forwards that are down for more than 30 s",
		[]string{"on", "off"}, func(s *Settings) *string { return &s.NotifyLost }),
	wordSetting("notify_sign_in", "whether the desktop tells that you have to sign in",
		[]string{"on", "off"}, func(s *Settings) *string { return &s.NotifySignIn }),
	wordSetting("tray_icon", "the icon in the panel: light for a dark panel, dark for a light one; auto guesses, on Linux",
		[]string{"auto", "light", "dark"}, func(s *Settings) *string { return &s.TrayIcon }),
	switchSetting(StartAtLogin, `whether Portolan starts when you log in, as "portolan agent install" makes it`,
		func(s *Settings) *bool { return &s.StartAtLogin }),
	{name: ClientIDSetting,
		help:  "client id of the GitHub App for a sign-in with a code: ID for github.com, HOST=ID for others, with commas",
		value: func(s *Settings) string { return s.GitHubClientID }, set: setClientID},
	{name: CAFileSetting,
		help:  "file of certificate authorities in PEM form, trusted for GitHub hosts beside the system's, as of a company that inspects traffic",
		value: func(s *Settings) string { return s.CAFile }, set: setCAFile},
}

// switchSetting is on or off, and off by default.
func switchSetting(name, help string, field func(*Settings) *bool) settingRule {
	const off = "false"
	return settingRule{
		name: name, help: help, standard: off,
		value: func(s *Settings) string { return strconv.FormatBool(*field(s)) },
		set: func(s *Settings, text string) error {
			if !slices.Contains([]string{"", off, "true"}, text) {
				return badSetting(name, text, "it is true or false")
			}
			*field(s) = text == "true"
			return nil
		},
	}
}

var clientIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func setClientID(s *Settings, text string) error {
	if text = strings.TrimSpace(text); text == "" {
		s.GitHubClientID = ""
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		host, id := clientIDOf(part)
		if at, err := ParseHost(host); err != nil || at.Host != host || !clientIDForm.MatchString(id) {
			return badSetting(ClientIDSetting, text, "it is an ID, which is for github.com, or HOST=ID, with commas between several")
		}
	}
	s.GitHubClientID = text
	return nil
}

func setCAFile(s *Settings, text string) error {
	if text != "" && !filepath.IsAbs(text) {
		return badSetting(CAFileSetting, text, "it is the whole path of a file: the engine runs in another directory")
	}
	s.CAFile = text
	return nil
}

// durationSetting is a time between least and most.
func durationSetting(name, help string, standard, least, most time.Duration, field func(*Settings) *Duration) settingRule {
	return settingRule{
		name: name, help: help, standard: standard.String(),
		value: func(s *Settings) string {
			if d := *field(s); d != 0 {
				return time.Duration(d).String()
			}
			return standard.String()
		},
		set: func(s *Settings, text string) error {
			if text == "" {
				*field(s) = 0
				return nil
			}
			d, err := time.ParseDuration(text)
			if err != nil || d < least || d > most {
				return badSetting(name, text, fmt.Sprintf("it is a time such as %s, from %s to %s", standard, least, most))
			}
			*field(s) = Duration(d)
			return nil
		},
	}
}

// wordSetting is one of a few words, the default first.
func wordSetting(name, help string, words []string, field func(*Settings) *string) settingRule {
	return settingRule{
		name: name, help: help, standard: words[0],
		value: func(s *Settings) string { return cmp.Or(*field(s), words[0]) },
		set: func(s *Settings, text string) error {
			if text != "" && !slices.Contains(words, text) {
				return badSetting(name, text, "it is one of "+strings.Join(words, ", "))
			}
			*field(s) = text
			return nil
		},
	}
}

// List returns every setting with the value in force, in a fixed order.
func (s Settings) List() []Setting {
	list := make([]Setting, len(settingRules))
	for i, r := range settingRules {
		list[i] = Setting{Name: r.name, Value: r.value(&s), Default: r.standard, Help: r.help}
	}
	return list
}

// Set changes one setting by name; an empty value brings its default back. An
// unknown name and a value without meaning are [Usage] faults.
func (s *Settings) Set(name, value string) error {
	i := slices.IndexFunc(settingRules, func(r settingRule) bool { return r.name == name })
	if i >= 0 {
		return settingRules[i].set(s, value)
	}
	known := make([]string, len(settingRules))
	for i, r := range settingRules {
		known[i] = r.name
	}
	hint := "see them all with: portolan settings get"
	if near := Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return &Fault{Kind: Usage, Code: "setting-unknown", Message: fmt.Sprintf("there is no setting %q", name), Hint: hint}
}
