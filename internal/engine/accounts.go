package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/portolan"
)

// token returns the token for a host, as [portolan.Repository.TokenHost] has it:
// the one given from outside, else the one in the keychain for that account, else
// none.
func (e *Engine) token(ctx context.Context, host, account string) (portolan.Token, error) {
	given, err := e.cfg.Given(host)
	if err != nil || !given.IsZero() {
		return given, err
	}
	e.mu.Lock()
	hosts := slices.Clone(e.state.Hosts)
	e.mu.Unlock()
	for _, h := range hosts {
		if h.Host == host && (account == "" || h.Login == account) {
			return e.cfg.Tokens.Get(ctx, host, h.Login)
		}
	}
	if account != "" {
		return portolan.Token{}, &portolan.Fault{Kind: portolan.SignIn, Code: "account-unknown",
			Message: fmt.Sprintf("there is no account %q of %s on this machine", account, host),
			Hint:    "sign in with: portolan auth login " + host}
	}
	return portolan.Token{}, nil
}

// authorized reports whether the requests of a source carry a token.
func (e *Engine) authorized(source string) bool {
	e.mu.Lock()
	s := e.state.Source(source)
	hosts := e.state.Hosts
	e.mu.Unlock()
	if s == nil {
		return false
	}
	host := s.Repo.TokenHost()
	if given, err := e.cfg.Given(host); err == nil && !given.IsZero() {
		return true
	}
	return slices.ContainsFunc(hosts, func(h portolan.Host) bool { return h.Host == host })
}

// SignIn implements [api.API].
func (e *Engine) SignIn(ctx context.Context, host, apiURL, token string) (portolan.Host, error) {
	if err := e.running(ctx); err != nil {
		return portolan.Host{}, err
	}
	secret := portolan.NewToken(strings.TrimSpace(token))
	if secret.IsZero() {
		return portolan.Host{}, &portolan.Fault{Kind: portolan.Usage, Code: "token-empty",
			Message: "there is no token", Hint: "paste one, or pipe it in with --with-token"}
	}
	repo, err := portolan.ParseHost(host)
	if err != nil {
		return portolan.Host{}, err
	}
	if apiURL != "" {
		repo.APIURL = apiURL
	}
	client, err := github.New(github.Config{
		Repo:      repo,
		Token:     func(context.Context) (portolan.Token, error) { return secret, nil },
		UserAgent: e.userAgent(),
	})
	if err != nil {
		return portolan.Host{}, err
	}
	who, err := client.User(ctx)
	if err != nil {
		return portolan.Host{}, err
	}
	who.Host = repo.TokenHost()
	if err := e.cfg.Tokens.Set(ctx, who.Host, who.Login, secret); err != nil {
		return portolan.Host{}, err
	}
	err = e.update(func(s *portolan.State) error {
		s.Hosts = slices.DeleteFunc(s.Hosts, func(h portolan.Host) bool { return h.Host == who.Host && h.Login == who.Login })
		s.Hosts = append(s.Hosts, who)
		return nil
	})
	if err != nil {
		return portolan.Host{}, err
	}
	e.nudgeHost(who.Host)
	return who, nil
}

// nudgeHost lets the sources of a host try again: what they may read has changed.
func (e *Engine) nudgeHost(host string) {
	for _, s := range e.cfg.Store.State().Sources {
		if f := e.crew.get(s.Name); f != nil && s.Repo.TokenHost() == host {
			f.Nudge()
		}
	}
}

// SignOut implements [api.API].
func (e *Engine) SignOut(ctx context.Context, host, login string) error {
	if err := e.running(ctx); err != nil {
		return err
	}
	repo, err := portolan.ParseHost(host)
	if err != nil {
		return err
	}
	host = repo.Host
	var found []string
	for _, h := range e.cfg.Store.State().Hosts {
		if h.Host == host && (login == "" || h.Login == login) {
			found = append(found, h.Login)
		}
	}
	switch {
	case len(found) == 0:
		return &portolan.Fault{Kind: portolan.Usage, Code: "account-unknown",
			Message: "not signed in to " + host, Hint: "see the accounts with: portolan auth status"}
	case len(found) > 1:
		return &portolan.Fault{Kind: portolan.Usage, Code: "account-ambiguous",
			Message: fmt.Sprintf("%d accounts are signed in to %s", len(found), host),
			Hint:    "say which with --login: " + strings.Join(found, ", ")}
	}
	if err := e.cfg.Tokens.Delete(ctx, host, found[0]); err != nil && portolan.AsFault(err).Code != "keychain-none" {
		return err
	}
	return e.update(func(s *portolan.State) error {
		s.Hosts = slices.DeleteFunc(s.Hosts, func(h portolan.Host) bool { return h.Host == host && h.Login == found[0] })
		return nil
	})
}

// Accounts implements [api.API].
func (e *Engine) Accounts(ctx context.Context) ([]portolan.Host, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	hosts := e.cfg.Store.State().Hosts
	if hosts == nil {
		hosts = []portolan.Host{}
	}
	return hosts, nil
}
