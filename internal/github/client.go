package github

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	parallel       = 4 // GitHub asks for few requests at a time; see "Best practices for using the REST API"
	requestTimeout = 30 * time.Second
	dialTimeout    = 8 * time.Second // with the look-up of the name; ends before a doctor's patience, to be named
	smallBody      = 1 << 20
	treeBody       = 64 << 20 // GitHub cuts a tree at 100,000 entries, each with some 200 bytes beside its path
)

// Config says which host a [Client] talks to, and how.
type Config struct {
	// Repo gives the host in Host and APIURL ("" = derived from Host). The rest of
	// it is not looked at: a client reads any repository of its host.
	Repo portolan.Repository

	// Token returns the token for the host, or the zero Token for none. It is
	// asked once at each [Client.Head], [Client.Repository] and [Client.User], so
	// that a token changed on disk or in the keychain counts from the next sync
	// on. nil means no token.
	Token func(context.Context) (portolan.Token, error)

	// Renew is asked for another token when the host refuses one with 401, and
	// returns the same where there is no other. The request is repeated once. nil:
	// there is never another.
	Renew func(ctx context.Context, refused portolan.Token) (portolan.Token, error)

	UserAgent string        // with the program's version; "" = "portolan"
	CAFile    string        // of authorities in PEM form, trusted beside the system's
	Timeout   time.Duration // of one request with its body; 0 = 30 s

	// Proxy overrides the proxy of the environment and the system.
	Proxy func(*http.Request) (*url.URL, error)

	Now func() time.Time // nil = time.Now
}

// Client reads one host with one token. It is safe for concurrent use and makes
// at most four requests at once. Sources with the same host and token should
// share one, because GitHub's limits are the token's: after a limit, the client
// answers every call with the same fault, without a request, until it is over. See
// [Client.Share].
type Client struct {
	*access
	requests *atomic.Int64
}

// access is what the clients of one host and token share.
type access struct {
	host      string
	base      *url.URL
	userAgent string
	http      *http.Client
	transport *transport // of http
	proxies   proxies
	readToken func(context.Context) (portolan.Token, error)
	renew     func(context.Context, portolan.Token) (portolan.Token, error)
	now       func() time.Time

	slots chan struct{}

	mu    sync.Mutex
	token *portolan.Token // as last read; nil before the first time
	limit limit
	quota portolan.Quota                 // as the host last told
	moved map[string]portolan.Repository // old owner/name in lower case -> where it is now
}

// New returns a client. It reads Config.CAFile and makes no request. An http:// URL
// is refused unless it leads to this machine itself, for a token would be readable
// on the way.
func New(cfg Config) (*Client, error) {
	base, err := apiURL(cfg.Repo)
	if err != nil {
		return nil, err
	}
	return newClient(cfg, base)
}

