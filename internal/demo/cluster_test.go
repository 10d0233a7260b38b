package demo_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"

	"github.com/portolan-app/portolan/internal/demo"
)

// TestMain keeps the streaming code from printing every refused connection.
func TestMain(m *testing.M) {
	klog.SetSlogLogger(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

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

func TestHooksInjectFaults(t *testing.T) {
	fault := func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "broken") {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	cluster := startCluster(t, demo.ClusterConfig{})
	github := demo.NewGitHub(demo.GitHubConfig{Dir: t.TempDir(), Owner: "team", Name: "broken"})
	runUntilEnd(t, github.Run)
	list := func() int {
		_, err := clientset(t, cluster).CoreV1().Pods("broken").List(t.Context(), metav1.ListOptions{})
		var status apierrors.APIStatus
		if errors.As(err, &status) {
			return int(status.Status().Code)
		}
		return http.StatusOK
	}
	read := func() int {
		answer, err := http.Get(github.APIURL() + "repos/team/broken")
		check(t, err)
		answer.Body.Close()
		return answer.StatusCode
	}
	cluster.SetHook(fault)
	github.SetHook(fault)
	if codes := [2]int{list(), read()}; codes != [2]int{503, 503} {
		t.Errorf("with the hooks: %v", codes)
	}
	cluster.SetHook(nil)
	github.SetHook(nil)
	if codes := [2]int{list(), read()}; codes != [2]int{200, 404} { // an empty directory is no repository
		t.Errorf("without: %v", codes)
	}
}
