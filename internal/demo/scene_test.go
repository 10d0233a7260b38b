package demo_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/portforward"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// startScene runs a scene for the length of the test, or until stop is called,
// in a directory that must be empty when it has ended.
func startScene(t *testing.T) (info demo.Info, stop func()) {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan demo.Info, 1), make(chan error, 1)
	go func() { ended <- demo.NewScene(dir).Run(ctx, func(info demo.Info) { ready <- info }) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		check(t, wait(t, ended))
		left, err := os.ReadDir(dir)
		if err != nil || len(left) > 0 {
			t.Errorf("the scene left %v behind (%v)", left, err)
		}
	}
	t.Cleanup(stop)
	select {
	case info = <-ready:
	case err := <-ended:
		stopped = true
		t.Fatalf("the scene ended at once: %v", err)
	}
	return info, stop
}

func TestSceneIsWhole(t *testing.T) {
	info, _ := startScene(t)
	sha := getJSON[struct{ SHA string }](t, info.GitHub.APIURL()+"repos/demo-team/forwards/commits/main").SHA
	page, err := http.Get(info.RepoURL + "/commit/" + sha)
	check(t, err)
	defer page.Body.Close()
	if text, err := io.ReadAll(page.Body); err != nil || !strings.Contains(string(text), "Share our forwards") || !strings.Contains(string(text), info.RepoDir) {
		t.Errorf("the commit's page says %s (%v)", text, err)
	}
	config, err := clientcmd.LoadFromFile(info.Kubeconfig)
	check(t, err)
	if config.CurrentContext != "demo-dev" || len(config.Contexts) != len(info.Contexts) {
		t.Errorf("the kubeconfig has %d contexts, the current one is %q", len(config.Contexts), config.CurrentContext)
	}
	client := clientset(t, info.Cluster)
	for _, entry := range entries(t, info.RepoDir) {
		if !slices.Contains(info.Contexts, entry.Context) {
			t.Errorf("%s names the context %q", entry.Alias, entry.Context)
		}
		labels := "app=" + entry.Service + strings.TrimPrefix(entry.Target, "app=")
		pods, err := client.CoreV1().Pods(entry.Namespace).List(t.Context(), metav1.ListOptions{LabelSelector: labels})
		if err != nil || len(pods.Items) == 0 {
			t.Errorf("%s in %s leads to no pod (%v)", entry.Alias, entry.Namespace, err)
		}
	}
}

// entries are those of all files of a scene's repository.
func entries(t *testing.T, dir string) []portolan.Entry {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(paths) != 4 {
		t.Fatalf("the repository has %v (%v)", paths, err)
	}
	var all []portolan.Entry
	for _, path := range paths {
		data, err := os.ReadFile(path)
		check(t, err)
		file := portolan.Parse(filepath.Base(path), data)
		for _, problem := range file.Problems {
			if problem.Severity == portolan.SeverityError {
				t.Error(problem)
			}
		}
		all = append(all, file.Entries...)
	}
	return all
}

func getJSON[T any](t *testing.T, address string) (value T) {
	t.Helper()
	answer, err := http.Get(address)
	check(t, err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", address, answer.Status)
	}
	check(t, json.NewDecoder(answer.Body).Decode(&value))
	return value
}

func TestAppsOfTheScene(t *testing.T) {
	info, _ := startScene(t)
	config := restConfig(t, info.Cluster)
	tests := []struct {
		app        string
		port       int
		path, want string
		length     int
	}{
		{"shop", 8080, "/", "environment: development", 0},
		{"shop", 8080, "/healthz", `"status":"ok"`, 0},
		{"shop", 8080, "/big?bytes=3000000", "", 3_000_000},
		{"shop", 8080, "/big?bytes=-1", "bytes must be a number", 0},
		{"orders", 3000, "/orders", "sextant", 0},
		{"orders", 3000, "/orders/2", "compass", 0},
		{"orders", 3000, "/orders/9", "not found", 0},
	}
	for _, test := range tests {
		t.Run(test.app+test.path, func(t *testing.T) {
			pods, err := clientset(t, info.Cluster).CoreV1().Pods("shop-dev").List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + test.app})
			check(t, err)
			address := forward(t, dialer(t, config, "websocket", "shop-dev", pods.Items[0].Name), test.port)
			answer, err := http.Get("http://" + address + test.path)
			check(t, err)
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil || !strings.Contains(string(body), test.want) || test.length > 0 && len(body) != test.length {
				t.Errorf("%d bytes, %.80q (%v)", len(body), body, err)
			}
		})
	}
}

// TestCommitInTheScene commits as a person does who has told git nothing about
// herself.
func TestCommitInTheScene(t *testing.T) {
	binary, err := exec.LookPath("git")
	if err != nil {
		t.Skipf("there is no git on this machine to commit with: %v", err)
	}
	info, _ := startScene(t)
	head := func() string {
		return getJSON[struct{ SHA string }](t, info.GitHub.APIURL()+"repos/demo-team/forwards/commits/main").SHA
	}
	before := head()
	check(t, os.Remove(filepath.Join(info.RepoDir, "tools.json")))
	command := exec.CommandContext(t.Context(), binary, "commit", "--quiet", "--all", "--message", "Drop the tools")
	command.Dir = info.RepoDir
	command.Env = append(os.Environ(), "HOME="+t.TempDir(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("git commit: %v\n%s", err, out)
	}
	if head() == before {
		t.Error("the server does not see the commit")
	}
}

func TestSceneLeavesNoGoroutine(t *testing.T) {
	info, stop := startScene(t)
	pods := info.Cluster.Names("pods", "shop-dev")
	echo := pods[slices.IndexFunc(pods, func(name string) bool { return strings.HasPrefix(name, "echo-") })]
	conn, _, err := dialer(t, restConfig(t, info.Cluster), "websocket", "shop-dev", echo).Dial(portforward.PortForwardProtocolV1Name)
	check(t, err)
	data, _ := pair(t, conn, "0", 7000)
	_, err = data.Write([]byte("hello"))
	check(t, err)
	_, err = io.ReadFull(data, make([]byte, 5))
	check(t, err)

	stop() // with a connection that is busy
	conn.Close()
	eventually(t, "the end of every goroutine", func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		return !strings.Contains(string(stacks), "created by github.com/portolan-app/portolan/internal/demo.") &&
			!strings.Contains(string(stacks), "cri-streaming")
	})
}

func TestSceneCannotBegin(t *testing.T) {
	err := demo.NewScene(filepath.Join(t.TempDir(), "none")).Run(t.Context(), func(demo.Info) { t.Error("it became ready") })
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
