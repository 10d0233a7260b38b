package kube

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

const patience = 20 * time.Second

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// startCluster runs a demo cluster until the test ends.
func startCluster(t *testing.T, config demo.ClusterConfig) *demo.Cluster {
	t.Helper()
	cluster := demo.NewCluster(config)
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- cluster.Run(ctx, func() { close(ready) }) }()
	t.Cleanup(func() {
		cancel()
		check(t, <-ended)
	})
	select {
	case <-ready:
	case <-time.After(patience):
		t.Fatal("the cluster did not start")
	}
	return cluster
}

// connect returns the cluster as a kubeconfig file gives it, after edit.
func connect(t *testing.T, cluster *demo.Cluster, edit func(cluster *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo)) *Cluster {
	t.Helper()
	config, err := clientcmd.Load(cluster.Kubeconfig("demo"))
	check(t, err)
	if context := config.Contexts["demo"]; edit != nil {
		edit(config.Clusters[context.Cluster], config.AuthInfos[context.AuthInfo])
	}
	path := filepath.Join(t.TempDir(), "config")
	check(t, clientcmd.WriteToFile(*config, path))
	c, err := NewClusters([]string{path}, slog.New(slog.DiscardHandler)).Cluster("demo")
	check(t, err)
	return c
}

// wantFault wants an error to be a fault of that code.
func wantFault(t *testing.T, err error, code string) *portolan.Fault {
	t.Helper()
	f := portolan.AsFault(err)
	if f == nil || f.Code != code {
		t.Fatalf("got %v, want a fault %s", err, code)
	}
	return f
}
