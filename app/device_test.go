package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/portolan-app/portolan/internal/githubtest"
)

// cmdDevices starts a host at which people sign in with a code, and where somebody
// enters each code at once. It sets GITHUB.
func cmdDevices(ts *testscript.TestScript, _ bool, _ []string) {
	d := &githubtest.Device{ClientID: "Iv1.test", Login: "ann", Interval: 1}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.ServeHTTP(w, r)
		if r.URL.Path == "/login/device/code" {
			d.Approve()
		}
	}))
	ts.Defer(server.Close)
	ts.Setenv("GITHUB", strings.TrimPrefix(server.URL, "http://"))
}
