package github

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Winsock's numbers for ECONNREFUSED and ECONNRESET, which package syscall does
// not map to its own; no other system has errors with these numbers.
const (
	winsockRefused = syscall.Errno(10061)
	winsockReset   = syscall.Errno(10054)
)

// networkFault types an error that is no answer of GitHub's.
func (c *Client) networkFault(about subject, err error) *portolan.Fault {
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
	case notJSON(err):
		return c.badAnswer(about, "%s", c.clean(err.Error()))
	}
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err // the rest repeats the address
	}
	code, why, hint := reason(err, c.base.Hostname())
	if why == "" {
		why = c.clean(err.Error())
	}
	f := c.later(code, "cannot reach %s for %s%s: %s", c.base.Host, about, c.via(), why)
	f.Hint = hint
	if f.Hint == "" && c.proxies.script != "" {
		f.Hint = fmt.Sprintf("the system's proxy is set by a script (%s), which is not supported; set HTTPS_PROXY instead", c.clean(c.proxies.script))
	}
	return f
}

// reason names what is wrong with the network. Without a why, the error's own
// text says it best.
func reason(err error, host string) (code, why, hint string) {
	var (
		proxy *proxyAnswerError
		dns   *net.DNSError
		op    *net.OpError
		nerr  net.Error
	)
	switch {
	case errors.As(err, &proxy):
		return "network-proxy", proxy.Error(), "check the proxy's address, user and password"
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return "network-proxy", "the proxy cannot be reached (" + op.Err.Error() + ")", "check the proxy settings, or HTTPS_PROXY and NO_PROXY"
	case errors.As(err, &dns):
		if dns.IsTimeout {
			return "network-dns", "the name server does not answer", ""
		}
		return "network-dns", "the name " + dns.Name + " is not known here", ""
	case isTLS(err):
		return "network-tls", "", "the connection to " + host + " cannot be verified; if your company inspects traffic, add its certificate authority"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &nerr) && nerr.Timeout():
		return "network-timeout", "no answer in time", ""
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, winsockRefused):
		return "network-refused", "the connection is refused", ""
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, winsockReset), errors.Is(err, io.EOF):
		return "network-reset", "the connection broke off", ""
	}
	return "network", "", ""
}

func isTLS(err error) bool {
	var (
		verify  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		unknown x509.UnknownAuthorityError
	)
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &unknown) ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// via names the proxy in use, for a message.
func (c *Client) via() string {
	name := c.proxies.name(c.base)
	if name == "" {
		return ""
	}
	return " through the proxy " + name
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
