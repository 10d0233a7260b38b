package portolan

import (
	"encoding/json"
	"path/filepath"
	"testing"
)

func TestSettingsSet(t *testing.T) {
	absolute := filepath.Join(t.TempDir(), "ca.pem")
	for _, tt := range []struct{ name, value, want, code string }{
		{name: "drain", value: "1m", want: "1m0s"},
		{name: "drain", value: "", want: "30s"},
		{name: "hold", value: "1s", want: "1s"},
		{name: "hold", value: "soon", code: "setting-value"},
		{name: "hold", value: "1h", code: "setting-value"},
		{name: "hold", value: "-1s", code: "setting-value"},
		{name: "peers", value: "mine", want: "mine"},
		{name: "peers", value: "all", want: "all"},
		{name: "peers", value: "auto", want: "auto"},
		{name: "peers", value: "some", code: "setting-value"},
		{name: "log_level", value: "debug", want: "debug"},
		{name: "log_level", value: "", want: "info"},
		{name: "log_level", value: "loud", code: "setting-value"},
		{name: "github_client_id", value: "Iv1.0a-b", want: "Iv1.0a-b"},
		{name: "github_client_id", value: "Iv1.a, ghe.example.org=Iv2.b", want: "Iv1.a, ghe.example.org=Iv2.b"},
		{name: "github_client_id", value: "Iv1.a,,", code: "setting-value"},
		{name: "github_client_id", value: "https://ghe.example.org=Iv2.b", code: "setting-value"},
		{name: "github_client_id", value: "an id", code: "setting-value"},
		{name: "ca_file", value: absolute, want: absolute},
		{name: "ca_file", value: "ca.pem", code: "setting-value"},
		{name: "hodl", value: "1s", code: "setting-unknown"},
	} {
		s := Settings{Drain: Duration(DefaultDrain * 2)}
		err := s.Set(tt.name, tt.value)
		if tt.code != "" {
			if f := AsFault(err); f == nil || f.Code != tt.code || f.Kind != Usage || f.Hint == "" {
				t.Errorf("%s=%q: got %v, want a usage fault %s", tt.name, tt.value, err, tt.code)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s=%q: %v", tt.name, tt.value, err)
			continue
		}
		for _, row := range s.List() {
			if row.Name == tt.name && row.Value != tt.want {
				t.Errorf("%s=%q is %s then, want %s", tt.name, tt.value, row.Value, tt.want)
			}
		}
	}
}

// TestSettingsRoundTrip holds that each default is a value that can be set, and
// that untouched settings leave nothing in the state.
func TestSettingsRoundTrip(t *testing.T) {
	var s Settings
	for _, row := range s.List() {
		if row.Value != row.Default || row.Help == "" {
			t.Errorf("%+v", row)
		}
		if err := s.Set(row.Name, row.Default); err != nil {
			t.Errorf("%s: its default cannot be set: %v", row.Name, err)
		}
		if err := s.Set(row.Name, ""); err != nil {
			t.Error(err)
		}
	}
	if data, err := json.Marshal(s); err != nil || string(data) != "{}" {
		t.Errorf("%s, %v", data, err)
	}
}

func TestClientID(t *testing.T) {
	s := Settings{GitHubClientID: "Iv1.a, ghe.example.org=Iv2.b"}
	for host, want := range map[string]string{"github.com": "Iv1.a", "ghe.example.org": "Iv2.b", "example.org": ""} {
		if got := s.ClientID(host); got != want {
			t.Errorf("%s has %q, want %q", host, got, want)
		}
	}
}
