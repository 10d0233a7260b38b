package kube

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"

	"github.com/portolan-app/portolan/internal/portolan"
)

// The port-forward protocol and the ways to ask for it: KEP-4006 for WebSocket
// (Kubernetes 1.31 and later), and the older upgrade to SPDY.
const (
	protocol        = "portforward.k8s.io"
	tunnel          = "SPDY/3.1+" + protocol
	protocolHeader  = "X-Stream-Protocol-Version"
	upgradeTimeout  = 15 * time.Second // TCP, TLS, authentication, admission and kubelet together
	trialTimeout    = 5 * time.Second  // the same, on a leg of which it is not known whether it works
	answerLimit     = 64 << 10
	kubectlVariable = "KUBECTL_PORT_FORWARD_WEBSOCKETS"
)

// The buffers of a connection. Whoever reads from it brings a buffer of its own; what
// is here is for small things: an HTTP answer, the heads of WebSocket frames. A
// message that is written is copied, because it must be masked.
const (
	readBuffer  = 4 << 10
	writeBuffer = 64<<10 + 16
)

// dialer opens upgraded connections to the pods of one cluster. It remembers on
// which leg that last worked.
type dialer struct {
	base      *url.URL
	tls       *tls.Config // nil for http
	transport *transport.Config
	login     *login
	proxy     func(*http.Request) (*url.URL, error)
	legs      []leg
	works     atomic.Int32 // which of legs; -1 = not known yet
	messages  sync.Pool    // buffers of WebSocket messages that are being written
	aheads    sync.Pool    // buffers of what is read ahead
	log       *slog.Logger
}

// leg is a way to upgrade a connection.
type leg struct {
	name string
	do   upgrade
}

func newDialer(config *rest.Config, login *login, log *slog.Logger) (*dialer, error) {
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, err
	}
	wrappers, err := config.TransportConfig()
	if err != nil {
		return nil, err
	}
	secured, err := transport.TLSConfigFor(wrappers)
	if err != nil {
		return nil, err
	}
	d := &dialer{base: base, transport: wrappers, login: login, proxy: config.Proxy, log: log}
	if d.proxy == nil {
		d.proxy = utilnet.NewProxierWithNoProxyCIDR(http.ProxyFromEnvironment)
	}
	if base.Scheme == "https" {
		d.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		if secured != nil {
			d.tls = secured.Clone()
		}
		d.tls.NextProtos = []string{"http/1.1"} // HTTP/2 has no such upgrade
		d.tls.ClientSessionCache = tls.NewLRUClientSessionCache(0)
		d.tls.ServerName = cmp.Or(d.tls.ServerName, base.Hostname())
	}
	d.works.Store(-1)
	spdy, webSocket := leg{portolan.SPDY, d.spdy}, leg{portolan.WebSocket, d.webSocket}
	switch os.Getenv(kubectlVariable) {
	case "": // SPDY first: without messages around its frames it is 1.2 times as fast
		d.legs = []leg{spdy, webSocket}
	case "false":
		d.legs = []leg{spdy}
	default: // as kubectl does it
		d.legs = []leg{webSocket, spdy}
	}
	return d, nil
}

// dial upgrades on the leg that is known to work, and on the others where that one
// does not.
func (d *dialer) dial(ctx context.Context, b portolan.Backend) (net.Conn, string, error) {
	ctx, cancel := context.WithTimeout(ctx, upgradeTimeout)
	defer cancel()
	known := d.works.Load()
	first := max(int(known), 0)
	var failed error
	for i, leg := range slices.Concat(d.legs[first:], d.legs[:first]) {
		limit := upgradeTimeout
		if known < 0 && i < len(d.legs)-1 {
			limit = trialTimeout // such as where a proxy swallows the upgrade
		}
		trial, cancel := context.WithTimeout(ctx, limit)
		conn, err := d.once(trial, b, leg.do)
		hung := trial.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil {
			d.works.Store(int32((first + i) % len(d.legs)))
			return conn, leg.name, nil
		}
		if failed == nil || !unsupported(err) {
			failed = err
		}
		if !hung && !unsupported(err) && !forbidden(err) {
			break
		}
		d.log.Info("no upgraded connection on this leg", "leg", leg.name, "error", err)
	}
	return nil, "", failed
}

// unsupported reports whether an upgrade may work on another leg. The answers
// listed are about the pod, the person or the state of the cluster, not about the
// protocol.
func unsupported(err error) bool {
	var refused *refusal
	if !errors.As(err, &refused) {
		return errors.Is(err, io.ErrUnexpectedEOF) // a proxy that hangs up on an upgrade
	}
	switch refused.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone,
		http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout:
		return false
	}
	return true
}

