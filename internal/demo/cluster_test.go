package demo_test

import (
	"context"
	"os"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/portolan-app/portolan/internal/demo"
)

// patience is how long a test waits for what should take milliseconds.
const patience = 20 * time.Second

// startCluster runs a cluster for the length of the test.
func startCluster(t *testing.T, config demo.ClusterConfig) *demo.Cluster {
	t.Helper()
	cluster := demo.NewCluster(config)
	runUntilEnd(t, func(ctx context.Context, ready func()) error { return cluster.Run(ctx, ready) })
	return cluster
}

// runUntilEnd runs a part for the length of the test, and waits until it is
// ready and, at the end, until it has ended.
func runUntilEnd(t *testing.T, run func(ctx context.Context, ready func()) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- run(ctx, func() { close(ready) }) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run did not return")
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		t.Fatalf("Run ended before it was ready: %v", err)
	case <-time.After(patience):
		t.Fatal("Run did not become ready")
	}
}

// restConfig is what client-go makes of the cluster's kubeconfig.
func restConfig(t *testing.T, cluster *demo.Cluster) *rest.Config {
	t.Helper()
	config, err := clientcmd.RESTConfigFromKubeConfig(cluster.Kubeconfig("demo-dev"))
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	return config
}

func clientset(t *testing.T, cluster *demo.Cluster) *kubernetes.Clientset {
	t.Helper()
	client, err := kubernetes.NewForConfig(restConfig(t, cluster))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// kubeconfigFile writes the cluster's kubeconfig to a file.
func kubeconfigFile(t *testing.T, cluster *demo.Cluster) string {
	t.Helper()
	path := t.TempDir() + "/kubeconfig"
	check(t, os.WriteFile(path, cluster.Kubeconfig("demo-dev", "demo-prod"), 0o600))
	return path
}
