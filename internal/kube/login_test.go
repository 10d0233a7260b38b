package kube

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// plugin is a credential plugin that hands out what says takes, and fails without
// one.
type plugin struct {
	t   *testing.T
	dir string
}

func newPlugin(t *testing.T) *plugin {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the plugin is a shell script")
	}
	p := &plugin{t: t, dir: t.TempDir()}
	script := `#!/bin/sh
cd ` + p.dir + ` && echo >> runs && read -r token < token || exit 1
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$token"
`
	check(t, os.WriteFile(p.command(), []byte(script), 0o700))
	return p
}

func (p *plugin) command() string { return filepath.Join(p.dir, "login") }

// says makes the plugin hand out a token from now on, or fail where it is "".
func (p *plugin) says(token string) {
	p.t.Helper()
	if token == "" {
		check(p.t, os.Remove(filepath.Join(p.dir, "token")))
		return
	}
	check(p.t, os.WriteFile(filepath.Join(p.dir, "token"), []byte(token+"\n"), 0o600))
}

// wantRuns wants the plugin to have run so often by now.
func (p *plugin) wantRuns(when string, want int) {
	p.t.Helper()
	runs, err := os.ReadFile(filepath.Join(p.dir, "runs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.t.Fatal(err)
	}
	if n := bytes.Count(runs, []byte("\n")); n != want {
		p.t.Errorf("%s the plugin has run %d times, want %d", when, n, want)
	}
}

// contexts returns the cluster as two contexts of one user show it, who logs in by
// the plugin.
func (p *plugin) contexts(cluster *demo.Cluster) []*Cluster {
	p.t.Helper()
	config, err := clientcmd.Load(cluster.Kubeconfig("one", "two"))
	check(p.t, err)
	*config.AuthInfos["demo"] = clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: p.command(), InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
	}}
	path := filepath.Join(p.t.TempDir(), "config")
	check(p.t, clientcmd.WriteToFile(*config, path))
	clusters := NewClusters([]string{path}, slog.New(slog.DiscardHandler))
	var both []*Cluster
	for _, name := range []string{"one", "two"} {
		c, err := clusters.Cluster(name)
		check(p.t, err)
		both = append(both, c)
	}
	return both
}

// crowd looks a target up and dials it through both contexts, many times at once,
// and wants each to end with that code, "" being success.
func crowd(t *testing.T, both []*Cluster, b portolan.Backend, code string) {
	t.Helper()
	got := func(err error) {
		if f := portolan.AsFault(err); code == "" && err != nil || code != "" && (f == nil || f.Code != code) {
			t.Errorf("got %v, want %q", err, code)
		}
	}
	var all sync.WaitGroup
	for _, c := range both {
		for range 6 {
			all.Go(func() {
				_, err := c.Resolve(t.Context(), portolan.Target{Namespace: b.Namespace, Kind: portolan.Pod, Name: b.Pod, Port: portolan.Port{Number: b.Port}})
				got(err)
			})
			all.Go(func() {
				conn, _, err := c.Dial(t.Context(), b)
				if err == nil {
					_ = conn.Close()
				}
				got(err)
			})
		}
	}
	all.Wait()
}

func TestAFailedLoginIsForEverybodyOfThatUser(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{Token: "good"})
	b := echoPod(t, cluster)
	p := newPlugin(t)
	both := p.contexts(cluster)
	for range 2 {
		crowd(t, both, b, portolan.CodeClusterSignIn)
	}
	p.wantRuns("while it fails", 1)
	for _, c := range both {
		c.Reconnect() // as after sleep
	}
	crowd(t, both, b, portolan.CodeClusterSignIn)
	p.wantRuns("after a change of network", 1)

	p.says("good")
	both[0].Retry() // a click on a forward of one context
	crowd(t, both, b, "")
	p.wantRuns("after a click", 2)
}

func TestAnEndedTokenIsRenewedOnce(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{Token: "first"})
	b := echoPod(t, cluster)
	p := newPlugin(t)
	p.says("first")
	both := p.contexts(cluster)
	crowd(t, both, b, "")
	p.wantRuns("at first", 1)

	cluster.SetToken("second")
	p.says("second")
	crowd(t, both, b, "")
	p.wantRuns("after the token has ended", 2)

	cluster.SetToken("third")
	p.says("") // nobody is there to log in
	for range 2 {
		crowd(t, both, b, portolan.CodeClusterSignIn)
	}
	p.wantRuns("after a renewal that failed", 3)

	p.says("third")
	both[1].Retry()
	crowd(t, both, b, "")
	p.wantRuns("after a click", 4)
}

// A plugin that goes on handing out what the server refuses is not asked for ever.
func TestARefusedTokenIsSignInNeeded(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{Token: "good"})
	b := echoPod(t, cluster)
	p := newPlugin(t)
	p.says("bad")
	both := p.contexts(cluster)[:1]
	crowd(t, both, b, portolan.CodeClusterSignIn)
	crowd(t, both, b, portolan.CodeClusterSignIn)
	p.wantRuns("with a token that is refused", 2)
}
