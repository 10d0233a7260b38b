package system

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"time"
	"unicode"
)

// openers are the programs that hand an address to the person's browser. None of
// them is a shell. Windows' takes all that follows the comma as one address.
var openers = map[string][]string{
	"linux":   {"xdg-open"},
	"darwin":  {"open"},
	"windows": {"rundll32", "url.dll,FileProtocolHandler"},
}

// openLimit is how long a program that was started may take to fail.
const openLimit = 10 * time.Second

// Browser returns what opens a web address in the person's browser; nil where
// this system has no means, such as without a display. An address is opened only
// where it is one of http or https; see [WebAddress].
func Browser(env func(string) string) func(context.Context, string) error {
	family := familyOf(runtime.GOOS)
	if family == "linux" && env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == "" {
		return nil
	}
	opener := openers[family]
	if len(opener) == 0 {
		return nil
	}
	program, err := exec.LookPath(opener[0])
	if err != nil {
		return nil
	}
	return func(ctx context.Context, address string) error {
		safe, err := WebAddress(address)
		if err != nil {
			return err
		}
		args := append(opener[1:len(opener):len(opener)], safe)
		return launch(ctx, exec.CommandContext(context.WithoutCancel(ctx), program, args...)) //nolint:gosec // one word, and an address
	}
}

// StartWindow starts a program with a window, away from this process, and reports
// its failure if that comes soon.
func StartWindow(ctx context.Context, program string, args ...string) error {
	return launch(ctx, Background{Program: program, Args: args}.command(ctx))
}

// launch starts a program and reports its failure, if that comes soon: some
// openers end when the browser has the address, and some become the browser.
func launch(ctx context.Context, cmd *exec.Cmd) error {
	cmd.SysProcAttr = apart()
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%s: %w", cmd.Path, err)
		}
	case <-time.After(openLimit):
	case <-ctx.Done():
	}
	return nil
}

// WebAddress is an address as a browser may be given it: absolute, of http or
// https, with a host and without a name and password, written anew from its
// parts. Anything else is refused: another scheme would start whatever program is
// registered for it, and what is no address might be an option of the opener.
func WebAddress(text string) (string, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) {
		return "", fmt.Errorf("%q is no web address: it has blanks or control characters", text)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", fmt.Errorf("%q is no web address", text)
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("%q is no web address: only http and https are opened", text)
	case u.Hostname() == "":
		return "", fmt.Errorf("%q is no web address: it has no host", text)
	case u.User != nil:
		return "", fmt.Errorf("%q is not opened: it has a name or a password in it", text)
	}
	return u.String(), nil
}
