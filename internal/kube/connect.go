package kube

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// connect opens a connection to the API server, ready for HTTP: TCP, the proxy
// if there is one, TLS. All of it ends with ctx.
func (d *dialer) connect(ctx context.Context) (net.Conn, error) {
	via, err := d.proxy(&http.Request{URL: d.base})
	if err != nil {
		return nil, err
	}
	var raw net.Conn
	switch {
	case via == nil:
		raw, err = netDialer().DialContext(ctx, "tcp", address(d.base))
	case via.Scheme == "socks5", via.Scheme == "socks5h":
		raw, err = connectSOCKS(ctx, via, address(d.base))
	default:
		raw, err = connectHTTP(ctx, via, address(d.base))
	}
	if err != nil || d.tls == nil {
		return raw, err
	}
	return secure(ctx, &aheadConn{Conn: raw, buffers: &d.aheads}, d.tls)
}

// netDialer notices a peer that has gone within half a minute.
func netDialer() *net.Dialer {
	return &net.Dialer{
		Timeout:         10 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
}

func secure(ctx context.Context, raw net.Conn, config *tls.Config) (net.Conn, error) {
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return tlsConn{conn}, nil
}

// address is host:port of a URL, with the scheme's own port where none is named.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func connectSOCKS(ctx context.Context, via *url.URL, target string) (net.Conn, error) {
	var auth *proxy.Auth
	if via.User != nil {
		password, _ := via.User.Password()
		auth = &proxy.Auth{User: via.User.Username(), Password: password}
	}
	dialer, err := proxy.SOCKS5("tcp", address(via), auth, netDialer())
	if err != nil {
		return nil, err
	}
	contextual, ok := dialer.(proxy.ContextDialer)
	if !ok {
		return nil, errors.New("the SOCKS dialer takes no context")
	}
	return contextual.DialContext(ctx, "tcp", target)
}

// connectHTTP asks an HTTP or HTTPS proxy for a tunnel (RFC 9110, section 9.3.6).
func connectHTTP(ctx context.Context, via *url.URL, target string) (_ net.Conn, err error) {
	conn, err := netDialer().DialContext(ctx, "tcp", address(via))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = conn.Close()
		}
	}()
	if via.Scheme == "https" {
		config := &tls.Config{ServerName: via.Hostname(), MinVersion: tls.VersionTLS12}
		secured, err := secure(ctx, conn, config)
		if err != nil {
			return nil, fmt.Errorf("the proxy %s: %w", via.Redacted(), err)
		}
		conn = secured
	}
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target, Header: http.Header{}}
	if via.User != nil {
		password, _ := via.User.Password()
		secret := base64.StdEncoding.EncodeToString([]byte(via.User.Username() + ":" + password))
		req.Header.Set("Proxy-Authorization", "Basic "+secret)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	// The API server does not speak before the client, so nothing is left in the
	// reader.
	resp, err := http.ReadResponse(bufio.NewReader(conn), req) //nolint:bodyclose // what follows is the tunnel
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the proxy %s answered %s", via.Redacted(), resp.Status)
	}
	return conn, nil
}
