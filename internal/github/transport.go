package github

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/portolan-app/portolan/internal/portolan"
)

// exchange is what the transport must know about the call that a request is part
// of. It travels in the context, because http.Client builds the requests that
// follow a redirect.
type exchange struct {
	token    portolan.Token
	maxBody  int64
	requests *atomic.Int64
}

type exchangeKey struct{}

// transport adds the token for the API's host and no other, counts requests,
// bounds bodies and refuses pages. go-github does none of it: its own way of
// adding a token sends it to every host, after redirects too, and it reads bodies
// without a limit.
type transport struct {
	base *url.URL
	http *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	x, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, errors.New("github: a request outside of a call")
	}
	x.requests.Add(1)
	req = req.Clone(req.Context())
	req.Header.Del("Authorization")
	if !x.token.IsZero() && req.URL.Scheme == t.base.Scheme && req.URL.Host == t.base.Host {
		req.Header.Set("Authorization", "Bearer "+x.token.Reveal())
	}
	resp, err := t.http.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if isPage(resp) {
		_ = resp.Body.Close()
		return nil, &strangerError{webPage}
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, left: x.maxBody, limit: x.maxBody}
	return resp, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections through.
func (t *transport) CloseIdleConnections() { t.http.CloseIdleConnections() }

// isPage reports whether a successful answer is a web page, which the API never
// sends. (An error of GitHub's own front servers may be one.)
func isPage(resp *http.Response) bool {
	if resp.StatusCode == http.StatusNetworkAuthenticationRequired { // RFC 6585: what an honest captive portal says
		return true
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return resp.StatusCode < 300 && kind == "text/html"
}

// boundedBody fails, instead of ending, where the limit is passed: a cut body
// must not look like a whole one.
type boundedBody struct {
	io.ReadCloser
	left, limit int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, &tooLargeError{b.limit}
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		return n - 1, &tooLargeError{b.limit}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, errCut // io.ErrUnexpectedEOF is what incomplete JSON is too
	}
	return n, err
}

// errCut says that a connection ended before the body did.
var errCut = errors.New("the answer is shorter than announced")

// tooLargeError says that a body was longer than its limit in bytes.
type tooLargeError struct{ limit int64 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.limit)
}

const webPage = "it answers with a web page"

// strangerError says that somebody else answers in the API's place.
type strangerError struct{ what string }

func (e *strangerError) Error() string { return e.what }
