package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

func (p *program) auth() *cobra.Command {
	return group("auth", "Sign in to GitHub", `  portolan auth login github.com
  portolan auth status`, p.login(), p.accounts(), p.logout())
}

// signIn is what the flags of login say.
type signIn struct {
	apiURL                         string
	piped, fromGh, thisRun, device bool
}

func (p *program) login() *cobra.Command {
	var in signIn
	c := &cobra.Command{
		Use:   "login HOST",
		Short: "Check a token, and keep it in the keychain",
		Long: `Check a token with its host, and keep it in the keychain of this machine. It is
asked for without being shown, read from standard input with --with-token, or
taken from GitHub's own program gh with --from-gh; never give it as an argument. A
fine-grained token with Contents: read on the one repository is enough. A token is
kept for the host of the API that it was checked with, and sent to no other.

Without a keychain, --this-run keeps the token in the memory of the engine until
that ends.

With --device no token is typed: you enter a short code at the host in a browser.
It needs the client id of a GitHub App with the device flow, which the setting
github_client_id names where this build has none. What it brings ends after hours
and is renewed by itself, for six months at most.`,
		Example: `  portolan auth login github.com
  portolan auth login ghe.example.org --with-token < token.txt
  portolan auth login github.com --from-gh
  portolan auth login github.com --this-run`,
		Args: loginArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.device {
				return p.runDevice(cmd.Context(), args[0])
			}
			return p.runLogin(cmd.Context(), args[0], in)
		},
	}
	// Neither the arguments nor a flag's value may be repeated here: a token
	// given in the wrong place must not end up in a log.
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef(cmd, "a flag of %s is unknown or has a wrong value", verb(cmd))
	})
	c.Flags().BoolVar(&in.piped, "with-token", false, "read the token from standard input")
	c.Flags().BoolVar(&in.fromGh, "from-gh", false, `take the token that "gh auth token" prints`)
	c.Flags().BoolVar(&in.thisRun, "this-run", false, "keep the token until the engine ends, and not in the keychain")
	c.Flags().StringVar(&in.apiURL, "api-url", "", "`URL` of the GitHub API, where it is not at the usual place")
	c.Flags().BoolVar(&in.device, "device", false, "enter a code at the host in a browser")
	c.Flags().Lookup("device").Hidden = !p.Device
	twins(c.Flags(), "api-url")
	c.MarkFlagsMutuallyExclusive("with-token", "from-gh", "device")
	for _, other := range []string{"this-run", "api-url"} {
		c.MarkFlagsMutuallyExclusive("device", other)
	}
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

func (p *program) runLogin(ctx context.Context, host string, flags signIn) error {
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return err
	}
	if _, err := client.Version(ctx); err != nil {
		return err // before a person is asked for the token in vain
	}
	in := api.SignIn{Host: host, APIURL: flags.apiURL, ThisRun: flags.thisRun}
	if flags.fromGh {
		in.Token, err = ghToken(ctx, host)
	} else {
		in.Token, err = p.readToken(ctx, host, flags.piped)
	}
	if err != nil {
		return err
	}
	account, err := p.signIn(ctx, client, in)
	if f := portolan.AsFault(err); f != nil && portolan.OfKeychain(f) && !flags.piped && p.wantsThisRun(ctx, f) {
		in.ThisRun = true
		account, err = p.signIn(ctx, client, in)
	}
	if err != nil {
		return err
	}
	p.printSignedIn(account)
	return nil
}

func (p *program) printSignedIn(account portolan.Host) {
	if p.format == "json" {
		p.out.json(account)
		return
	}
	p.out.printf("Signed in to %s as %s.\n", bold(account.Host), bold(account.Login))
	p.printAccounts([]portolan.Host{account})
}

// runDevice signs in with a code, which the person enters at the host meanwhile.
func (p *program) runDevice(ctx context.Context, host string) error {
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return err
	}
	code, err := client.Device(ctx, host)
	if err != nil {
		return err
	}
	if p.format == "json" {
		p.err.json(code)
	} else {
		p.err.printf("Open %s and enter the code %s\n", bold(code.VerificationURI), bold(code.UserCode))
	}
	var account portolan.Host
	err = p.during(ctx, client, "waiting until you have entered the code", noStep, func() (err error) {
		account, err = client.DeviceWait(ctx, code.ID)
		return err
	})
	if err != nil {
		return err
	}
	p.printSignedIn(account)
	return nil
}

func (p *program) signIn(ctx context.Context, client api.API, in api.SignIn) (account portolan.Host, err error) {
	err = p.during(ctx, client, "asking "+in.Host, noStep, func() (err error) {
		account, err = client.SignIn(ctx, in)
		return err
	})
	return account, err
}

