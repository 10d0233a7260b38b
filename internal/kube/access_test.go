package kube

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

func TestDenied(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	c := connect(t, cluster, nil)
	service := Rights(portolan.Target{Kind: portolan.Service, Name: "shop"})
	ask := func(want ...Right) {
		t.Helper()
		namespace, denied, err := c.Denied(t.Context(), "shop-dev", service)
		check(t, err)
		if namespace != "shop-dev" || len(denied) != len(want) {
			t.Fatalf("in %s denied %v, want %v", namespace, denied, want)
		}
		for i := range want {
			if denied[i] != want[i] {
				t.Errorf("denied %v, want %v", denied, want)
			}
		}
	}
	ask()
	cluster.Deny("create", "pods/portforward")
	ask(Right{Verb: "create", Resource: "pods/portforward"})
	cluster.Deny("list", "endpointslices")
	ask(Right{Verb: "create", Resource: "pods/portforward"}) // pods can be listed in their place
	cluster.Deny("list", "pods")
	ask(listSlices, Right{Verb: "create", Resource: "pods/portforward"})
}

// TestRightsAreWhatResolvingReads holds the table of rights against the requests
// that are really made: with all others denied, resolving works.
func TestRightsAreWhatResolvingReads(t *testing.T) {
	cluster := shop(t)
	c := connect(t, cluster, nil)
	selector := target(portolan.Pod, "", 8080)
	selector.Selector = "app=job"
	pod := target(portolan.Pod, cluster.Names("pods", "shop")[0], 8080)
	for _, target := range []portolan.Target{
		target(portolan.Service, "web", 80), target(portolan.Deployment, "deployment", 8080), target(portolan.StatefulSet, "statefulset", 8080),
		target(portolan.DaemonSet, "daemonset", 8080), target(portolan.ReplicaSet, "replicaset", 8080), target(portolan.Job, "job", 8080),
		pod, selector,
	} {
		granted := map[string]bool{}
		for _, r := range Rights(target) {
			if r.Optional {
				continue
			}
			granted[r.Verb+" "+r.Resource] = true
		}
		for _, verb := range []string{"get", "list", "watch"} {
			for _, resource := range []string{"pods", "services", "endpointslices", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs"} {
				cluster.Allow(verb, resource)
				if !granted[verb+" "+resource] {
					cluster.Deny(verb, resource)
				}
			}
		}
		if _, err := c.Resolve(t.Context(), target); err != nil {
			t.Errorf("%s %s%s: %v", target.Kind, target.Name, target.Selector, err)
		}
	}
}

func TestRole(t *testing.T) {
	got := Role("shop-dev", Rights(portolan.Target{Kind: portolan.Deployment, Name: "api"}))
	want := `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: portolan
  namespace: "shop-dev"
rules:
- apiGroups: [""]
  resources: ["pods"]
  verbs: ["list", "watch"]
- apiGroups: [""]
  resources: ["pods/portforward"]
  verbs: ["create", "get"]
- apiGroups: ["apps"]
  resources: ["deployments"]
  verbs: ["get"]
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestSurvey(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "login")
	check(t, os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700))
	path, missing := filepath.Join(dir, "config"), filepath.Join(dir, "missing")
	check(t, os.WriteFile(path, []byte(`
apiVersion: v1
kind: Config
current-context: b
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users:
- {name: beside, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, interactiveMode: Never}}}
- {name: absent, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-login, interactiveMode: Never, installHint: get it}}}
contexts:
- {name: b, context: {cluster: c, user: beside, namespace: shop}}
- {name: a, context: {cluster: c, user: absent}}
- {name: d, context: {cluster: none, user: absent}}
`), 0o600))
	c := NewClusters([]string{path, missing}, slog.New(slog.DiscardHandler))
	if files := c.Files(); len(files) != 2 || !files[0].Exists || files[1].Exists || files[1].Path != missing {
		t.Errorf("files %+v", files)
	}
	known, err := c.Known()
	check(t, err)
	if len(known) != 3 || known[1] != (portolan.KubeContext{Name: "b", Cluster: "c", Server: "https://127.0.0.1:1", Namespace: "shop", Current: true}) || known[2].Server != "" {
		t.Errorf("contexts %+v", known)
	}
	plugins, err := c.Plugins()
	check(t, err)
	if len(plugins) != 2 {
		t.Fatalf("plugins %+v", plugins)
	}
	beside, absent := plugins[0], plugins[1]
	if absent.Command != "no-such-login" {
		beside, absent = absent, beside
	}
	if absent.Path != "" || absent.InstallHint != "get it" || strings.Join(absent.Contexts, " ") != "a d" {
		t.Errorf("the one that is absent: %+v", absent)
	}
	if os.PathSeparator == '/' && (beside.Path != program || strings.Join(beside.Contexts, " ") != "b") {
		t.Errorf("the one beside the kubeconfig: %+v", beside)
	}
}
