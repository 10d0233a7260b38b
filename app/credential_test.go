//go:build unix

package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

func TestSplitCommand(t *testing.T) {
	for line, want := range map[string][]string{
		"vault":                           {"vault"},
		"  gh auth\ttoken ":               {"gh", "auth", "token"},
		`prog 'two words' "it's" a"b c"d`: {"prog", "two words", "it's", "ab cd"},
		`prog ""`:                         {"prog", ""},
		`C:\bin\prog.exe $HOME ~ * ; |`:   {`C:\bin\prog.exe`, "$HOME", "~", "*", ";", "|"}, // no shell
		"":                                nil, "  ": nil, `"`: nil, "prog 'x": nil, `"" x`: nil,
	} {
		got, err := splitCommand(line)
		if !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q is %q, %v; want %q", line, got, err, want)
		}
		if want == nil && portolan.AsFault(err).Kind != portolan.Usage {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestCredentialOutput(t *testing.T) {
	const long = 20 * time.Second
	token, err := tokenOf(t.Context(), []string{"/bin/sh", "-c", `echo " token-for-$PORTOLAN_HOST "; echo more; echo secret-part >&2`}, "github.com", long)
	if err != nil || token.Reveal() != "token-for-github.com" {
		t.Fatalf("%q, %v", token.Reveal(), err)
	}
	for name, c := range map[string]struct {
		script string
		limit  time.Duration
		want   string
	}{
		"nothing":    {":", long, "what it prints is none"},
		"two words":  {"echo secret-part and more", long, "what it prints is none"},
		"an endless": {"yes secret-part | tr -d '\\n' | head -c 100000", long, "what it prints is none"},
		"failure":    {"echo secret-part; echo secret-part >&2; exit 3", long, "exit status 3"},
		"too slow":   {"exec sleep 60", 100 * time.Millisecond, "longer than 100ms"},
	} {
		_, err := tokenOf(t.Context(), []string{"/bin/sh", "-c", c.script}, "github.com", c.limit)
		f := portolan.AsFault(err)
		if f == nil || f.Kind != portolan.SignIn || f.Code != "credential-command" || !strings.Contains(f.Message, c.want) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(f.Error(), "secret-part") {
			t.Errorf("%s: what the command says is repeated: %v", name, f)
		}
	}
	if _, err := tokenOf(t.Context(), []string{"/nowhere/prog"}, "github.com", long); portolan.AsFault(err).Code != "credential-command" {
		t.Errorf("no program: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tokenOf(ctx, []string{"/bin/sh", "-c", "echo x"}, "github.com", long); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
