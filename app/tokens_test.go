package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/portolan"
)

// TestGivenToken holds which host gets the token of the environment: one only.
func TestGivenToken(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		host string
		want string
	}{
		{"its home is github.com", map[string]string{"GITHUB_TOKEN": "secret"}, "github.com", "secret"},
		{"and nowhere else", map[string]string{"GITHUB_TOKEN": "secret"}, "ghe.example.org", ""},
		{"nor a name like it", map[string]string{"GITHUB_TOKEN": "secret"}, "github.com.evil.example", ""},
		{"another home", map[string]string{"GITHUB_TOKEN": "secret", "PORTOLAN_GITHUB_HOST": "ghe.example.org"}, "ghe.example.org", "secret"},
		{"then not github.com", map[string]string{"GITHUB_TOKEN": "secret", "PORTOLAN_GITHUB_HOST": "ghe.example.org"}, "github.com", ""},
		{"our own name goes first", map[string]string{"GITHUB_TOKEN": "theirs", "PORTOLAN_GITHUB_TOKEN": " ours\n"}, "github.com", "ours"},
		{"blank is none", map[string]string{"GITHUB_TOKEN": " "}, "github.com", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tokenFor(t, cli.Options{}, tt.env, tt.host)
			if err != nil || got.Reveal() != tt.want {
				t.Errorf("%s gets %q, %v; want %q", tt.host, got.Reveal(), err, tt.want)
			}
		})
	}
}

// tokenFor is what a host gets of what was given.
func tokenFor(t *testing.T, opts cli.Options, env map[string]string, host string) (portolan.Token, error) {
	t.Helper()
	g, err := given(opts, func(name string) string { return env[name] })
	if err != nil || g == nil || g.Host != host {
		return portolan.Token{}, err
	}
	return g.Read(t.Context())
}

// TestTokenFile holds that a rotated token counts at once, and that a file with
// something else is named but never shown.
func TestTokenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	find := func(host string) (portolan.Token, error) {
		return tokenFor(t, cli.Options{TokenFile: file}, nil, host)
	}
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range []string{"first", "second"} {
		write(token + "\n")
		if got, err := find("github.com"); err != nil || got.Reveal() != token {
			t.Fatalf("got %q, %v; want %q", got.Reveal(), err, token)
		}
	}
	if got, err := find("ghe.example.org"); err != nil || !got.IsZero() {
		t.Errorf("another host gets %q, %v", got.Reveal(), err)
	}
	for _, text := range []string{"", " \n", "user:\n  secret-part", strings.Repeat("secret-part", 1000)} {
		write(text)
		got, err := find("github.com")
		f := portolan.AsFault(err)
		if f == nil || f.Kind != portolan.SignIn || f.Code != "token-file" || !got.IsZero() {
			t.Errorf("a file of %d bytes: %v", len(text), err)
		} else if strings.Contains(f.Error(), "secret-part") || !strings.Contains(f.Message, file) {
			t.Errorf("the message is %q", f)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := find("github.com"); portolan.AsFault(err) == nil {
		t.Error("a file that is gone is no token, and no error either")
	}
}