// wantsThisRun offers, on a terminal, to keep a token in memory that the keychain
// did not take.
func (p *program) wantsThisRun(ctx context.Context, why *portolan.Fault) bool {
	stdin, ok := p.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(stdin.Fd())) {
		return false
	}
	p.err.printf("%s %s\nKeep the token until the engine ends, and not in the keychain? [y/N] ", bold("portolan:"), why.Message)
	line, err := interruptible(ctx, func() ([]byte, error) { return bufio.NewReader(stdin).ReadBytes('\n') })
	answer := strings.ToLower(strings.TrimSpace(string(line)))
	return err == nil && (answer == "y" || answer == "yes")
}

// ghToken asks GitHub's own program for the token that it has for a host. The flag
// that leads here is the person's consent.
func ghToken(ctx context.Context, host string) (string, error) {
	const limit = 15 * time.Second
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(limited, "gh", "auth", "token", "--hostname", host) //nolint:gosec // loginArgs has read the host
	cmd.WaitDelay = time.Second
	out, err := cmd.Output() // its standard error is not repeated: it handles secrets
	token := strings.TrimSpace(string(out))
	fault := &portolan.Fault{Kind: portolan.SignIn, Code: "gh-token", Message: "gh has no token for " + host,
		Hint: "sign in there with: gh auth login --hostname " + quote(host)}
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		fault.Message, fault.Hint = "gh is not installed, or not in PATH", "paste a token instead: portolan auth login "+quote(host)
	case limited.Err() != nil:
		fault.Message = fmt.Sprintf("gh did not print a token within %s", limit)
	case err == nil && isToken(token):
		return token, nil
	}
	return "", fault
}

// isToken reports whether text has only what a token is made of.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
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
	if !isToken(token) {
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
		Long: `List the hosts that you are signed in to, with what is known of each token: its
kind, scopes and end, and where it is kept. A token that was given to the engine in
a file, by a command or in a variable goes before the others of its host, and is
not looked at here. --output json prints an array of objects with host, login, kind,
scopes, expires and from; never a token.`,
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
		scopes := strings.Join(a.Scopes, " ")
		if scopes == "" && a.Kind == "fine-grained" {
			scopes = "fine-grained"
		}
		rows = append(rows, []cell{plain(a.Host), plain(a.Login), plain(a.Kind), plain(scopes), plain(expires), plain(cmp.Or(a.From, "keychain"))})
	}
	p.out.table([]string{"HOST", "LOGIN", "TOKEN", "SCOPES", "EXPIRES", "FROM"}, rows)
	for _, a := range accounts {
		if notice := a.ExpiryNotice(time.Now()); notice != "" {
			p.err.printf("%s %s\n  %s\n", yellow("warning:"), notice, signInAgain(a.Host))
		}
		if excess := a.Excess(); excess != "" {
			p.err.printf("%s %s: %s\n", yellow("note:"), a.Host, excess)
		}
	}
}

func signInAgain(host string) string {
	return "sign in with a new one: portolan auth login " + host
}

func (p *program) logout() *cobra.Command {
	var out api.SignOut
	c := &cobra.Command{
		Use:   "logout HOST",
		Short: "Remove a token from the keychain",
		Long: `Forget an account, and remove its token from the keychain. Where the keychain is
locked or gone, --forget forgets the account all the same, and says so; revoke the
token at its host if it may be lost.`,
		Example: `  portolan auth logout github.com
  portolan auth logout github.com --account ann
  portolan auth logout github.com --forget`,
		Args: loginArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			out.Host = args[0]
			return p.runLogout(cmd.Context(), out)
		},
	}
	c.Flags().StringVar(&out.Login, "account", "", "`LOGIN` to sign out, where the host has several")
	c.Flags().BoolVar(&out.Forget, "forget", false, "forget the account also where the keychain keeps the token")
	return c
}

func (p *program) runLogout(ctx context.Context, out api.SignOut) error {
	client, err := p.connectOrStart(ctx)
	if err != nil {
		return err
	}
	var done api.SignedOut
	err = p.during(ctx, client, "signing out of "+out.Host, noStep, func() (err error) {
		done, err = client.SignOut(ctx, out)
		return err
	})
	if err != nil {
		return err
	}
	if p.format == "json" {
		p.out.json(done)
		return nil
	}
	p.out.printf("Signed out of %s. What it brought stays.\n", bold(done.Host))
	if done.Left != nil {
		p.err.printf("%s the token may still be in the keychain: %s\n  remove portolan, %s/%s there, or revoke the token at %s\n",
			yellow("warning:"), done.Left.Message, done.Host, done.Login, done.Host)
	}
	return nil
}
