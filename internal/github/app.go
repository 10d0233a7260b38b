package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// RFC 8628, section 3.2 and 3.5.
const (
	usualInterval = 5 * time.Second
	slowDown      = 5 * time.Second
	longestPause  = time.Minute // between polls while the host cannot be reached
)

// App signs a person in with a code, which they enter at the host in a browser (RFC
// 8628; GitHub Docs, "Generating a user access token for a GitHub App"), and renews
// what came of it. It needs the app's client id and no secret. It is safe for
// concurrent use.
type App struct {
	client   *Client // at the root of the web host; it has no token
	clientID string
}

// Device is a sign-in that has begun. One [App.Wait] at a time may use it.
type Device struct {
	UserCode        string
	VerificationURI string // at the app's own host
	Ends            time.Time
	Interval        time.Duration // between polls, the least

	secret portolan.Token
	next   time.Time // not before is it polled
}

// Grant is what a sign-in brings: a token, and where the app has tokens that end,
// the one that renews it.
type Grant struct {
	Access  portolan.Token
	Refresh portolan.Token // zero: Access does not end
	Issued  time.Time

	// When they end; zero = never, or unknown. GitHub says 8 hours and 6 months.
	AccessEnds, RefreshEnds time.Time
}

// NewApp returns the app of that client id at the host of cfg.Repo. It makes no
// request. cfg.Token is not asked.
func NewApp(cfg Config, clientID string) (*App, error) {
	api, err := apiURL(cfg.Repo)
	if err != nil {
		return nil, err
	}
	cfg.Token, cfg.Renew = nil, nil
	c, err := newClient(cfg, &url.URL{Scheme: api.Scheme, Host: cfg.Repo.Host, Path: "/"})
	if err != nil {
		return nil, err
	}
	c.http.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		return &strangerError{"it redirects to " + req.URL.Scheme + "://" + req.URL.Host}
	}
	return &App{client: c, clientID: clientID}, nil
}

// Close ends the app's idle connections. The app stays usable.
func (a *App) Close() { a.client.Close() }

// Begin asks for a code for the person.
func (a *App) Begin(ctx context.Context) (*Device, error) {
	now := a.client.now()
	got, err := a.post(ctx, "login/device/code", url.Values{"client_id": {a.clientID}})
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(webLink(got.VerificationURI))
	if got.DeviceCode == "" || !userCode.MatchString(got.UserCode) || err != nil || at.Host != a.client.base.Host {
		return nil, a.client.badAnswer(subject{}, "it lacks the code, or the page of this host to enter it")
	}
	d := &Device{UserCode: got.UserCode, VerificationURI: at.String(), secret: portolan.NewToken(got.DeviceCode),
		Ends: now.Add(seconds(got.ExpiresIn)), Interval: max(seconds(got.Interval), time.Second)}
	if got.Interval == 0 {
		d.Interval = usualInterval
	}
	d.next = now.Add(d.Interval)
	return d, nil
}

var userCode = regexp.MustCompile(`^[A-Za-z0-9-]{4,32}$`)

func seconds(n int64) time.Duration { return time.Duration(min(max(n, 0), 1<<30)) * time.Second }

// Wait returns what came of the sign-in when the person has entered the code. While
// the host cannot be reached it tries on. It fails with "device-expired" and
// "device-denied". After ctx has ended another Wait may go on with d.
func (a *App) Wait(ctx context.Context, d *Device) (Grant, error) {
	form := url.Values{"client_id": {a.clientID}, "device_code": {d.secret.Reveal()},
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}}
	for pause := d.Interval; ; {
		if err := a.sleepUntil(ctx, d.next); err != nil {
			return Grant{}, err
		}
		now := a.client.now()
		if !now.Before(d.Ends) {
			return Grant{}, a.refusal("expired_token")
		}
		got, err := a.post(ctx, "login/oauth/access_token", form)
		var answer *oauthError
		refused := errors.As(err, &answer)
		switch fault := portolan.AsFault(err); {
		case err == nil:
			return a.grant(got, now)
		case refused && answer.code == "slow_down":
			d.Interval = max(d.Interval+slowDown, seconds(answer.interval))
			pause = d.Interval
		case refused && answer.code == "authorization_pending":
			pause = d.Interval
		case refused || ctx.Err() != nil || fault.Kind != portolan.Later:
			return Grant{}, err
		default: // RFC 8628, section 3.5: what cannot be reached is asked less often
			pause = min(2*pause, max(longestPause, d.Interval))
		}
		d.next = a.client.now().Add(pause)
	}
}

func (a *App) sleepUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(at.Sub(a.client.now()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the sign-in to %s: %w", a.client.host, ctx.Err())
	}
}

