package github

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/githubtest"
	"github.com/portolan-app/portolan/internal/portolan"
)

// served answers requests without a network, so that a test's clock goes on while
// nobody but the app waits.
type served struct{ http.Handler }

func (s served) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if recover() != nil { // as net/http takes http.ErrAbortHandler
			err = errors.New("the connection broke off")
		}
	}()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// appAt is an app whose host is answered for by h.
func appAt(t *testing.T, h http.Handler, clientID string) *App {
	t.Helper()
	repo, err := portolan.ParseHost("127.0.0.1:7000")
	if err != nil {
		t.Fatal(err)
	}
	a, err := NewApp(Config{Repo: repo}, clientID)
	if err != nil {
		t.Fatal(err)
	}
	a.client.http.Transport = served{h}
	return a
}

func TestDeviceSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &githubtest.Device{ClientID: "Iv1.a", Login: "ann"}
		a := appAt(t, d, "Iv1.a")
		began := time.Now()
		device, err := a.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if device.UserCode != "WDJB-MJHT" || device.VerificationURI != "http://127.0.0.1:7000/login/device" ||
			device.Interval != 5*time.Second || !device.Ends.Equal(began.Add(15*time.Minute)) {
			t.Errorf("it began with %+v", device)
		}
		time.AfterFunc(12*time.Second, d.Approve)
		g, err := a.Wait(t.Context(), device)
		if err != nil {
			t.Fatal(err)
		}
		if polls := d.Polls(); len(polls) != 3 || !polls[0].Equal(began.Add(5*time.Second)) || !polls[2].Equal(began.Add(15*time.Second)) {
			t.Errorf("it was polled at %v, from %v", polls, began)
		}
		at := began.Add(15 * time.Second)
		if g.Access.IsZero() || g.Refresh.IsZero() || !g.AccessEnds.Equal(at.Add(8*time.Hour)) || !g.RefreshEnds.Equal(at.Add(184*24*time.Hour)) {
			t.Errorf("it brought %+v", g)
		}
		again, err := a.Refresh(t.Context(), g.Refresh)
		if err != nil || again.Access.Reveal() == g.Access.Reveal() || again.Refresh.Reveal() == g.Refresh.Reveal() {
			t.Errorf("renewed: %+v, %v", again, err)
		}
		if _, err := a.Refresh(t.Context(), g.Refresh); portolan.AsFault(err).Code != "github-signed-out" {
			t.Errorf("a token that was used up renews: %v", err)
		}
	})
}

// TestDevicePolls is about how often the host is asked: RFC 8628, section 3.5.
func TestDevicePolls(t *testing.T) {
	for _, test := range []struct {
		name    string
		before  func(d *githubtest.Device, device *Device)
		seconds []int // after the beginning
	}{
		{"slow_down raises the interval for good", func(_ *githubtest.Device, device *Device) {
			device.next = device.next.Add(-4 * time.Second) // two polls too near to one another
			device.Interval = time.Second
		}, []int{1, 2, 12, 22, 32}},
		{"an unreachable host is asked less often", func(d *githubtest.Device, _ *Device) { d.Fail(3) }, []int{35 + 40, 35 + 45}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &githubtest.Device{ClientID: "id"}
				a := appAt(t, d, "id")
				began := time.Now()
				device, err := a.Begin(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				test.before(d, device)
				time.AfterFunc(time.Duration(test.seconds[len(test.seconds)-1])*time.Second-time.Millisecond, d.Approve)
				if _, err := a.Wait(t.Context(), device); err != nil {
					t.Fatal(err)
				}
				var got []int
				for _, at := range d.Polls() {
					got = append(got, int(at.Sub(began).Seconds()))
				}
				if len(got) != len(test.seconds) {
					t.Fatalf("polled after %v s, want %v", got, test.seconds)
				}
				for i := range got {
					if got[i] != test.seconds[i] {
						t.Fatalf("polled after %v s, want %v", got, test.seconds)
					}
				}
			})
		})
	}
}

func TestDeviceFaults(t *testing.T) {
	for _, test := range []struct {
		name   string
		server *githubtest.Device
		then   func(*githubtest.Device)
		code   string
		kind   portolan.Kind
	}{
		{"another client id", &githubtest.Device{ClientID: "other"}, nil, "device-client-id", portolan.Failed},
		{"no device flow", &githubtest.Device{ClientID: "id", Disabled: true}, nil, "device-disabled", portolan.Failed},
		{"denied", &githubtest.Device{ClientID: "id"}, (*githubtest.Device).Deny, "device-denied", portolan.SignIn},
		{"too late", &githubtest.Device{ClientID: "id", CodeLife: time.Minute}, func(*githubtest.Device) {}, "device-expired", portolan.SignIn},
		{"unreachable to the end", &githubtest.Device{ClientID: "id"}, func(d *githubtest.Device) { d.Fail(1000) }, "device-expired", portolan.SignIn},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := appAt(t, test.server, "id")
				device, err := a.Begin(t.Context())
				if test.then != nil {
					if err != nil {
						t.Fatal(err)
					}
					test.then(test.server)
					_, err = a.Wait(t.Context(), device)
				}
				if f := portolan.AsFault(err); f == nil || f.Code != test.code || f.Kind != test.kind || f.Hint == "" {
					t.Errorf("%v, want %s", err, test.code)
				}
			})
		})
	}
}

