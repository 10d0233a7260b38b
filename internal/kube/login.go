package kube

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
)

// login is how the requests of one user of the kubeconfig get their credentials:
// one at a time. client-go runs a credential plugin again for each request that
// comes after one that failed, and each run may open a page in a browser. Here a
// failure is for everybody of that user, until a person asks for another try.
type login struct {
	plugin bool          // there is a credential plugin
	turn   chan struct{} // held by the request that gets credentials

	mu       sync.Mutex
	failed   error  // of the plugin
	rejected string // by whom, and the credentials, fresh as they were
}

func newLogin(plugin bool) *login { return &login{plugin: plugin, turn: make(chan struct{}, 1)} }

// errLoggingIn is that a request ended while another one was getting credentials.
var errLoggingIn = errors.New("a login is under way and has not ended yet")

// retry forgets failures.
func (l *login) retry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed, l.rejected = nil, ""
}

func (l *login) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

func (l *login) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = err
}

// visit is one request's way through a login.
type visit struct {
	*login
	inside  bool   // holds the turn
	asked   string // who refused it, and the credentials
	renewed bool   // comes with what client-go could renew
}

// visitKey is the key of a [visit] in a request's context.
type visitKey struct{}

func (v *visit) enter(ctx context.Context) error {
	select {
	case v.turn <- struct{}{}:
		v.inside = true
	case <-ctx.Done():
		return errLoggingIn
	}
	if err := v.failure(); err != nil {
		v.leave()
		return err
	}
	return nil
}

func (v *visit) leave() {
	if v.inside {
		v.inside = false
		<-v.turn
	}
}

// around is the outer end of client-go's round trippers: what the visitor that is
// handed on does not leave, it leaves. A request that was refused is made once more,
// because on seeing that client-go has renewed what can be renewed.
func (l *login) around(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		v := &visit{login: l}
		defer v.leave()
		if err := v.enter(req.Context()); err != nil {
			return nil, err
		}
		resp, err := v.try(next, req)
		if err != nil || resp.StatusCode != http.StatusUnauthorized || !v.inside {
			return resp, err
		}
		if req.Body != nil && req.GetBody == nil {
			return resp, nil
		}
		_ = resp.Body.Close()
		v.renewed = true
		return v.try(next, req)
	})
}

// try makes the request, and notes where no credentials are to be had. client-go
// puts what it has into the request.
func (v *visit) try(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	req = req.Clone(context.WithValue(req.Context(), visitKey{}, v))
	if v.renewed && req.Body != nil {
		var err error
		if req.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	resp, err := next.RoundTrip(req)
	if err != nil && strings.Contains(err.Error(), pluginFailed) {
		v.fail(err)
	}
	return resp, err
}

// pluginFailed is how the error of a credential plugin begins, of which client-go
// makes no type.
const pluginFailed = "getting credentials:"

// beneath is the inner end, where a request has its credentials. A refusal that
// shall not be followed by a renewal is an error.
func (l *login) beneath(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		v, ok := req.Context().Value(visitKey{}).(*visit)
		if !ok {
			return next.RoundTrip(req)
		}
		asked := req.URL.Host + " " + req.Header.Get("Authorization")
		if !v.renewed {
			v.leave()
		}
		resp, err := next.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			v.leave()
			return resp, err
		}
		if !v.inside {
			err = v.enter(req.Context())
		}
		if err == nil && !v.final(asked) {
			return resp, nil // for a renewal
		}
		if err == nil {
			err = refused(resp)
		}
		_ = resp.Body.Close()
		return nil, err
	})
}

// final reports whether a refusal of credentials is the last word: they are as fresh
// as they get. Where they are those of before the renewal, that one has failed.
func (v *visit) final(asked string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.plugin && v.renewed && asked == v.asked {
		v.failed = errors.New(pluginFailed + " they have ended and could not be renewed")
	}
	if v.renewed {
		v.rejected = asked
	}
	v.asked = asked
	return v.rejected == asked
}