// forbidden reports whether the person lacks a right, or a proxy forbids upgrades
// that it does not know. The legs need different rights: SPDY create, WebSocket get,
// and create too since Kubernetes 1.35.
func forbidden(err error) bool {
	var refused *refusal
	return errors.As(err, &refused) && refused.status == http.StatusForbidden
}

// upgrade makes one request on a fresh connection. It returns an answer other
// than an upgrade as a response, which client-go's wrappers want to see.
type upgrade func(ctx context.Context, raw net.Conn, req *http.Request) (net.Conn, *http.Response, error)

// once makes one upgrade with the credentials of the kubeconfig.
func (d *dialer) once(ctx context.Context, b portolan.Backend, do upgrade) (net.Conn, error) {
	target := d.base.JoinPath("api/v1/namespaces", b.Namespace, "pods", b.Pod, "portforward")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, err
	}
	var conn net.Conn
	wrapped, err := transport.HTTPWrappersForConfig(d.transport, roundTripper(func(req *http.Request) (*http.Response, error) {
		raw, err := d.connect(ctx)
		if err != nil {
			return nil, err
		}
		upgraded, resp, err := do(ctx, raw, req)
		if upgraded == nil {
			_ = raw.Close()
		}
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) { // but the API server is there
			err = &refusal{http.StatusGatewayTimeout, "no answer to the upgrade in time"}
		}
		conn = upgraded
		return resp, err
	}))
	if err != nil {
		return nil, err
	}
	resp, err := d.login.around(wrapped).RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if conn == nil {
		return nil, refused(resp)
	}
	return conn, nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// refused reads the API server's reason from the body of an answer.
func refused(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, answerLimit)) // what there is will do
	_ = resp.Body.Close()
	r := &refusal{status: resp.StatusCode, message: strings.TrimSpace(string(body))}
	var status metav1.Status
	if json.Unmarshal(body, &status) == nil && status.Message != "" {
		r.message = status.Message
	}
	return r
}

func (d *dialer) webSocket(ctx context.Context, raw net.Conn, req *http.Request) (net.Conn, *http.Response, error) {
	given := func(context.Context, string, string) (net.Conn, error) { return raw, nil }
	ws := websocket.Dialer{
		NetDialContext: given, NetDialTLSContext: given,
		Subprotocols:   []string{tunnel},
		ReadBufferSize: readBuffer, WriteBufferSize: writeBuffer, WriteBufferPool: &d.messages,
	}
	target := *req.URL
	target.Scheme = map[string]string{"https": "wss", "http": "ws"}[target.Scheme]
	conn, resp, err := ws.DialContext(ctx, target.String(), req.Header)
	switch {
	case errors.Is(err, websocket.ErrBadHandshake):
		// A 101 that is no proper WebSocket is a server or proxy without it.
		if resp.StatusCode == http.StatusSwitchingProtocols {
			resp.StatusCode = http.StatusUpgradeRequired
		}
		return nil, resp, nil
	case err != nil:
		return nil, nil, err
	case conn.Subprotocol() != tunnel:
		return nil, nil, &refusal{http.StatusUpgradeRequired, "the server does not offer " + tunnel}
	}
	return &webSocketConn{Conn: conn}, resp, nil
}

func (d *dialer) spdy(ctx context.Context, raw net.Conn, req *http.Request) (net.Conn, *http.Response, error) {
	req = req.Clone(ctx)
	req.Method = http.MethodPost
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "SPDY/3.1")
	req.Header.Set(protocolHeader, protocol)
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := req.Write(raw); err != nil {
		return nil, nil, err
	}
	reader := bufio.NewReaderSize(raw, readBuffer)
	resp, err := http.ReadResponse(reader, req)
	if err != nil {
		return nil, nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, answerLimit)) // before raw is closed
		resp.Body = io.NopCloser(strings.NewReader(string(body)))
		return nil, resp, nil
	}
	if !stop() {
		return nil, nil, ctx.Err()
	}
	return &bufferedConn{raw, reader}, resp, nil
}

// bufferedConn reads on where the HTTP answer ended. Reads longer than the buffer
// pass it by.
type bufferedConn struct {
	net.Conn
	r *bufio.Reader
}

func (c *bufferedConn) Read(p []byte) (int, error) { return c.r.Read(p) }

// NetConn is what is below, to be asked about.
func (c *bufferedConn) NetConn() net.Conn { return c.Conn }