// newClient returns a client of whatever is at base.
func newClient(cfg Config, base *url.URL) (*Client, error) {
	roots, err := LoadCAs(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	c := &Client{requests: new(atomic.Int64)}
	c.access = &access{
		host:      cmp.Or(cfg.Repo.Host, base.Host),
		base:      base,
		userAgent: cmp.Or(cfg.UserAgent, "portolan"),
		readToken: cfg.Token,
		renew:     cfg.Renew,
		now:       cfg.Now,
		slots:     make(chan struct{}, parallel),
		moved:     map[string]portolan.Repository{},
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.proxies = systemProxies()
	if cfg.Proxy != nil {
		c.proxies = proxies{find: cfg.Proxy}
	}
	c.transport = newTransport(base, roots, c.proxies.find)
	c.http = &http.Client{
		Timeout:       cmp.Or(cfg.Timeout, requestTimeout),
		CheckRedirect: c.checkRedirect,
		Transport:     c.transport,
	}
	return c, nil
}

// apiURL returns the root of the REST API, ending in a slash.
func apiURL(r portolan.Repository) (*url.URL, error) {
	text := r.APIURL
	if text == "" {
		scheme := "https://"
		if u, err := url.Parse("//" + r.Host); err == nil && isLoopback(u.Hostname()) {
			scheme = "http://"
		}
		derived, _, _, err := portolan.ParseRepository(scheme + r.Host + "/owner/name") // where a host's API is, is told there
		if err != nil {
			return nil, &portolan.Fault{
				Kind: portolan.Usage, Code: "bad-host",
				Message: fmt.Sprintf("%q is not the name of a GitHub host", r.Host),
				Hint:    "write it like github.com or github.example.org",
			}
		}
		text = derived.APIURL
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &portolan.Fault{
			Kind: portolan.Usage, Code: "bad-api-url",
			Message: "the API address of the GitHub host cannot be read",
			Hint:    "write it like https://github.example.org/api/v3/, without a user, a query or a fragment",
		}
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, &portolan.Fault{
			Kind: portolan.Usage, Code: "insecure-url",
			Message: fmt.Sprintf("%s://%s is refused: the token would be readable on the way", u.Scheme, u.Host),
			Hint:    "use https://; http:// is accepted for this machine's own addresses only",
		}
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/"
	return u, nil
}

func isLoopback(name string) bool {
	ip, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && ip.IsLoopback()
}

// Share returns a client that counts its own requests and has all else in common
// with c: the token, the limits, the four requests at once, the connections.
func (c *Client) Share() *Client { return &Client{access: c.access, requests: new(atomic.Int64)} }

// Requests returns how many HTTP requests this client has made so far, redirects
// included.
func (c *Client) Requests() int { return int(c.requests.Load()) }

// Allowance returns how many requests are left, as the headers of the newest
// answer told. It is zero while there was none, or where the host sets no limit.
func (c *Client) Allowance() portolan.Quota {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quota
}

// tellQuota reads the headers of an answer (REST API: "Checking the status of
// your rate limit").
func (c *Client) tellQuota(resp *gh.Response) {
	if resp == nil || resp.Response == nil || resp.Rate.Limit == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quota = portolan.Quota{Left: resp.Rate.Remaining, Limit: resp.Rate.Limit, Reset: resp.Rate.Reset.UTC()}
}

// Close ends the client's idle connections. The client stays usable.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// subject is what a call is about, for its messages.
type subject struct {
	repo portolan.Repository
	ref  string
}

func (s subject) String() string {
	name := "the account"
	if s.repo.Name != "" {
		name = s.repo.Owner + "/" + s.repo.Name
	}
	if s.ref != "" {
		name += " at " + s.ref
	}
	return name
}

// call makes one API call, waiting for one of the client's slots. do gets a
// go-github client made for this call alone: go-github remembers limits by itself
// and then refuses even the free conditional requests, by the local clock.
func (c *Client) call(ctx context.Context, about subject, maxBody int64, do func(context.Context, *gh.Client) (*gh.Response, error)) (*gh.Response, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, c.fault(ctx, about, nil, ctx.Err())
	}
	token, err := c.currentToken(ctx, false)
	if err != nil {
		return nil, err
	}
	if f := c.limited(token); f != nil {
		return nil, f
	}
	resp, err := c.attempt(ctx, token, maxBody, do)
	if err != nil && c.renew != nil && isUnauthorized(resp) && !token.IsZero() {
		other, failed := c.renewToken(ctx, token)
		if failed != nil {
			return nil, failed
		}
		if other.Reveal() != token.Reveal() {
			resp, err = c.attempt(ctx, other, maxBody, do)
		}
	}
	if err != nil && !isNotModified(resp) {
		return resp, c.fault(ctx, about, resp, err)
	}
	c.unlimit()
	return resp, nil
}

// attempt makes the call once, with that token.
func (c *Client) attempt(ctx context.Context, token portolan.Token, maxBody int64, do func(context.Context, *gh.Client) (*gh.Response, error)) (*gh.Response, error) {
	api := gh.NewClient(c.http)
	api.BaseURL, api.UserAgent = c.base, c.userAgent
	x := &exchange{token: token, maxBody: maxBody, requests: c.requests}
	resp, err := do(context.WithValue(ctx, exchangeKey{}, x), api)
	c.tellQuota(resp)
	return resp, err
}

func isNotModified(resp *gh.Response) bool {
	return resp != nil && resp.Response != nil && resp.StatusCode == http.StatusNotModified
}

func isUnauthorized(resp *gh.Response) bool {
	return resp != nil && resp.Response != nil && resp.StatusCode == http.StatusUnauthorized
}

// renewToken asks for a token in the place of one that was refused.
func (c *Client) renewToken(ctx context.Context, refused portolan.Token) (portolan.Token, error) {
	token, err := c.renew(ctx, refused)
	if err != nil {
		return refused, tokenFault(ctx, c.host, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = &token
	return token, nil
}

// currentToken returns the token in force, asking for it anew if fresh is set or
// none was read yet.
func (c *Client) currentToken(ctx context.Context, fresh bool) (portolan.Token, error) {
	if c.readToken == nil {
		return portolan.Token{}, nil
	}
	c.mu.Lock()
	last := c.token
	c.mu.Unlock()
	if last != nil && !fresh {
		return *last, nil
	}
	token, err := c.readToken(ctx)
	if err != nil {
		return portolan.Token{}, tokenFault(ctx, c.host, err)
	}
	c.mu.Lock()
	c.token = &token
	c.mu.Unlock()
	return token, nil
}

// checkRedirect follows a redirect within the API's own host, as a renamed
// repository gives it, and refuses every other: GitHub sends none on what this
// package reads, but a captive portal does.
func (a *access) checkRedirect(req *http.Request, via []*http.Request) error {
	if req.URL.Scheme != a.base.Scheme || req.URL.Host != a.base.Host {
		return &strangerError{"it redirects to " + req.URL.Scheme + "://" + req.URL.Host}
	}
	if len(via) > 4 {
		return &strangerError{"it redirects in circles"}
	}
	return nil
}

func newTransport(base *url.URL, roots *x509.CertPool, proxy func(*http.Request) (*url.URL, error)) *transport {
	return &transport{base: base, http: &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: checkProxyAnswer,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    parallel,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}}
}
