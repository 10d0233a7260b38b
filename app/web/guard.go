package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/portolan-app/portolan/internal/portolan"
)

// protection is a set of the guard's layers.
type protection uint

const (
	hostCheck   protection = 1 << iota // the Host header names us
	siteCheck                          // Sec-Fetch-Site is not another's
	originCheck                        // Origin is ours
	secretCheck                        // the bearer token is a session's
	once                               // a code counts once
	expiry                             // a code counts for a minute
	fewTries                           // wrong codes are counted
	policies                           // the headers that bind the browser
)

func (p protection) has(layer protection) bool { return p&layer != 0 }

// guard decides which requests reach the pages and the engine.
type guard struct {
	scheme string
	knows  func(host string) bool // whether a Host header names us
	keys   *keys

	// off names layers that do not hold. It is for tests alone, which show what
	// each layer is for; nothing outside of them sets it.
	off protection
}

// refusal is why a request goes no further.
type refusal struct {
	status              int
	code, message, hint string
}

var (
	wrongHost = &refusal{http.StatusMisdirectedRequest, "web-host",
		"this request is for another host than Portolan serves",
		"use the link as it was printed; through ssh -L, forward the same port number"}
	otherSite = &refusal{http.StatusForbidden, "web-site",
		"another web page sent this request, and Portolan answers to its own pages only",
		"if you followed a link, paste it into the address bar"}
	otherOrigin = &refusal{http.StatusForbidden, "web-origin",
		"this request does not come from a page of Portolan's", "paste the link into the address bar"}
	noSession = &refusal{http.StatusUnauthorized, "web-session",
		"this page is not signed in, or Portolan was started anew since", "ask for a link with: portolan web"}
	wrongCode = &refusal{http.StatusUnauthorized, "web-code",
		"this link was used before, is older than a minute, or was not made by this Portolan",
		"ask for another one with: portolan web"}
)

// around lets through what a person's own browser asks for on a page of ours: the
// pages and the exchange of a code for anyone at this door, the engine for a
// session.
func (g *guard) around(pages, engine http.Handler, refused func(*http.Request, *refusal)) http.Handler {
	refuse := func(w http.ResponseWriter, r *http.Request, why *refusal) {
		refused(r, why)
		why.write(w, r)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.bind(w.Header())
		if why := g.stranger(r); why != nil {
			refuse(w, r, why)
			return
		}
		switch {
		case forEngine(r) && !g.off.has(secretCheck) && !g.keys.admit(bearer(r)):
			refuse(w, r, noSession)
		case forEngine(r):
			http.StripPrefix("/api", engine).ServeHTTP(w, r)
		case r.URL.Path == "/session" && r.Method == http.MethodPost:
			if why := g.signIn(w, r); why != nil {
				refuse(w, r, why)
			}
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

func forEngine(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// stranger judges a request by what a browser says of it and a page cannot forge.
// Sec-Fetch-Site (W3C, "Fetch Metadata Request Headers") takes other ports of our
// host for "same-site"; "none" is the address bar. A browser that does not send it
// still sends Origin with every POST and every WebSocket (RFC 6454, RFC 6455).
func (g *guard) stranger(r *http.Request) *refusal {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	asks := r.Method == http.MethodGet || r.Method == http.MethodHead // changes nothing, and may lack an Origin
	switch {
	case !g.off.has(hostCheck) && !g.knows(r.Host):
		return wrongHost
	case !g.off.has(siteCheck) && site != "" && site != "same-origin" && site != "none":
		return otherSite
	case !g.off.has(originCheck) && origin != g.scheme+"://"+r.Host && (origin != "" || !asks):
		return otherOrigin
	}
	return nil
}

// bind tells the browser what may be done with our answers: nobody frames them,
// nobody embeds them, nobody guesses their type, no link says where it was clicked.
func (g *guard) bind(h http.Header) {
	if g.off.has(policies) {
		return
	}
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// signIn exchanges the code of a link for the secret of a session.
func (g *guard) signIn(w http.ResponseWriter, r *http.Request) *refusal {
	const enough = 1 << 10
	var in struct {
		Code string `json:"code"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, enough)).Decode(&in); err != nil {
		return wrongCode
	}
	secret, ok := g.keys.exchange(in.Code)
	if !ok {
		return wrongCode
	}
	writeJSON(w, http.StatusOK, struct {
		Secret string `json:"secret"`
	}{secret})
	return nil
}

// bearer is the token of the Authorization header, or "".
func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}

// write tells a script by a fault, and a person by its text.
func (why *refusal) write(w http.ResponseWriter, r *http.Request) {
	fault := &portolan.Fault{Kind: portolan.SignIn, Code: why.code, Message: why.message, Hint: why.hint}
	if forEngine(r) || r.Method == http.MethodPost {
		writeJSON(w, why.status, fault)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(why.status)
	_, _ = w.Write([]byte("Portolan: " + fault.Error() + "\n"))
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // where the caller is gone, nobody is left to tell
}
