package app_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/portolan-app/portolan/internal/api"
)

// cmdCallers makes every program that calls the running agent from now on one of
// another wire level: callers older|newer. It stands between the two, so that
// what a person reads comes from the real program and the real agent.
func cmdCallers(ts *testscript.TestScript, _ bool, args []string) {
	step := map[string]int{"older": -1, "newer": 1}[args[0]]
	path := api.SocketPath(ts.Getenv("PORTOLAN_HOME"))
	behind := path + ".agent"
	ts.Check(os.Rename(path, behind))
	l, err := net.Listen("unix", path)
	ts.Check(err)
	ts.Check(os.Chmod(path, 0o600))
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", behind)
	}
	server := &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "portolan"
			r.Out.Header.Set("Portolan-API", strconv.Itoa(api.Level+step))
		},
		Transport: &http.Transport{DialContext: dial},
	}}
	go func() { _ = server.Serve(l) }() // ends with Close
	ts.Defer(func() { _ = server.Close() })
}
