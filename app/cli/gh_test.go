//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestGhToken has a stand-in for gh that is missing, fails, or prints no token.
func TestGhToken(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	refused := func(want string) {
		t.Helper()
		_, err := ghToken(t.Context(), "github.com")
		f := portolan.AsFault(err)
		if f == nil || f.Kind != portolan.SignIn || f.Code != "gh-token" || !strings.Contains(f.Message, want) || strings.Contains(f.Error(), "secret-part") {
			t.Errorf("%v; want %q", err, want)
		}
	}
	refused("gh is not installed")
	for script, want := range map[string]string{
		"echo secret-part >&2; exit 1": "gh has no token for github.com",
		"echo secret-part and more":    "gh has no token for github.com",
		"":                             "gh has no token for github.com",
	} {
		if err := os.WriteFile(filepath.Join(bin, "gh"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		refused(want)
	}
	if err := os.WriteFile(filepath.Join(bin, "gh"), []byte("#!/bin/sh\n[ \"$*\" = 'auth token --hostname github.com' ] && echo gho_token\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if token, err := ghToken(t.Context(), "github.com"); err != nil || token != "gho_token" {
		t.Errorf("%q, %v", token, err)
	}
}
