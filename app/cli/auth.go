package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) auth() *cobra.Command {
	return group("auth", "Sign in to GitHub", `  portolan auth login github.com
  portolan auth status`, p.login(), p.accounts(), p.logout())
}

func (p *program) login() *cobra.Command {
	var piped bool
	var apiURL string
	c := &cobra.Command{
		Use:   "login HOST",
		Short: "Check a token, and keep it in the keychain",
		Long: `Check a token with its host, and keep it in the keychain of this machine. It is
asked for without being shown, or read from standard input with --with-token;
never give it as an argument. To follow a private repository it needs the
permission Contents: read. A token is kept for the host of the API that it was
checked with, and sent to no other.`,
		Example: `  portolan auth login github.com
  portolan auth login ghe.example.org --with-token < token.txt`,
		Args: loginArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runLogin(cmd.Context(), args[0], apiURL, piped)
		},
	}
	// Neither the arguments nor a flag's value may be repeated here: a token
	// given in the wrong place must not end up in a log.
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef(cmd, "a flag of %s is unknown or has a wrong value", verb(cmd))
	})
	c.Flags().BoolVar(&piped, "with-token", false, "read the token from standard input")
	c.Flags().StringVar(&apiURL, "api-url", "", "`URL` of the GitHub API, where it is not at the usual place")
	twins(c.Flags(), "api-url")
	return c
}

// loginArgs takes a host and nothing more, and does not repeat what is no host.
func loginArgs(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef(cmd, "%s takes HOST, such as github.com, and nothing more; never give a token as an argument", verb(cmd))
	}
	_, err := portolan.ParseHost(args[0]) // before a message repeats it: it may be a token
	return err
}

func (p *program) runLogin(ctx context.Context, host, apiURL string, piped bool) error {
	client, err := p.Connect(ctx, p.Options)
	if err != nil {
		return err
	}
	if _, err := client.Version(ctx); err != nil {
		return err // before a person is asked for the token in vain
	}
	token, err := p.readToken(ctx, host, piped)
	if err != nil {
		return err
	}
	var account portolan.Host
	err = p.during(ctx, client, "asking "+host, noStep, func() (err error) {
		account, err = client.SignIn(ctx, host, apiURL, token)
		return err
	})
	if err != nil {
		return err
	}
	if p.format == "json" {
		p.out.json(account)
		return nil
	}
	p.out.printf("Signed in to %s as %s.\n", bold(account.Host), bold(account.Login))
	p.printAccounts([]portolan.Host{account})
	return nil
}

// readToken asks for the token on the terminal without showing it, or reads it
// from standard input.
func (p *program) readToken(ctx context.Context, host string, piped bool) (string, error) {
	var data []byte
	var err error
	stdin, ok := p.Stdin.(*os.File)
	switch {
	case piped:
		const enough = 16 << 10
		data, err = interruptible(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(p.Stdin, enough)) })
	case ok && term.IsTerminal(int(stdin.Fd())):
		p.err.printf("Token for %s (not shown): ", host)
		data, err = readHidden(ctx, int(stdin.Fd()))
		p.err.printf("\n")
	default:
		err = errors.New("it is no terminal")
	}
	if err != nil && ctx.Err() == nil {
		return "", &portolan.Fault{Kind: portolan.Usage, Code: "token-unreadable",
			Message: "the token cannot be read from standard input: " + cause(err),
			Hint:    "pipe it in: portolan auth login " + quote(host) + " --with-token < FILE"}
	}
	if err != nil {
		return "", err
	}
	token := string(bytes.TrimSpace(data))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", &portolan.Fault{Kind: portolan.Usage, Code: "token-malformed",
			Message: "what was given is no token: it is empty, or holds blanks or other characters that no token has",
			Hint:    "copy the token from the settings of your account at " + host}
	}
	return token, nil
}

// readHidden reads a line from the terminal without an echo, which is back when
// it returns.
func readHidden(ctx context.Context, terminal int) ([]byte, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return nil, err
	}
	data, err := interruptible(ctx, func() ([]byte, error) { return term.ReadPassword(terminal) })
	if ctx.Err() != nil {
		_ = term.Restore(terminal, before) // as ReadPassword, left behind, does not
	}
	return data, err
}

func (p *program) accounts() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "List the hosts that you are signed in to",
		Long: `List the hosts that you are signed in to. --output json prints an array of objects
with host, login, kind, scopes and expires; never a token.`,
		Example: `  portolan auth status`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			accounts, err := client.Accounts(cmd.Context())
			switch {
			case err != nil:
				return err
			case p.format == "json":
				p.out.json(orEmpty(accounts))
			case len(accounts) == 0:
				p.err.printf("You are not signed in. Public repositories need no token; for others:\n  portolan auth login github.com\n")
			default:
				p.printAccounts(accounts)
			}
			return nil
		},
	}
}

func (p *program) printAccounts(accounts []portolan.Host) {
	rows := make([][]cell, 0, len(accounts))
	for _, a := range accounts {
		expires := "never, or unknown"
		if !a.Expires.IsZero() {
			expires = a.Expires.Format("2006-01-02")
		}
		rows = append(rows, []cell{plain(a.Host), plain(a.Login), plain(a.Kind), plain(strings.Join(a.Scopes, " ")), plain(expires)})
	}
	p.out.table([]string{"HOST", "LOGIN", "TOKEN", "SCOPES", "EXPIRES"}, rows)
}

func (p *program) logout() *cobra.Command {
	var login string
	c := &cobra.Command{
		Use:   "logout HOST",
		Short: "Remove a token from the keychain",
		Example: `  portolan auth logout github.com
  portolan auth logout github.com --account ann`,
		Args: loginArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := p.Connect(cmd.Context(), p.Options)
			if err != nil {
				return err
			}
			err = p.during(cmd.Context(), client, "asking the keychain", noStep, func() error {
				return client.SignOut(cmd.Context(), args[0], login)
			})
			if err != nil {
				return err
			}
			if p.format == "json" {
				p.out.json(map[string]string{"host": args[0], "login": login})
			} else {
				p.out.printf("Signed out of %s. What it brought stays.\n", bold(args[0]))
			}
			return nil
		},
	}
	c.Flags().StringVar(&login, "account", "", "`LOGIN` to sign out, where the host has several")
	return c
}
