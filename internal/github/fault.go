package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	gh "github.com/google/go-github/v60/github"

	"github.com/portolan-app/portolan/internal/portolan"
)

// fault types an error of a call by what happens next. Only the caller's own
// cancellation comes through as it is.
func (c *Client) fault(ctx context.Context, about subject, resp *gh.Response, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("reading %s: %w", about, context.Canceled)
	}
	if f := (*portolan.Fault)(nil); errors.As(err, &f) {
		return f
	}
	if status, message, ok := refusal(resp, err); ok {
		return c.answerFault(about, resp.Response, status, c.clean(message))
	}
	return c.networkFault(ctx, about, err)
}

// refusal returns what GitHub itself says in an error, whichever of go-github's
// types carries it. Those types do not tell the cases apart well enough to be
// used: a 429 is never a limit there, for example.
func refusal(resp *gh.Response, err error) (status int, message string, ok bool) {
	if resp == nil || resp.Response == nil {
		return 0, "", false
	}
	var (
		plain *gh.ErrorResponse
		rate  *gh.RateLimitError
		abuse *gh.AbuseRateLimitError
		otp   *gh.TwoFactorAuthError
		later *gh.AcceptedError
	)
	switch {
	case errors.As(err, &plain):
		message = plain.Message
	case errors.As(err, &rate):
		message = rate.Message
	case errors.As(err, &abuse):
		message = abuse.Message
	case errors.As(err, &otp):
		message = otp.Message
	case errors.As(err, &later):
	default:
		return 0, "", false
	}
	return resp.StatusCode, message, true
}

// answerFault types an answer that is not a success.
func (c *Client) answerFault(about subject, resp *http.Response, status int, message string) *portolan.Fault {
	switch {
	case status == http.StatusUnauthorized:
		return c.signInFault(about, message)
	case status == http.StatusForbidden && resp.Header.Get("X-GitHub-SSO") != "":
		return c.ssoFault(about, resp.Header.Get("X-GitHub-SSO"))
	case isLimit(resp, message):
		return c.limitFault(resp, message)
	case status == http.StatusForbidden:
		return c.forbiddenFault(about, resp.Header.Get("X-Accepted-GitHub-Permissions"), message)
	case status == http.StatusConflict:
		return &portolan.Fault{Kind: portolan.Failed, Code: "github-empty",
			Message: fmt.Sprintf("%s on %s holds no commit yet", about, c.host),
			Hint:    "push a first commit to it"}
	case status == http.StatusNotFound, status == http.StatusUnprocessableEntity, status == http.StatusGone,
		status == http.StatusUnavailableForLegalReasons:
		return c.notFoundFault(about, status, message)
	case status >= 500:
		f := c.later("github-unavailable", "%s answers %d%s", c.host, status, said(message))
		if wait, ok := retryAfter(resp.Header, c.now()); ok {
			f.Retry = c.now().Add(wait)
		}
		return f
	}
	return &portolan.Fault{Kind: portolan.Failed, Code: "github-refused",
		Message: fmt.Sprintf("%s refuses to show %s: it answers %d%s", c.host, about, status, said(message)),
		Hint:    "check the address of the repository and of the host's API"}
}

func (c *Client) signInFault(about subject, message string) *portolan.Fault {
	f := &portolan.Fault{Kind: portolan.SignIn, Code: "github-unauthorized",
		Message: fmt.Sprintf("%s does not accept the token for %s%s", c.host, about, said(message)),
		Hint:    "it may have expired or been revoked; sign in to " + c.host + " again"}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.token == nil || c.token.IsZero():
		f.Message = fmt.Sprintf("%s shows %s only to people who are signed in", c.host, about)
		f.Hint = "sign in to " + c.host
	case c.token.Origin() != "": // signing in would not help: such a token goes first
		f.Hint = fmt.Sprintf("it may have expired or been revoked; it comes from %s: replace it there", c.token.Origin())
	}
	return f
}

var ssoLink = regexp.MustCompile(`url=(https://[^\s;,"]+)`)

func (c *Client) ssoFault(about subject, header string) *portolan.Fault {
	hint := "authorize the token for the organization in your GitHub settings, under Developer settings"
	if m := ssoLink.FindStringSubmatch(header); m != nil {
		hint = "authorize it at " + c.clean(m[1])
	}
	return &portolan.Fault{Kind: portolan.SignIn, Code: "github-sso", Hint: hint,
		Message: fmt.Sprintf("the token for %s is not authorized for the single sign-on of the organization of %s", c.host, about)}
}

func (c *Client) forbiddenFault(about subject, permissions, message string) *portolan.Fault {
	hint := "reading needs the repository permission Contents: read"
	if permissions != "" {
		hint = "it needs: " + c.clean(permissions)
	}
	return &portolan.Fault{Kind: portolan.SignIn, Code: "github-forbidden",
		Message: fmt.Sprintf("%s does not let this token read %s%s", c.host, about, said(message)),
		Hint:    hint}
}

// notFoundFault says both things that a 404 means: GitHub hides what a token may
// not see. For a ref it does not know, it answers 422.
func (c *Client) notFoundFault(about subject, status int, message string) *portolan.Fault {
	f := &portolan.Fault{Kind: portolan.Failed, Code: "github-not-found"}
	repo := subject{repo: about.repo}
	switch {
	case status == http.StatusUnprocessableEntity && about.ref != "":
		f.Message = fmt.Sprintf("%s on %s has no branch, tag or commit %q%s", repo, c.host, about.ref, said(message))
		f.Hint = "check the name of the branch or tag"
	case c.hasToken():
		f.Message = fmt.Sprintf("%s has no %s, or the token may not see it", c.host, about)
		f.Hint = "check the name; a fine-grained token must list this repository and have Contents: read"
	default:
		f.Message = fmt.Sprintf("%s on %s is not visible without signing in: private, or no such repository", about, c.host)
		f.Hint = "check the name, or sign in to " + c.host
	}
	return f
}

// later is a fault that passes by itself; the caller decides when to try again.
func (c *Client) later(code, format string, args ...any) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Later, Code: code, Message: fmt.Sprintf(format, args...)}
}

// badAnswer is an answer that nobody should act on.
func (c *Client) badAnswer(about subject, format string, args ...any) *portolan.Fault {
	f := c.later("github-bad-answer", "what %s answers for %s is not usable: %s", c.host, about, fmt.Sprintf(format, args...))
	f.Hint = "what was read before stays; if it lasts, check whether a proxy changes the answers"
	return f
}

func (c *Client) captivePortal(about subject, what string) *portolan.Fault {
	f := c.later("captive-portal", "something else answers in the place of %s for %s: %s%s", c.host, about, what, c.via())
	f.Hint = "if this network has a sign-in page, open a browser and sign in there"
	return f
}

// notJSON reports whether err comes from reading an answer's JSON.
func notJSON(err error) bool {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	return errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.ErrUnexpectedEOF)
}

func said(message string) string {
	if message == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(message, ".")
}

func (c *Client) hasToken() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token != nil && !c.token.IsZero()
}

// clean makes a server's text fit for a message: one short line, nothing that a
// terminal would act on, and never the token, should the server repeat it.
func (c *Client) clean(text string) string {
	c.mu.Lock()
	if c.token != nil && !c.token.IsZero() {
		text = strings.ReplaceAll(text, c.token.Reveal(), c.token.String())
	}
	c.mu.Unlock()
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	return clip(strings.Join(strings.Fields(text), " "), 200)
}

// clip cuts text to n characters, the last of them an ellipsis if any are lost.
func clip(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}
