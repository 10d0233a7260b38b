package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	renewLimit = 10 * time.Second // of one request; whoever ends the engine waits for it
	renewAhead = 10 * time.Minute // before the end of a token
	renewAgain = time.Minute      // after a renewal, a refused token is no reason for another
)

// renewals keeps the tokens of sign-ins with a code alive. Each renewal makes the
// tokens before it worthless, so that there is one at a time for an account, it is
// carried through once it has begun, and its outcome is kept as one item.
type renewals struct {
	flights singleflight.Group

	mu      sync.Mutex
	unsaved map[string]github.Grant   // that the keychain did not take, by account
	ended   map[string]portolan.Token // that renew no more, by account
}

// sealed is a grant as it is kept, in the place of a token. No token begins with a
// brace.
type sealed struct {
	Access      string    `json:"access"`
	Refresh     string    `json:"refresh"`
	Issued      time.Time `json:"issued"`
	AccessEnds  time.Time `json:"access_ends,omitzero"`
	RefreshEnds time.Time `json:"refresh_ends,omitzero"`
}

// seal returns what the keychain keeps of a grant: one item with all of it, or the
// token alone where there is nothing that renews it.
func seal(g github.Grant) portolan.Token {
	if g.Refresh.IsZero() {
		return g.Access
	}
	data, err := json.Marshal(sealed{g.Access.Reveal(), g.Refresh.Reveal(), g.Issued.UTC(), g.AccessEnds.UTC(), g.RefreshEnds.UTC()})
	if err != nil {
		panic("engine: " + err.Error()) // strings and times of this century
	}
	return portolan.NewToken(string(data))
}

// unseal returns the grant that was kept; ok is false for a token of its own.
func unseal(t portolan.Token) (g github.Grant, ok bool) {
	var s sealed
	if !strings.HasPrefix(t.Reveal(), "{") || json.Unmarshal([]byte(t.Reveal()), &s) != nil {
		return github.Grant{}, false
	}
	return github.Grant{Access: portolan.NewToken(s.Access), Refresh: portolan.NewToken(s.Refresh), Issued: s.Issued,
		AccessEnds: s.AccessEnds, RefreshEnds: s.RefreshEnds}, true
}

func accountKey(host, login string) string { return host + "/" + login }

// forget drops what is known of an account's tokens, as another one is kept.
func (r *renewals) forget(host, login string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.unsaved, accountKey(host, login))
	delete(r.ended, accountKey(host, login))
}

// usable returns an account's token. One that ends is renewed shortly before; so is
// one that the host has refused, if refused is not zero.
func (e *Engine) usable(ctx context.Context, host, login string, refused portolan.Token) (portolan.Token, error) {
	secret, g, ends, err := e.held(ctx, host, login)
	switch {
	case err != nil:
		return portolan.Token{}, err
	case !ends:
		return secret, nil
	case e.good(g, refused):
		return g.Access, nil
	}
	token, err, _ := e.renewals.flights.Do(accountKey(host, login), func() (any, error) {
		return e.renew(context.WithoutCancel(ctx), host, login, refused)
	})
	if err != nil {
		return portolan.Token{}, err
	}
	return token.(portolan.Token), nil
}

// held reads an account's item; ends is true where it is a grant.
func (e *Engine) held(ctx context.Context, host, login string) (secret portolan.Token, g github.Grant, ends bool, err error) {
	e.renewals.mu.Lock()
	g, ends = e.renewals.unsaved[accountKey(host, login)]
	e.renewals.mu.Unlock()
	if ends {
		return portolan.Token{}, g, true, nil
	}
	secret, err = e.fromKeychain(ctx, host, login)
	if err == nil {
		g, ends = unseal(secret)
	}
	return secret, g, ends, err
}

// good reports whether a grant's token can be used as it is.
func (e *Engine) good(g github.Grant, refused portolan.Token) bool {
	now := e.cfg.Now()
	if !refused.IsZero() && g.Access.Reveal() == refused.Reveal() {
		return now.Sub(g.Issued) < renewAgain // renewed just now: another would be refused, too
	}
	return g.AccessEnds.IsZero() || now.Before(g.AccessEnds.Add(-renewAhead))
}

// renew exchanges a grant for the next one and keeps it.
func (e *Engine) renew(ctx context.Context, host, login string, refused portolan.Token) (portolan.Token, error) {
	secret, g, ends, err := e.held(ctx, host, login) // the flight before this one may have changed it
	switch {
	case err != nil || !ends:
		return secret, err
	case e.good(g, refused):
		return g.Access, nil
	}
	next, err := e.refreshGrant(ctx, host, login, g)
	if err != nil {
		valid := e.cfg.Now().Before(g.AccessEnds) && g.Access.Reveal() != refused.Reveal()
		if portolan.AsFault(err).Kind == portolan.Later && valid {
			e.cfg.Log.Warn("the token is not renewed yet", "host", host, "login", login, "err", err)
			return g.Access, nil
		}
		return portolan.Token{}, err
	}
	e.cfg.Log.Info("renewed the token", "host", host, "login", login, "ends", next.AccessEnds)
	e.keepGrant(ctx, host, login, next)
	return next.Access, nil
}

// refreshGrant asks the host, unless it has said before that this grant is over.
func (e *Engine) refreshGrant(ctx context.Context, host, login string, g github.Grant) (github.Grant, error) {
	repo, err := portolan.ParseHost(host)
	if err != nil {
		return github.Grant{}, err
	}
	app, err := e.app(repo)
	if err != nil {
		return github.Grant{}, err
	}
	defer app.Close()
	key := accountKey(host, login)
	e.renewals.mu.Lock()
	over := e.renewals.ended[key].Reveal() == g.Refresh.Reveal()
	e.renewals.mu.Unlock()
	if over {
		return github.Grant{}, github.SignedOut(host)
	}
	next, err := app.Refresh(ctx, g.Refresh)
	if f := (*portolan.Fault)(nil); errors.As(err, &f) && f.Kind == portolan.SignIn {
		e.renewals.mu.Lock()
		e.renewals.ended[key] = g.Refresh
		e.renewals.mu.Unlock()
	}
	return next, err
}

// keepGrant keeps a grant in the keychain, or, where that does not take it, in
// memory until it does: the one before is worthless.
func (e *Engine) keepGrant(ctx context.Context, host, login string, g github.Grant) {
	err := e.cfg.Tokens.Set(ctx, host, login, seal(g))
	e.renewals.mu.Lock()
	if err != nil {
		e.renewals.unsaved[accountKey(host, login)] = g
	} else {
		delete(e.renewals.unsaved, accountKey(host, login))
	}
	e.renewals.mu.Unlock()
	if err != nil {
		e.cfg.Log.Warn("the keychain does not take the renewed token: it counts until Portolan ends", "host", host, "login", login, "err", err)
	}
	err = e.update(func(s *portolan.State) error {
		for i, h := range s.Hosts {
			if h.Host == host && h.Login == login {
				s.Hosts[i].Expires = g.RefreshEnds.UTC()
			}
		}
		return nil
	})
	if err != nil {
		e.cfg.Log.Warn("when the sign-in ends is not kept", "host", host, "err", err)
	}
}
