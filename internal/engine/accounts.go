package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/portolan"
)

// SignIn implements [api.API].
func (e *Engine) SignIn(ctx context.Context, in api.SignIn) (portolan.Host, error) {
	if err := e.running(ctx); err != nil {
		return portolan.Host{}, err
	}
	secret := portolan.NewToken(strings.TrimSpace(in.Token))
	if secret.IsZero() {
		return portolan.Host{}, &portolan.Fault{Kind: portolan.Usage, Code: "token-empty",
			Message: "there is no token", Hint: "paste one, or pipe it in with --with-token"}
	}
	who, err := e.whose(ctx, in, secret)
	if err != nil {
		return portolan.Host{}, err
	}
	if in.ThisRun {
		who.From = portolan.ThisRun
		e.publish(func() bool {
			e.forgetGuest(same(who))
			e.thisRun = append(e.thisRun, guest{who, secret})
			return e.ledger.sign(e.accounts())
		})
		e.nudgeHost(who.Host)
		return who, nil
	}
	return who, e.keep(ctx, who, secret)
}

// keep keeps the secret of an account in the keychain, in the place of a former one.
func (e *Engine) keep(ctx context.Context, who portolan.Host, secret portolan.Token) error {
	err := e.ask(e.attended(ctx), func(ctx context.Context) error { return e.cfg.Tokens.Set(ctx, who.Host, who.Login, secret) })
	if err != nil {
		return err
	}
	e.renewals.forget(who.Host, who.Login)
	err = e.update(func(s *portolan.State) error {
		s.Hosts = append(slices.DeleteFunc(s.Hosts, same(who)), who)
		return nil
	})
	if err != nil {
		e.unkeep(ctx, who)
		return err
	}
	e.publish(func() bool { e.forgetGuest(same(who)); return e.ledger.sign(e.accounts()) }) // or the older token would go first
	e.nudgeHost(who.Host)
	return nil
}

// same reports whether an account is that one.
func same(who portolan.Host) func(portolan.Host) bool {
	return func(h portolan.Host) bool { return h.Host == who.Host && h.Login == who.Login }
}

// unkeep removes a token from the keychain whose account could not be listed: nobody
// would ever find it there. An account that is listed keeps its new token.
func (e *Engine) unkeep(ctx context.Context, who portolan.Host) {
	if slices.ContainsFunc(e.cfg.Store.Peek().Hosts, same(who)) {
		return
	}
	if err := e.cfg.Tokens.Delete(context.WithoutCancel(ctx), who.Host, who.Login); err != nil {
		e.cfg.Log.Warn("a token stays in the keychain and is not listed", "host", who.Host, "login", who.Login, "err", err)
	}
}

// whose asks the host whose token it is, and so whether it is one.
func (e *Engine) whose(ctx context.Context, in api.SignIn, secret portolan.Token) (portolan.Host, error) {
	repo, err := portolan.ParseHost(in.Host)
	if err != nil {
		return portolan.Host{}, err
	}
	if in.APIURL != "" {
		repo.APIURL = in.APIURL
	}
	client, err := github.New(github.Config{
		Repo:      repo,
		Token:     func(context.Context) (portolan.Token, error) { return secret, nil },
		UserAgent: e.userAgent(),
		CAFile:    e.caFile(),
	})
	if err != nil {
		return portolan.Host{}, err
	}
	defer client.Close()
	who, err := client.User(ctx)
	who.Host = repo.TokenHost()
	return who, err
}

// forgetGuest forgets an account of this run. The caller holds mu.
func (e *Engine) forgetGuest(is func(portolan.Host) bool) {
	e.thisRun = slices.DeleteFunc(e.thisRun, func(g guest) bool { return is(g.Host) })
}

// nudgeHost lets the sources of a host try again: what they may read has changed.
func (e *Engine) nudgeHost(host string) {
	for _, s := range e.cfg.Store.Peek().Sources {
		if s.Repo.TokenHost() == host {
			e.nudge(s.Name)
		}
	}
}

// SignOut implements [api.API].
func (e *Engine) SignOut(ctx context.Context, out api.SignOut) (api.SignedOut, error) {
	if err := e.running(ctx); err != nil {
		return api.SignedOut{}, err
	}
	repo, err := portolan.ParseHost(out.Host)
	if err != nil {
		return api.SignedOut{}, err
	}
	who, err := e.account(repo.Host, out.Login)
	if err != nil {
		return api.SignedOut{}, err
	}
	done := api.SignedOut{Host: who.Host, Login: who.Login}
	if who.From == "" {
		if done.Left, err = e.discard(ctx, who, out.Forget); err != nil {
			return api.SignedOut{}, err
		}
		e.renewals.forget(who.Host, who.Login)
	}
	e.publish(func() bool { e.forgetGuest(same(who)); return e.ledger.sign(e.accounts()) })
	return done, e.update(func(s *portolan.State) error {
		s.Hosts = slices.DeleteFunc(s.Hosts, same(who))
		return nil
	})
}

// account finds the one account of a host that can be signed out.
func (e *Engine) account(host, login string) (portolan.Host, error) {
	e.mu.Lock()
	var found []portolan.Host
	var logins []string
	for _, h := range e.accounts() {
		if h.Host == host && h.Login != "" && (login == "" || h.Login == login) {
			found, logins = append(found, h), append(logins, h.Login)
		}
	}
	e.mu.Unlock()
	if slices.Sort(logins); len(slices.Compact(logins)) > 1 {
		return portolan.Host{}, &portolan.Fault{Kind: portolan.Usage, Code: "account-ambiguous",
			Message: fmt.Sprintf("%d accounts are signed in to %s", len(found), host),
			Hint:    "say which with --account: " + strings.Join(logins, ", ")}
	}
	if len(found) > 0 {
		return found[len(found)-1], nil // the keychain's, should it be in both places
	}
	fault := &portolan.Fault{Kind: portolan.Usage, Code: "account-unknown",
		Message: "not signed in to " + host, Hint: "see the accounts with: portolan auth status"}
	if g := e.given(host); g != nil {
		fault.Hint = "its token comes from " + g.From + ": take it away there"
	}
	return portolan.Host{}, fault
}

// discard removes a token from the keychain. To forget, nobody is asked for a
// password, and what keeps the token there is no error but left.
func (e *Engine) discard(ctx context.Context, who portolan.Host, forget bool) (left *portolan.Fault, err error) {
	if !forget {
		ctx = e.attended(ctx)
	}
	err = e.ask(ctx, func(ctx context.Context) error { return e.cfg.Tokens.Delete(ctx, who.Host, who.Login) })
	fault := portolan.AsFault(err)
	switch {
	case err == nil || fault.Code == "keychain-none":
		return nil, nil
	case forget && portolan.OfKeychain(fault):
		return fault, nil
	case portolan.OfKeychain(fault):
		f := *fault
		f.Hint = "unlock it and try again, or forget the account and leave the token there: portolan auth logout " + who.Host + " --forget"
		return nil, &f
	}
	return nil, err
}

// Accounts implements [api.API].
func (e *Engine) Accounts(ctx context.Context) ([]portolan.Host, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.accounts(), nil
}