// Refresh exchanges the token that renews for new ones, after which the old ones
// count no longer. It fails with "github-signed-out" where that token is used up,
// revoked or too old: a person must sign in again.
func (a *App) Refresh(ctx context.Context, refresh portolan.Token) (Grant, error) {
	now := a.client.now()
	got, err := a.post(ctx, "login/oauth/access_token", url.Values{"client_id": {a.clientID},
		"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()}})
	if err != nil {
		return Grant{}, err
	}
	return a.grant(got, now)
}

// grant reads an answer to a request that was made at that time.
func (a *App) grant(got oauthAnswer, asked time.Time) (Grant, error) {
	if !tokenForm.MatchString(got.AccessToken) || got.RefreshToken != "" && !tokenForm.MatchString(got.RefreshToken) {
		return Grant{}, a.client.badAnswer(subject{}, "it lacks the token")
	}
	g := Grant{Access: portolan.NewToken(got.AccessToken), Refresh: portolan.NewToken(got.RefreshToken), Issued: asked}
	if got.ExpiresIn > 0 {
		g.AccessEnds = asked.Add(seconds(got.ExpiresIn))
	}
	if got.RefreshExpiresIn > 0 {
		g.RefreshEnds = asked.Add(seconds(got.RefreshExpiresIn))
	}
	return g, nil
}

var tokenForm = regexp.MustCompile(`^[!-~]{1,1000}$`)

// SignedOut is the fault of a sign-in with a code that cannot be renewed.
func SignedOut(host string) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.SignIn, Code: "github-signed-out",
		Message: "the sign-in to " + host + " has ended: it cannot be renewed any more",
		Hint:    "sign in again: portolan auth login " + host + " --device"}
}

// oauthAnswer is what either address answers; see the pages that [App] names.
type oauthAnswer struct {
	Error            string `json:"error"`
	DeviceCode       string `json:"device_code"`
	UserCode         string `json:"user_code"`
	VerificationURI  string `json:"verification_uri"`
	Interval         int64  `json:"interval"` // seconds, as the others
	ExpiresIn        int64  `json:"expires_in"`
	AccessToken      string `json:"access_token"`
	RefreshToken     string `json:"refresh_token"`
	RefreshExpiresIn int64  `json:"refresh_token_expires_in"`
}

// post sends a form. An error that the host names is an oauthError around a fault.
func (a *App) post(ctx context.Context, path string, form url.Values) (got oauthAnswer, err error) {
	c := a.client
	x := &exchange{maxBody: smallBody, requests: c.requests}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, exchangeKey{}, x), http.MethodPost,
		c.base.JoinPath(path).String(), strings.NewReader(form.Encode()))
	if err != nil {
		return got, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.http.Do(req)
	if err != nil {
		return got, c.fault(ctx, subject{}, nil, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(data, &got)
	}
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return got, a.refusal("incorrect_client_credentials") // GitHub's answer to an unknown client id
	case resp.StatusCode >= 300 && (err != nil || !errorForm.MatchString(got.Error)):
		return got, c.answerFault(subject{}, resp, resp.StatusCode, "")
	case err != nil:
		return got, c.fault(ctx, subject{}, nil, err)
	case got.Error != "":
		return got, &oauthError{got.Error, got.Interval, a.refusal(got.Error)}
	}
	return got, nil
}

var errorForm = regexp.MustCompile(`^[a-z_]{1,60}$`)

// oauthError is an error that the host names.
type oauthError struct {
	code     string
	interval int64 // seconds; with slow_down
	fault    *portolan.Fault
}

func (e *oauthError) Error() string { return e.fault.Error() }

// Unwrap gives the fault for a person.
func (e *oauthError) Unwrap() error { return e.fault }

// refusal is the fault for an error code of the host. Its description is not
// repeated, because it may hold what was sent.
func (a *App) refusal(code string) *portolan.Fault {
	host := a.client.host
	again := "begin again: portolan auth login " + host + " --device"
	switch code {
	case "expired_token", "incorrect_device_code", "token_expired":
		return &portolan.Fault{Kind: portolan.SignIn, Code: "device-expired",
			Message: "the code for " + host + " was not entered in time, or counts no longer", Hint: again}
	case "access_denied":
		return &portolan.Fault{Kind: portolan.SignIn, Code: "device-denied",
			Message: "the sign-in was refused at " + host, Hint: "if that was not meant, " + again}
	case "bad_refresh_token":
		return SignedOut(host)
	case "device_flow_disabled":
		return &portolan.Fault{Kind: portolan.Failed, Code: "device-disabled",
			Message: "the GitHub App at " + host + " does not allow a sign-in with a code",
			Hint:    "its owner enables the device flow in the app's settings; or sign in with a token: portolan auth login " + host}
	case "incorrect_client_credentials":
		return &portolan.Fault{Kind: portolan.Failed, Code: "device-client-id",
			Message: host + " knows no GitHub App with that client id",
			Hint:    "correct it: portolan settings set github_client_id ID; or sign in with a token: portolan auth login " + host}
	}
	if !errorForm.MatchString(code) {
		code = "an error that it does not name"
	}
	return &portolan.Fault{Kind: portolan.SignIn, Code: "device-refused",
		Message: fmt.Sprintf("%s refuses the sign-in: %s", host, code), Hint: again}
}
