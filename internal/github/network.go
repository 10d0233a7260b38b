package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"github.com/portolan-app/portolan/internal/portolan"
)

// What package syscall does not map to its own numbers on Windows. No other
// system has errors with these numbers.
const (
	winsockUnreachable     = syscall.Errno(10051) // WSAENETUNREACH
	winsockReset           = syscall.Errno(10054)
	winsockRefused         = syscall.Errno(10061)
	winsockHostUnreachable = syscall.Errno(10065)
)

// networkFault types an error that is no answer of GitHub's.
func (c *Client) networkFault(ctx context.Context, about subject, err error) *portolan.Fault {
	var (
		large    *tooLargeError
		stranger *strangerError
	)
	switch {
	case errors.As(err, &stranger):
		return c.captivePortal(about, c.clean(stranger.what))
	case errors.As(err, &large):
		f := c.later("body-too-large", "what %s answers for %s is not read: %v", c.host, about, large)
		f.Hint = "what was read before stays"
		return f
	case strings.Contains(err.Error(), "invalid character '<' looking for beginning"): // of JSON
		return c.captivePortal(about, webPage)
	case notJSON(err):
		return c.badAnswer(about, "%s", c.clean(err.Error()))
	}
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err // the rest repeats the address
	}
	r := c.reason(ctx, err)
	if r.why == "" {
		r.why = err.Error()
	}
	f := c.later(r.code, "cannot reach %s for %s%s: %s", c.base.Host, about, c.via(), c.clean(r.why))
	f.Hint = c.clean(r.hint)
	if f.Hint == "" && c.proxies.script != "" {
		f.Hint = fmt.Sprintf("the system's proxy is set by a script (%s), which is not supported; set HTTPS_PROXY instead", c.clean(c.proxies.script))
	}
	return f
}

// reason is what is wrong with the network. Without a why, the error's own text
// says it best.
type reason struct{ code, why, hint string }

func (c *Client) reason(ctx context.Context, err error) reason {
	var (
		proxy *proxyAnswerError
		dns   *net.DNSError
		op    *net.OpError
		nerr  net.Error
	)
	switch {
	case errors.As(err, &proxy):
		return reason{"network-proxy", proxy.Error(), proxy.hint()}
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return reason{"network-proxy", "the proxy cannot be reached (" + op.Err.Error() + ")", "check the proxy settings, or HTTPS_PROXY and NO_PROXY"}
	case errors.As(err, &dns):
		return dnsReason(dns)
	case isTLS(err):
		return c.tlsReason(ctx, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &nerr) && nerr.Timeout():
		return reason{"network-timeout", "no answer in time", ""}
	case isAny(err, syscall.ECONNREFUSED, winsockRefused):
		return reason{"network-refused", "the connection is refused", ""}
	case isAny(err, syscall.ENETUNREACH, syscall.EHOSTUNREACH, winsockUnreachable, winsockHostUnreachable):
		return unreachable(op)
	case isAny(err, syscall.ECONNRESET, syscall.EPIPE, winsockReset), errors.Is(err, io.EOF), errors.Is(err, errCut):
		return reason{"network-reset", "the connection broke off", ""}
	}
	return reason{code: "network"}
}

func isAny(err error, numbers ...syscall.Errno) bool {
	for _, n := range numbers {
		if errors.Is(err, n) {
			return true
		}
	}
	return false
}

// dnsReason tells a name that nobody knows from a name server that tells nothing.
func dnsReason(dns *net.DNSError) reason {
	if dns.IsNotFound {
		return reason{"network-dns", "the name " + dns.Name + " is not known here",
			"check the name; one of a company's own may need its VPN"}
	}
	server := "the name server"
	if dns.Server != "" {
		server += " " + dns.Server
	}
	why := " fails (" + dns.Err + ")"
	if dns.IsTimeout {
		why = " does not answer"
	}
	return reason{"network-resolver", "the name " + dns.Name + " cannot be looked up: " + server + why,
		"this machine may be offline, or its name server away; check the network and the VPN"}
}

// unreachable is a machine that is offline, or that speaks only the other
// address family: api.github.com has no IPv6 address.
func unreachable(op *net.OpError) reason {
	r := reason{"network-unreachable", "no network leads there", "this machine may be offline; check the network and the VPN"}
	if op == nil || op.Addr == nil {
		return r
	}
	r.why = "no network leads to " + op.Addr.String()
	if at, err := netip.ParseAddrPort(op.Addr.String()); err == nil && at.Addr().Unmap().Is4() {
		r.hint += "; one with IPv6 alone needs NAT64 or a proxy to reach an IPv4 address"
	}
	return r
}

// via names the proxy in use, for a message.
func (c *Client) via() string {
	name := c.proxies.name(c.base)
	if name == "" {
		return ""
	}
	return " through the proxy " + name
}

// proxyAnswerError is a proxy's refusal to open a tunnel.
type proxyAnswerError struct {
	status string
	code   int
	known  bool // it was given a user
}

func (e *proxyAnswerError) Error() string { return "the proxy answers " + e.status }

func (e *proxyAnswerError) hint() string {
	switch {
	case e.code != http.StatusProxyAuthRequired:
		return "ask who runs the proxy to let this host through, or name another in HTTPS_PROXY"
	case e.known:
		return "it does not take the user and password in HTTPS_PROXY"
	}
	return "it wants to know who you are: set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT; other ways to sign in to a proxy are not supported"
}

func checkProxyAnswer(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &proxyAnswerError{resp.Status, resp.StatusCode, proxy.User != nil}
	}
	return nil
}

// tokenFault says that the token could not be read.
func tokenFault(ctx context.Context, host string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("reading the token for %s: %w", host, context.Canceled)
	}
	if f := (*portolan.Fault)(nil); errors.As(err, &f) {
		return f
	}
	return &portolan.Fault{Kind: portolan.SignIn, Code: "github-token-unreadable",
		Message: fmt.Sprintf("the token for %s cannot be read: %v", host, err),
		Hint:    "sign in to " + host + " again, or correct where the token comes from"}
}
