package github

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestTransportKnowsItsHost holds the second lock on the token: even a request that
// checkRedirect would let through carries no token to another host.
func TestTransportKnowsItsHost(t *testing.T) {
	got := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got <- r.Header.Get("Authorization")
	}))
	t.Cleanup(s.Close)
	home, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	x := &exchange{token: portolan.NewToken("planted-secret"), maxBody: 1, requests: new(atomic.Int64)}
	ctx := context.WithValue(t.Context(), exchangeKey{}, x)
	for _, row := range []struct {
		base *url.URL
		want string
	}{
		{home, "Bearer planted-secret"},
		{&url.URL{Scheme: "https", Host: "api.github.com"}, ""},
		{&url.URL{Scheme: "https", Host: home.Host}, ""},
		{&url.URL{Scheme: "http", Host: home.Hostname() + ":1"}, ""},
	} {
		tr := newTransport(row.base, nil, nil)
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
		req.Header.Set("Authorization", "whatever go-github would send")
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if auth := <-got; auth != row.want {
			t.Errorf("a client of %s sent %q", row.base, auth)
		}
		tr.CloseIdleConnections()
	}
}

// TestWaits holds that no header makes a wait of nothing, or of more than a day.
func TestWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }),
			rapid.Map(rapid.Int64Range(-1<<40, 1<<40), func(n int64) string { return time.Unix(n, 0).UTC().Format(http.TimeFormat) }),
		)
		h := http.Header{}
		for _, name := range []string{"Retry-After", "X-RateLimit-Reset", "Date"} {
			h.Set(name, value.Draw(t, name))
		}
		for _, read := range []func() (time.Duration, bool){
			func() (time.Duration, bool) { return retryAfter(h, time.Unix(1e9, 0)) },
			func() (time.Duration, bool) { return untilReset(h, time.Unix(1e9, 0)) },
		} {
			if wait, ok := read(); ok && (wait < time.Second || wait > longestWait) {
				t.Fatalf("%v waits %v", h, wait)
			}
		}
	})
}

func TestInside(t *testing.T) {
	for _, row := range []struct {
		path, dir string
		want      bool
	}{
		{"a/b", "", true}, {"a/b", "a", true}, {"a/b", "a/b", true}, {"ab", "a", false}, {"a", "a/b", false},
	} {
		if inside(row.path, row.dir) != row.want {
			t.Errorf("inside(%q, %q)", row.path, row.dir)
		}
	}
}
