package app

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/engine"
	"github.com/portolan-app/portolan/internal/kube"
	"github.com/portolan-app/portolan/internal/portolan"
)

// demoInterval is short, so that a commit is seen to arrive by itself.
const demoInterval = 10 * time.Second

// demo runs a small world and an engine in it until ctx ends. The person's own
// files, keychain and kubeconfig are not touched.
func (p *program) demo(ctx context.Context, opts cli.DemoOptions) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	site, err := listenWeb(opts.Web)
	if err != nil {
		return err
	}
	defer site.close()
	var failed error
	err = demo.NewScene("").Run(ctx, func(info demo.Info) {
		defer stop() // the world ends with its engine
		clusters := kube.NewClusters([]string{info.Kubeconfig}, opts.Log)
		failed = p.run(ctx, info.Home, opts.Log, engine.Config{
			Tokens:   noTokens{},
			Clusters: clustersOf(clusters),
			Contexts: clusters.Known,
			Targets:  clusters.Targets,
			Checkup:  p.checkup(info.Home, hostOf(cli.Options{}, p.env), clusters, func(context.Context) error { return noKeychain("any host") }),
		}, site, func(ctx context.Context, e *engine.Engine) error {
			return tour(ctx, e, info, func(info cli.DemoInfo) {
				info.Web = site.link()
				opts.Ready(info)
			})
		})
	})
	return first(failed, err)
}

// tour follows the demo's repository and tells the person what to try.
func tour(ctx context.Context, e *engine.Engine, info demo.Info, ready func(cli.DemoInfo)) error {
	_, err := e.AddSource(ctx, api.AddSource{
		Repository: info.RepoURL,
		Config:     portolan.SourceConfig{Name: "team", Interval: portolan.Duration(demoInterval)},
	})
	if err != nil {
		return err
	}
	view, err := e.View(ctx)
	if err != nil {
		return err
	}
	ready(cli.DemoInfo{
		Home: info.Home, Worktree: info.RepoDir, Repository: info.RepoURL, Kubeconfig: info.Kubeconfig,
		Try: steps(info, view),
	})
	return nil
}

// steps is the story of the README, as lines for a shell. Without comments: zsh
// takes a typed # for an argument.
func steps(info demo.Info, view portolan.View) []string {
	var lines []string
	if program, err := os.Executable(); err == nil && !onPath(program) {
		lines = append(lines, "alias portolan="+program)
	}
	lines = append(lines, "portolan list", "portolan start development/shop")
	for _, f := range view.Forwards {
		if f.Environment == "development" && f.Entry.Alias == "shop" {
			lines = append(lines, fmt.Sprintf("curl http://127.0.0.1:%d/", f.Entry.LocalPort))
		}
	}
	return append(lines,
		"portolan edit development/shop --description 'My own words'",
		"sed -i.bak 's/The web shop/The shop on the web/' "+filepath.Join(info.RepoDir, "development.json"),
		"git -C "+info.RepoDir+" commit -am 'Reword'",
		"portolan sync",
		"portolan superseded",
	)
}

// onPath reports whether typing the program's name runs this very file.
func onPath(program string) bool {
	found, err := exec.LookPath("portolan")
	if err != nil {
		return false
	}
	a, errA := os.Stat(found)
	b, errB := os.Stat(program)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// noTokens is a keychain that holds nothing: the demo's repository is public.
type noTokens struct{}

func (noTokens) Get(_ context.Context, host, _ string) (portolan.Token, error) {
	return portolan.Token{}, noKeychain(host)
}

func (noTokens) Set(_ context.Context, host, _ string, _ portolan.Token) error {
	return noKeychain(host)
}

func (noTokens) Delete(_ context.Context, host, _ string) error { return noKeychain(host) }

func noKeychain(host string) error {
	return &portolan.Fault{Kind: portolan.Failed, Code: "keychain-none",
		Message: "the demo keeps no token for " + host,
		Hint:    "sign in with an engine of your own: portolan serve"}
}
