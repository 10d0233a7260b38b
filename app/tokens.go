package app

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

const maxToken = 8 << 10 // no token of GitHub's comes near; a wrong file does

// ownToken is the variable for a token that only Portolan reads.
const ownToken = "PORTOLAN_GITHUB_TOKEN" //nolint:gosec // a name, not a token

// environment returns what os.Getenv would, and takes our own token out of what
// the programs inherit that are started from here, such as a kubeconfig's
// credential plugins.
func environment() func(string) string {
	token := os.Getenv(ownToken)
	_ = os.Unsetenv(ownToken) // fails for no valid name
	return func(name string) string {
		if name == ownToken {
			return token
		}
		return os.Getenv(name)
	}
}

// given returns what finds the token that a person gave outside the keychain: in
// a file, else in PORTOLAN_GITHUB_TOKEN or GITHUB_TOKEN. Such a token belongs to
// one host, github.com unless PORTOLAN_GITHUB_HOST names another, and is sent to
// no other. It is read again at each call, so that a rotated token counts at
// once.
func given(file string, env func(string) string) func(host string) (portolan.Token, error) {
	return func(host string) (portolan.Token, error) {
		home := env("PORTOLAN_GITHUB_HOST")
		if home == "" {
			home = "github.com"
		}
		if host != home {
			return portolan.Token{}, nil
		}
		if file != "" {
			return tokenFrom(file, home)
		}
		for _, name := range []string{ownToken, "GITHUB_TOKEN"} {
			if text := strings.TrimSpace(env(name)); text != "" {
				return portolan.NewToken(text), nil
			}
		}
		return portolan.Token{}, nil
	}
}

func tokenFrom(file, host string) (portolan.Token, error) {
	unreadable := func(why any) error {
		return &portolan.Fault{Kind: portolan.SignIn, Code: "token-file",
			Message: fmt.Sprintf("there is no token in the file %s: %v", file, why),
			Hint:    "put the token alone into that file, or sign in with: portolan auth login " + host}
	}
	f, err := os.Open(file)
	if err != nil {
		return portolan.Token{}, unreadable(err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxToken+1))
	if err != nil {
		return portolan.Token{}, unreadable(err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" || len(data) > maxToken || strings.ContainsAny(text, " \t\r\n") {
		return portolan.Token{}, unreadable("it holds something else")
	}
	return portolan.NewToken(text), nil
}
