// Package doctor looks at what Portolan needs of this machine, and says what is
// missing and what to do: directories, the keychain, the desktop, kubeconfig files and the
// programs that they name, the GitHub hosts, and the rights in the clusters.
//
// It changes nothing. Each part is looked at by the same code that uses it in
// earnest, so that an answer here is the answer there.
package doctor

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
)

// limit bounds the questions to one host or one cluster.
const limit = 10 * time.Second

// Config says what to look at.
type Config struct {
	Home   string // the directory of every file
	Socket string // of the local API
	Log    string // the agent's log file; "" = there is none

	// Keychain returns nil where the keychain can be used.
	Keychain func(context.Context) error

	// Desktop returns nil where the desktop shows an icon and notifications; nil
	// where nobody is at a display.
	Desktop func(context.Context) error

	Clusters *kube.Clusters

	// Token returns the token that a source with that account would use.
	Token     func(ctx context.Context, host, account string) (portolan.Token, error)
	UserAgent string
	CAFile    string // as [github.Config] has it

	Host    string // to ask where there are no sources
	Sources []portolan.SourceConfig
	Targets []portolan.Target // of the forwards, with this machine's contexts

	Now func() time.Time
}

// Run makes every check, those of several hosts and clusters side by side, and
// returns them in a fixed order. It takes about ten seconds at most.
func Run(ctx context.Context, cfg Config) []portolan.Check {
	parts := []func(context.Context) []portolan.Check{
		cfg.paths, cfg.keychain, cfg.desktop, cfg.kubeconfigs, cfg.plugins, cfg.hosts, cfg.rights,
	}
	return sideBySide(len(parts), func(i int) []portolan.Check { return parts[i](ctx) })
}

// sideBySide calls fn for 0 to n-1 and returns what they found in that order.
func sideBySide(n int, fn func(int) []portolan.Check) []portolan.Check {
	found := make([][]portolan.Check, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { found[i] = fn(i) })
	}
	group.Wait()
	var all []portolan.Check
	for _, checks := range found {
		all = append(all, checks...)
	}
	return all
}

func ok(area, name, format string, args ...any) portolan.Check {
	return portolan.Check{Area: area, Name: name, Outcome: portolan.CheckOK, Message: fmt.Sprintf(format, args...)}
}

// bad is a check that ended with an error.
func bad(area, name string, err error) portolan.Check {
	f := portolan.AsFault(err)
	return portolan.Check{Area: area, Name: name, Outcome: portolan.CheckFailed, Message: f.Message, Hint: f.Hint}
}

func (cfg Config) keychain(ctx context.Context) []portolan.Check {
	const area, name = "keychain", "keychain"
	err := cfg.Keychain(ctx)
	if err == nil {
		return []portolan.Check{ok(area, name, "it can be used")}
	}
	check := bad(area, name, err)
	check.Outcome = portolan.CheckWarning // public repositories and given tokens work without
	return []portolan.Check{check}
}

// desktop is never more than a warning: the window and the commands need none of it.
func (cfg Config) desktop(ctx context.Context) []portolan.Check {
	const area, name = "desktop", "icon and notifications"
	if cfg.Desktop == nil {
		return nil
	}
	err := cfg.Desktop(ctx)
	if err == nil {
		return []portolan.Check{ok(area, name, "they are shown")}
	}
	check := bad(area, name, err)
	check.Outcome = portolan.CheckWarning
	return []portolan.Check{check}
}

// hosts asks each GitHub host that is followed, without a token and with the one
// that is there. Where nothing is followed, one host is asked that nobody needs
// yet.
func (cfg Config) hosts(ctx context.Context) []portolan.Check {
	type way struct{ host, apiURL, account string }
	var ways []way
	seen := map[way]bool{}
	repos := map[way]portolan.Repository{}
	for _, s := range cfg.Sources {
		w := way{s.Repo.Host, s.Repo.APIURL, s.Account}
		if !seen[w] {
			seen[w], repos[w] = true, s.Repo
			ways = append(ways, w)
		}
	}
	if len(ways) == 0 {
		checks := cfg.host(ctx, portolan.Repository{Host: cfg.Host}, "")
		for i := range checks {
			if checks[i].Outcome == portolan.CheckFailed {
				checks[i].Outcome = portolan.CheckWarning
			}
		}
		return checks
	}
	return sideBySide(len(ways), func(i int) []portolan.Check {
		return cfg.host(ctx, repos[ways[i]], ways[i].account)
	})
}

func (cfg Config) host(ctx context.Context, repo portolan.Repository, account string) []portolan.Check {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	checks := []portolan.Check{cfg.quota(ctx, repo, "without a token", portolan.Token{})}
	name := "with a token"
	if account != "" {
		name += " for " + account
	}
	token, err := cfg.Token(ctx, repo.TokenHost(), account)
	switch {
	case err != nil:
		checks = append(checks, bad("github", repo.Host+" "+name, err))
	case token.IsZero():
		checks = append(checks, portolan.Check{Area: "github", Name: repo.Host + " " + name, Outcome: portolan.CheckWarning,
			Message: "there is no token; private repositories cannot be followed, and public ones only every 15 minutes",
			Hint:    "sign in with: portolan auth login " + repo.Host})
	default:
		checks = append(checks, cfg.quota(ctx, repo, name, token))
	}
	return checks
}

func (cfg Config) quota(ctx context.Context, repo portolan.Repository, how string, token portolan.Token) portolan.Check {
	const area = "github"
	name := repo.Host + " " + how
	client, err := github.New(github.Config{Repo: repo, UserAgent: cfg.UserAgent, CAFile: cfg.CAFile, Now: cfg.Now,
		Token: func(context.Context) (portolan.Token, error) { return token, nil }})
	if err != nil {
		return bad(area, name, err)
	}
	defer client.Close()
	quota, err := client.Quota(ctx)
	switch {
	case err != nil && token.IsZero() && portolan.AsFault(err).Kind == portolan.SignIn:
		return ok(area, name, "it can be reached, and answers only those who are signed in")
	case err != nil:
		check := bad(area, name, err)
		check.Hint = cmp.Or(check.Hint, "check the network, the VPN and the proxy, and the host's address")
		return check
	case quota.Limit == 0:
		return ok(area, name, "it can be reached, and limits nobody")
	case quota.Remaining == 0:
		return portolan.Check{Area: area, Name: name, Outcome: portolan.CheckWarning,
			Message: fmt.Sprintf("it can be reached, but all %d requests an hour are used", quota.Limit),
			Hint:    "the next are free at " + quota.Reset.Local().Format("15:04")}
	}
	return ok(area, name, "it can be reached; %d of %d requests an hour are left", quota.Remaining, quota.Limit)
}
