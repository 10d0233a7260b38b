package kube

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const kubeconfig = `apiVersion: v1
kind: Config
current-context: dev
clusters:
- {name: one, cluster: {server: "https://127.0.0.1:1"}}
- {name: two, cluster: {server: "https://127.0.0.1:2"}}
users:
- {name: me, user: {token: t}}
contexts:
- {name: dev, context: {cluster: one, user: me, namespace: shop}}
- {name: prod, context: {cluster: two, user: me}}
`

// inFile returns the clusters of one kubeconfig file, and a way to rewrite it.
func inFile(t *testing.T, text string) (*Clusters, func(string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	modified := time.Now().Add(-time.Hour)
	write := func(text string) {
		check(t, os.WriteFile(path, []byte(text), 0o600))
		modified = modified.Add(time.Second)
		check(t, os.Chtimes(path, modified, modified))
	}
	write(text)
	return NewClusters([]string{path, path + "-missing"}, slog.New(slog.DiscardHandler)), write
}

func TestContexts(t *testing.T) {
	c, _ := inFile(t, kubeconfig)
	names, current, err := c.Contexts()
	if err != nil || current != "dev" || !slices.Equal(names, []string{"dev", "prod"}) {
		t.Errorf("got %v, current %q, %v", names, current, err)
	}
	cluster, err := c.Cluster("")
	if err != nil || cluster.name != "dev" || cluster.namespace != "shop" {
		t.Errorf("the current cluster is %+v, %v", cluster, err)
	}
}

func TestUnknownContextNamesTheKnown(t *testing.T) {
	c, _ := inFile(t, kubeconfig)
	_, err := c.Cluster("staging")
	f := wantFault(t, err, "context-unknown")
	for _, part := range []string{`"staging"`, "dev, prod", "portolan context map"} {
		if !strings.Contains(f.Error(), part) {
			t.Errorf("%q does not say %q", f, part)
		}
	}
	empty, _ := inFile(t, "")
	_, err = empty.Cluster("")
	wantFault(t, err, "context-unknown")
	broken, _ := inFile(t, "clusters: {")
	_, err = broken.Cluster("dev")
	wantFault(t, err, "kubeconfig-unreadable")
}

func TestChangedFileIsReadAgain(t *testing.T) {
	c, write := inFile(t, kubeconfig)
	dev, err := c.Cluster("dev")
	check(t, err)
	prod, err := c.Cluster("prod")
	check(t, err)
	write(strings.Replace(kubeconfig, "current-context: dev", "current-context: prod", 1))
	if same, err := c.Cluster("dev"); err != nil || same != dev {
		t.Errorf("another current-context made another cluster (%v)", err)
	}
	write(strings.Replace(kubeconfig, "127.0.0.1:2", "127.0.0.1:3", 1))
	if same, err := c.Cluster("dev"); err != nil || same != dev {
		t.Errorf("another context's server made another cluster (%v)", err)
	}
	if other, err := c.Cluster("prod"); err != nil || other == prod {
		t.Errorf("another server made no other cluster (%v)", err)
	}
}

// TestReplacedFileIsReadAgain puts a file of the same length and age in the place
// of another, as a tool does that keeps times.
func TestReplacedFileIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "config"), filepath.Join(dir, "other")
	then := time.Now().Add(-time.Hour)
	for file, text := range map[string]string{path: kubeconfig, other: strings.ReplaceAll(kubeconfig, "dev", "old")} {
		check(t, os.WriteFile(file, []byte(text), 0o600))
		check(t, os.Chtimes(file, then, then))
	}
	c := NewClusters([]string{path}, slog.New(slog.DiscardHandler))
	_, err := c.Cluster("dev")
	check(t, err)
	check(t, os.Rename(other, path))
	if _, err := c.Cluster("old"); err != nil {
		t.Errorf("the file that replaced it was not read: %v", err)
	}
}
