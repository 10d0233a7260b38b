package github

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	secondaryWait = time.Minute    // GitHub: "wait for at least one minute before retrying"
	longestWait   = 24 * time.Hour // no limit of GitHub's lasts longer than an hour; a wrong header must not silence us for years
)

// limit is what GitHub last said about asking too much, and of which token.
type limit struct {
	fault   portolan.Fault
	token   portolan.Token
	strikes int // limits without a stated time, in a row
}

// limited returns the fault of a limit that is not over. Asking on during a limit
// may get a token banned, so that not even the free requests are made.
func (c *Client) limited(token portolan.Token) *portolan.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit.token != token || !c.now().Before(c.limit.fault.Retry) {
		return nil
	}
	f := c.limit.fault
	return &f
}

// unlimit forgets a limit that is over. A request that was under way when the
// limit came may still succeed; that ends nothing.
func (c *Client) unlimit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.now().Before(c.limit.fault.Retry) {
		c.limit = limit{}
	}
}

// isLimit reports whether an answer tells to wait: GitHub says so with 403 or 429
// and a header, and for some secondary limits in the text only.
func isLimit(resp *http.Response, message string) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		text := strings.ToLower(message)
		return resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-RateLimit-Remaining") == "0" ||
			strings.Contains(text, "secondary rate limit") || strings.Contains(text, "abuse detection")
	}
	return false
}

// limitFault remembers a limit and returns it as a fault.
func (c *Client) limitFault(resp *http.Response, message string) *portolan.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := portolan.Fault{Kind: portolan.Later, Code: "github-secondary-limit",
		Message: c.host + " asks to slow down" + said(message),
		Hint:    "reading goes on by itself then"}
	wait, known := retryAfter(resp.Header, c.now())
	if !known && resp.Header.Get("X-RateLimit-Remaining") == "0" {
		wait, known = untilReset(resp.Header, c.now())
		f.Code = "github-rate-limit"
		f.Message = c.host + " allows no more requests for now" + said(message)
		if c.token == nil || c.token.IsZero() {
			f.Hint = "without signing in, it allows 60 an hour for everybody at this address; sign in for 5,000"
		}
	}
	if !known {
		if !c.now().Before(c.limit.fault.Retry) { // else it is the same limit, seen by a request beside
			c.limit.strikes++
		}
		wait = min(secondaryWait<<min(c.limit.strikes-1, 10), time.Hour)
	}
	f.Retry = c.now().Add(wait)
	c.limit.fault = f
	c.limit.token = portolan.Token{}
	if c.token != nil {
		c.limit.token = *c.token
	}
	return &f
}

// retryAfter reads the header of that name: seconds, or a date (RFC 9110, section
// 10.2.3).
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return clampWait(time.Duration(min(max(seconds, 0), int(longestWait/time.Second))) * time.Second), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return clampWait(at.Sub(serverTime(h, now))), true
}

// untilReset reads when the primary limit ends.
func untilReset(h http.Header, now time.Time) (time.Duration, bool) {
	reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0, false
	}
	return clampWait(time.Unix(reset, 0).Sub(serverTime(h, now))), true
}

// serverTime is the clock by which the server means its times, which a machine's
// own may be far from.
func serverTime(h http.Header, now time.Time) time.Time {
	if server, err := http.ParseTime(h.Get("Date")); err == nil {
		return server
	}
	return now
}

// clampWait adds the second that whole-second clocks may be off.
func clampWait(d time.Duration) time.Duration {
	return min(max(d, 0), longestWait-time.Second) + time.Second
}
