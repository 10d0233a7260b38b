package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/portolan"
)

// publicHost is the host that the client id of the build is for.
const publicHost = "github.com"

// pending is a sign-in with a code that has begun.
type pending struct {
	repo   portolan.Repository // the host
	app    *github.App
	device *github.Device
	slot   chan struct{} // holds a value while one waits; it guards the rest
	grant  *github.Grant // once the person has entered the code
}

// Device implements [api.API].
func (e *Engine) Device(ctx context.Context, host string) (api.DeviceCode, error) {
	if err := e.running(ctx); err != nil {
		return api.DeviceCode{}, err
	}
	repo, err := portolan.ParseHost(host)
	if err != nil {
		return api.DeviceCode{}, err
	}
	app, err := e.app(repo)
	if err != nil {
		return api.DeviceCode{}, err
	}
	if err := e.reachKeychain(ctx, repo.Host); err != nil {
		return api.DeviceCode{}, err // before a person goes to the host in vain
	}
	device, err := app.Begin(ctx)
	if err != nil {
		app.Close()
		return api.DeviceCode{}, err
	}
	id := rand.Text()
	e.mu.Lock()
	defer e.mu.Unlock()
	for old, p := range e.devices {
		if !e.cfg.Now().Before(p.device.Ends) {
			p.app.Close()
			delete(e.devices, old)
		}
	}
	e.devices[id] = &pending{repo: repo, app: app, device: device, slot: make(chan struct{}, 1)}
	return api.DeviceCode{ID: id, UserCode: device.UserCode, VerificationURI: device.VerificationURI,
		ExpiresAt: device.Ends.UTC(), Interval: int(device.Interval / time.Second)}, nil
}

// reachKeychain fails where the keychain would take no token; a person may be asked
// to unlock it.
func (e *Engine) reachKeychain(ctx context.Context, host string) error {
	err := e.ask(e.attended(ctx), func(ctx context.Context) error {
		_, err := e.cfg.Tokens.Get(ctx, host, "nobody")
		return err
	})
	if f := portolan.AsFault(err); f != nil && f.Code == "keychain-none" {
		return nil
	}
	return err
}

// app is the GitHub App that signs people in to a host.
func (e *Engine) app(repo portolan.Repository) (*github.App, error) {
	id := e.clientID(e.cfg.Store.Peek().Settings, repo.Host)
	if id == "" {
		return nil, &portolan.Fault{Kind: portolan.Usage, Code: "device-unavailable",
			Message: fmt.Sprintf("no GitHub App is set for a sign-in to %s with a code", repo.Host),
			Hint:    "sign in with a token: portolan auth login " + repo.Host + "; or name an app's client id: portolan settings set github_client_id " + repo.Host + "=ID"}
	}
	return github.NewApp(github.Config{Repo: repo, UserAgent: e.userAgent(), CAFile: e.caFile(), Timeout: renewLimit, Now: e.cfg.Now}, id)
}

// clientID is that of the settings, else the one of the build; "" = none.
func (e *Engine) clientID(s portolan.Settings, host string) string {
	id := s.ClientID(host)
	if host == publicHost {
		id = cmp.Or(id, e.cfg.ClientID)
	}
	return id
}

// DeviceWait implements [api.API].
func (e *Engine) DeviceWait(ctx context.Context, id string) (portolan.Host, error) {
	if err := e.running(ctx); err != nil {
		return portolan.Host{}, err
	}
	e.mu.Lock()
	p := e.devices[id]
	e.mu.Unlock()
	if p == nil {
		return portolan.Host{}, &portolan.Fault{Kind: portolan.Usage, Code: "device-unknown",
			Message: "no such sign-in has begun, or it is over", Hint: "begin again: portolan auth login HOST --device"}
	}
	select {
	case p.slot <- struct{}{}:
		defer func() { <-p.slot }()
	case <-ctx.Done():
		return portolan.Host{}, ctx.Err()
	}
	if p.grant == nil {
		grant, err := p.app.Wait(ctx, p.device)
		if err != nil && ctx.Err() == nil {
			e.forgetDevice(id)
		}
		if err != nil {
			return portolan.Host{}, err
		}
		p.grant = &grant
	}
	// From here on the code is used up: what fails can be tried again with the grant.
	who, err := e.whose(ctx, api.SignIn{Host: p.repo.Host}, p.grant.Access)
	if err != nil {
		return portolan.Host{}, err
	}
	who.Kind, who.Expires = "app", p.grant.RefreshEnds.UTC()
	if p.grant.Refresh.IsZero() {
		who.Expires = p.grant.AccessEnds.UTC()
	}
	if err := e.keep(ctx, who, seal(*p.grant)); err != nil {
		return portolan.Host{}, err
	}
	e.forgetDevice(id)
	return who, nil
}

func (e *Engine) forgetDevice(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p := e.devices[id]; p != nil {
		p.app.Close()
		delete(e.devices, id)
	}
}
