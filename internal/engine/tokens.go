package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/portolan-app/portolan/internal/portolan"
)

// guest is an account whose token is kept for this run only.
type guest struct {
	portolan.Host
	token portolan.Token
}

// token returns the token for a host, as [portolan.Repository.TokenHost] has it:
// the one given from outside, else that of an account of this run, else the one in
// the keychain for that account, else none.
func (e *Engine) token(ctx context.Context, host, account string) (portolan.Token, error) {
	return e.tokenAfter(ctx, host, account, portolan.Token{})
}

// tokenAfter is token after the host has refused one, if refused is not zero: a
// token that can be renewed is another then.
func (e *Engine) tokenAfter(ctx context.Context, host, account string, refused portolan.Token) (portolan.Token, error) {
	if g := e.given(host); g != nil {
		if !refused.IsZero() {
			return refused, nil // read at this sync
		}
		token, err := g.Read(ctx)
		return token.Of(g.From), err
	}
	is := func(h portolan.Host) bool { return h.Host == host && (account == "" || h.Login == account) }
	e.mu.Lock()
	guests, hosts := slices.Clone(e.thisRun), slices.Clone(e.state.Hosts)
	e.mu.Unlock()
	for _, g := range guests {
		if is(g.Host) {
			return g.token, nil
		}
	}
	for _, h := range hosts {
		if is(h) {
			return e.usable(ctx, host, h.Login, refused)
		}
	}
	if account != "" {
		return portolan.Token{}, &portolan.Fault{Kind: portolan.SignIn, Code: "account-unknown",
			Message: fmt.Sprintf("there is no account %q of %s on this machine", account, host),
			Hint:    "sign in with: portolan auth login " + host}
	}
	return portolan.Token{}, nil
}

// given returns the token that was given from outside for a host, or nil.
func (e *Engine) given(host string) *Given {
	if g := e.cfg.Given; g != nil && g.Host == host {
		return g
	}
	return nil
}

// authorized reports whether the requests of a source carry a token.
func (e *Engine) authorized(source string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.state.Source(source)
	if s == nil {
		return false
	}
	host := s.Repo.TokenHost()
	return slices.ContainsFunc(e.accounts(), func(h portolan.Host) bool { return h.Host == host })
}

// accounts lists whose tokens there are, in the order in which they are tried. The
// caller holds mu.
func (e *Engine) accounts() []portolan.Host {
	all := []portolan.Host{}
	if g := e.cfg.Given; g != nil {
		all = append(all, portolan.Host{Host: g.Host, From: g.From})
	}
	for _, g := range e.thisRun {
		all = append(all, g.Host)
	}
	return append(all, e.state.Hosts...)
}

// fromKeychain asks the keychain for a token, and a person, where one waits, for
// the keychain's password.
func (e *Engine) fromKeychain(ctx context.Context, host, login string) (token portolan.Token, err error) {
	err = e.ask(ctx, func(ctx context.Context) error {
		token, err = e.cfg.Tokens.Get(ctx, host, login)
		return err
	})
	return token, err
}

// attended says that a person waits for what a command does.
func (e *Engine) attended(ctx context.Context) context.Context {
	return portolan.WithPerson(ctx, portolan.Person{Say: func(string) {}})
}

// ask makes a call to the keychain. What the person has to do meanwhile is in the
// view; when they have done it, the sources that could not read their token try
// again.
func (e *Engine) ask(ctx context.Context, call func(context.Context) error) error {
	person, ok := portolan.PersonOf(ctx)
	if !ok {
		return call(ctx)
	}
	say, asked := person.Say, false
	person.Say = func(step string) {
		asked = true
		say(step)
		e.publish(func() bool { return e.ledger.ask(step) })
	}
	err := call(portolan.WithPerson(ctx, person))
	if !asked {
		return err
	}
	e.publish(func() bool { return e.ledger.ask("") })
	if err == nil {
		e.nudgeKeychain()
	}
	return err
}

// nudgeKeychain lets the sources try again that wait for the keychain.
func (e *Engine) nudgeKeychain() {
	e.mu.Lock()
	var waiting []string
	for name, status := range e.sources {
		if status.Fault != nil && portolan.OfKeychain(status.Fault) {
			waiting = append(waiting, name)
		}
	}
	e.mu.Unlock()
	for _, name := range waiting {
		e.nudge(name)
	}
}