// TestDeviceWaitGoesOn leaves a wait and comes back.
func TestDeviceWaitGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &githubtest.Device{ClientID: "id"}
		a := appAt(t, d, "id")
		device, err := a.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		if _, err := a.Wait(ctx, device); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("it was left and says %v", err)
		}
		d.Approve()
		if _, err := a.Wait(t.Context(), device); err != nil || len(d.Polls()) != 2 {
			t.Errorf("it goes on with %v after %d polls", err, len(d.Polls()))
		}
	})
}

// TestDeviceAnswers gives the app what no honest host would.
func TestDeviceAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		status       int
		header, body string
		code         string
	}{
		"a page elsewhere":     {200, "", `{"device_code":"d","user_code":"AAAA-BBBB","verification_uri":"https://evil.example/login/device","expires_in":900}`, "github-bad-answer"},
		"a script":             {200, "", `{"device_code":"d","user_code":"AAAA-BBBB","verification_uri":"javascript:x","expires_in":900}`, "github-bad-answer"},
		"a code to lie with":   {200, "", `{"device_code":"d","user_code":"\u001b[2J","verification_uri":"http://127.0.0.1:7000/x","expires_in":900}`, "github-bad-answer"},
		"no JSON":              {200, "", `hello`, "github-bad-answer"},
		"a broken server":      {502, "", `<html>`, "github-unavailable"},
		"a redirect elsewhere": {307, "https://evil.example/", ``, "captive-portal"},
		"an endless answer":    {200, "", `{"device_code":"` + strings.Repeat("d", smallBody) + `"}`, "body-too-large"},
		"a new error":          {400, "", `{"error":"unsupported"}`, "device-refused"},
	} {
		t.Run(name, func(t *testing.T) {
			a := appAt(t, nil, "id")
			a.client.http.Transport = bounded{served{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if test.header != "" {
					w.Header().Set("Location", test.header)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})}}
			if _, err := a.Begin(t.Context()); portolan.AsFault(err) == nil || portolan.AsFault(err).Code != test.code {
				t.Errorf("%v, want %s", err, test.code)
			}
		})
	}
}

// bounded bounds bodies as the real transport does.
type bounded struct{ served }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.served.RoundTrip(r)
	if err == nil {
		resp.Body = &boundedBody{ReadCloser: resp.Body, left: smallBody, limit: smallBody}
	}
	return resp, err
}

// TestRenewedAfterRefusal has a host refuse a token: the request is made once more
// where there is another.
func TestRenewedAfterRefusal(t *testing.T) {
	for _, test := range []struct {
		name, other string
		err         error
		code        string // "" = it goes well
		asked       int
	}{
		{"another", "new", nil, "", 2},
		{"no other", "old", nil, "github-unauthorized", 1},
		{"another that is refused too", "worse", nil, "github-unauthorized", 2},
		{"signed out", "", &portolan.Fault{Kind: portolan.SignIn, Code: "github-signed-out"}, "github-signed-out", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				w.Header().Set("Content-Type", "application/json")
				if r.Header.Get("Authorization") != "Bearer new" {
					w.WriteHeader(http.StatusUnauthorized)
				}
				_, _ = w.Write([]byte(`{"login":"ann"}`))
			}))
			defer server.Close()
			repo, err := portolan.ParseHost(strings.TrimPrefix(server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			c, err := New(Config{Repo: repo,
				Token: func(context.Context) (portolan.Token, error) { return portolan.NewToken("old"), nil },
				Renew: func(_ context.Context, refused portolan.Token) (portolan.Token, error) {
					if refused.Reveal() != "old" {
						t.Errorf("asked for another than %s", refused.Reveal())
					}
					return portolan.NewToken(test.other), test.err
				}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.User(t.Context())
			code := ""
			if err != nil {
				code = portolan.AsFault(err).Code
			}
			if code != test.code || asked != test.asked {
				t.Errorf("%v after %d requests, want %q after %d", err, asked, test.code, test.asked)
			}
		})
	}
}
