package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/portolan"
)

const maxToken = 8 << 10 // no token of GitHub's comes near; a wrong file does

// ownToken is the variable for a token that only Portolan reads.
const ownToken = "PORTOLAN_GITHUB_TOKEN" //nolint:gosec // a name, not a token

// The host that a given token is for.
const (
	hostVariable = "PORTOLAN_GITHUB_HOST"
	defaultHost  = "github.com"
)

// hostOf is the host that a token is for which is given outside the keychain.
func hostOf(opts cli.Options, env func(string) string) string {
	return cmp.Or(opts.GitHubHost, env(hostVariable), defaultHost)
}

// environment returns what os.Getenv would, and takes our own token out of what
// the programs inherit that are started from here, such as a kubeconfig's
// credential plugins.
func environment() func(string) string {
	token := os.Getenv(ownToken)
	_ = os.Unsetenv(ownToken) // fails for no valid name
	return environmentWith(token)
}

// environmentWith is the environment with our own token in it.
func environmentWith(token string) func(string) string {
	return func(name string) string {
		if name == ownToken {
			return token
		}
		return os.Getenv(name)
	}
}

// given returns the token that a person gave outside the keychain, or nil: in a
// file, by a command, or in PORTOLAN_GITHUB_TOKEN or GITHUB_TOKEN. Such a token
// belongs to one host, github.com unless PORTOLAN_GITHUB_HOST names another, and is
// sent to no other: else whoever names a host could have it. It is read again at
// each sync, so that a rotated token counts at once.
func given(opts cli.Options, env func(string) string) (*engine.Given, error) {
	g := &engine.Given{Host: hostOf(opts, env)}
	if opts.TokenFile != "" {
		g.From = "the file " + opts.TokenFile
		g.Read = func(context.Context) (portolan.Token, error) { return tokenFrom(opts.TokenFile, g.Host) }
		return g, nil
	}
	if opts.CredentialCommand != "" {
		argv, err := splitCommand(opts.CredentialCommand)
		if err != nil {
			return nil, err
		}
		g.From = "the command " + argv[0]
		g.Read = func(ctx context.Context) (portolan.Token, error) { return tokenOf(ctx, argv, g.Host, credentialLimit) }
		return g, nil
	}
	for _, name := range []string{ownToken, "GITHUB_TOKEN"} {
		if text := strings.TrimSpace(env(name)); text != "" {
			g.From = "the variable " + name
			g.Read = func(context.Context) (portolan.Token, error) { return portolan.NewToken(text), nil }
			return g, nil
		}
	}
	return nil, nil
}

// withGiven completes the flags about tokens from their variables, for commands
// that do not have these flags.
func withGiven(opts cli.Options, env func(string) string) cli.Options {
	if opts.TokenFile == "" && opts.CredentialCommand == "" {
		opts.TokenFile, opts.CredentialCommand = env("PORTOLAN_TOKEN_FILE"), env("PORTOLAN_CREDENTIAL_COMMAND")
	}
	opts.GitHubHost = cmp.Or(opts.GitHubHost, env(hostVariable))
	return opts
}

// handedOn are the flags by which another process of this program reads the token
// that was given to this one, which may be one in our own variable: its host goes
// with a token, so that no other gets it. Nothing given, no flags.
func handedOn(opts cli.Options, own string) ([]string, error) {
	var flags []string
	switch {
	case opts.TokenFile != "":
		file, err := filepath.Abs(opts.TokenFile)
		if err != nil {
			return nil, err
		}
		flags = append(flags, "--token-file="+file)
	case opts.CredentialCommand != "":
		if _, err := splitCommand(opts.CredentialCommand); err != nil {
			return nil, err
		}
		flags = append(flags, "--credential-command="+opts.CredentialCommand)
	case own == "":
		return nil, nil
	}
	return append(flags, "--github-host="+cmp.Or(opts.GitHubHost, defaultHost)), nil
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
	if len(data) > maxToken || !isToken(text) {
		return portolan.Token{}, unreadable("it holds something else")
	}
	return portolan.NewToken(text), nil
}

// isToken reports whether text can be a token: something else is not repeated to a
// host.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}
