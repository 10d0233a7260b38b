package githubtest

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Device is a GitHub App's sign-in with a code (RFC 8628, and GitHub Docs, "Generating
// a user access token for a GitHub App" and "Refreshing user access tokens"), with
// GET /api/v3/user to tell whose a token is. It answers errors with status 200, as
// GitHub does. Its fields are set before its first request; its methods may be
// called at any time.
type Device struct {
	ClientID string        // the only one that it knows
	Login    string        // who signs in
	Interval int           // seconds between polls; 0 = 5
	CodeLife time.Duration // 0 = 15 min
	Life     time.Duration // of an access token; 0 = 8 h
	Disabled bool          // the app has no device flow

	mu       sync.Mutex
	answer   string // to the pending code: "", "approve" or an error
	code     string // pending
	asked    time.Time
	ends     time.Time
	least    time.Duration
	access   string // in force
	refresh  string // in force
	expires  time.Time
	lose     bool
	failing  int
	polls    []time.Time
	renewals int
}

// Approve lets the next poll have its token.
func (d *Device) Approve() { d.settle("approve") }

// Deny lets the next poll hear that the person said no.
func (d *Device) Deny() { d.settle("access_denied") }

func (d *Device) settle(answer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = answer
}

// Revoke ends the access token in force; the refresh token goes on.
func (d *Device) Revoke() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.access = ""
}

// LoseAnswer breaks off the connection after the next renewal is done.
func (d *Device) LoseAnswer() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lose = true
}

// Fail lets the next n requests for a token fail with 503.
func (d *Device) Fail(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failing = n
}

// Polls are the times of the polls so far.
func (d *Device) Polls() []time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]time.Time(nil), d.polls...)
}

// Renewals is how many renewals were done.
func (d *Device) Renewals() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.renewals
}

// ServeHTTP implements [http.Handler].
func (d *Device) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "POST /login/device/code":
		d.begin(w, r)
	case "POST /login/oauth/access_token":
		d.token(w, r)
	case "GET /api/v3/user":
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if d.access == "" || bearer != d.access || time.Now().After(d.expires) {
			answerJSON(w, http.StatusUnauthorized, map[string]any{"message": "Bad credentials"})
			return
		}
		answerJSON(w, http.StatusOK, map[string]any{"login": d.Login, "id": 7})
	default:
		answerJSON(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
	}
}

func (d *Device) begin(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.FormValue("client_id") != d.ClientID:
		answerJSON(w, http.StatusNotFound, map[string]any{"error": "Not Found"})
		return
	case d.Disabled:
		oauthError(w, "device_flow_disabled", 0)
		return
	}
	d.code, d.answer, d.asked = rand.Text(), "", time.Time{}
	life := cmp.Or(d.CodeLife, 15*time.Minute)
	d.ends = time.Now().Add(life)
	interval := cmp.Or(d.Interval, 5)
	d.least = time.Duration(interval) * time.Second
	answerJSON(w, http.StatusOK, map[string]any{
		"device_code": d.code, "user_code": "WDJB-MJHT", "verification_uri": "http://" + r.Host + "/login/device",
		"expires_in": int(life.Seconds()), "interval": interval,
	})
}

func (d *Device) token(w http.ResponseWriter, r *http.Request) {
	if d.failing > 0 {
		d.failing--
		answerJSON(w, http.StatusServiceUnavailable, map[string]any{"message": "Unavailable"})
		return
	}
	switch {
	case r.FormValue("client_id") != d.ClientID:
		oauthError(w, "incorrect_client_credentials", 0)
	case r.FormValue("grant_type") == "refresh_token":
		d.renew(w, r)
	case r.FormValue("grant_type") == "urn:ietf:params:oauth:grant-type:device_code":
		d.poll(w, r)
	default:
		oauthError(w, "unsupported_grant_type", 0)
	}
}

func (d *Device) poll(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	last := d.asked
	d.asked = now
	d.polls = append(d.polls, now)
	switch {
	case d.code == "" || r.FormValue("device_code") != d.code:
		oauthError(w, "incorrect_device_code", 0)
	case now.After(d.ends):
		oauthError(w, "expired_token", 0)
	case !last.IsZero() && now.Sub(last) < d.least:
		d.least += 5 * time.Second
		oauthError(w, "slow_down", int(d.least.Seconds()))
	case d.answer == "":
		oauthError(w, "authorization_pending", 0)
	case d.answer != "approve":
		oauthError(w, d.answer, 0)
	default:
		d.code = ""
		d.grant(w)
	}
}

func (d *Device) renew(w http.ResponseWriter, r *http.Request) {
	if d.refresh == "" || r.FormValue("refresh_token") != d.refresh {
		oauthError(w, "bad_refresh_token", 0)
		return
	}
	d.renewals++
	if d.lose {
		d.lose = false
		d.issue()
		panic(http.ErrAbortHandler)
	}
	d.grant(w)
}

// issue makes new tokens, which end the ones before.
func (d *Device) issue() {
	d.access, d.refresh = "ghu_"+rand.Text(), "ghr_"+rand.Text()
	d.expires = time.Now().Add(cmp.Or(d.Life, 8*time.Hour))
}

func (d *Device) grant(w http.ResponseWriter) {
	d.issue()
	answerJSON(w, http.StatusOK, map[string]any{
		"access_token": d.access, "expires_in": int(cmp.Or(d.Life, 8*time.Hour).Seconds()),
		"refresh_token": d.refresh, "refresh_token_expires_in": 15897600, "scope": "", "token_type": "bearer",
	})
}

func oauthError(w http.ResponseWriter, code string, interval int) {
	answer := map[string]any{"error": code, "error_description": "as RFC 8628 has it"}
	if interval > 0 {
		answer["interval"] = interval
	}
	answerJSON(w, http.StatusOK, answer)
}

func answerJSON(w http.ResponseWriter, status int, answer map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}
