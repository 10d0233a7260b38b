package kube

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// offering is the way to a cluster whose only context is "here".
func offering(t *testing.T, cluster *demo.Cluster) *Clusters {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	check(t, os.WriteFile(path, cluster.Kubeconfig("here"), 0o600))
	return NewClusters([]string{path}, slog.New(slog.DiscardHandler))
}

func TestTargets(t *testing.T) {
	cluster := shop(t)
	for _, name := range []string{"shop", "another"} {
		check(t, cluster.Put("namespaces", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
	}
	check(t, cluster.Put("deployments", &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "another", Name: "web"},
		Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{
			{Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}, {ContainerPort: 53, Protocol: corev1.ProtocolUDP}}},
			{Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}},
		}}}}}))
	c := offering(t, cluster)
	pod := cluster.Names("pods", "shop")[0]
	declared := "http 8080 TCP, admin 9090 TCP"
	for _, tt := range []struct {
		query portolan.TargetQuery
		want  string // the filled list
	}{
		{portolan.TargetQuery{}, "another, shop"},
		{portolan.TargetQuery{Context: "here", Kind: portolan.Service}, "another, shop"},
		{portolan.TargetQuery{Namespace: "shop"}, "headless, none, outside, web"},
		{portolan.TargetQuery{Namespace: "shop", Kind: portolan.Deployment}, "deployment"},
		{portolan.TargetQuery{Namespace: "shop", Kind: portolan.Job}, "job"},
		{portolan.TargetQuery{Namespace: "another"}, ""},
		{portolan.TargetQuery{Namespace: "shop", Kind: portolan.Proxy}, ""},
		{portolan.TargetQuery{Namespace: "shop", Name: "web"}, "http 80 TCP, other 8080 TCP, plain 70 TCP"},
		{portolan.TargetQuery{Namespace: "another", Kind: portolan.Deployment, Name: "web"}, "http 8080 TCP,  53 UDP"},
		{portolan.TargetQuery{Namespace: "shop", Kind: portolan.Pod, Name: pod}, declared},
	} {
		got, err := c.Targets(t.Context(), tt.query)
		check(t, err)
		list := slices.Concat(got.Namespaces, got.Names)
		for _, p := range got.Ports {
			list = append(list, fmt.Sprintf("%s %d %s", p.Name, p.Number, p.Protocol))
		}
		if strings.Join(list, ", ") != tt.want || got.More {
			t.Errorf("%+v offers %q, want %q", tt.query, list, tt.want)
		}
		if data, _ := json.Marshal(got); strings.Contains(string(data), "null") {
			t.Errorf("%s", data)
		}
	}
}

// A missing right names the verb and the resource; a name that is not there, what
// there is in its place.
func TestTargetsThatCannotBeOffered(t *testing.T) {
	cluster := shop(t)
	c := offering(t, cluster)
	for _, denied := range [][2]string{{"list", "namespaces"}, {"list", "services"}, {"get", "services"}} {
		cluster.Deny(denied[0], denied[1])
	}
	for _, tt := range []struct {
		query portolan.TargetQuery
		code  string
		says  string
	}{
		{portolan.TargetQuery{}, portolan.CodeClusterDenied, "ask for a role with list namespaces"},
		{portolan.TargetQuery{}, portolan.CodeClusterDenied, "may not do this in the whole cluster"},
		{portolan.TargetQuery{Namespace: "shop"}, portolan.CodeClusterDenied, "ask for a role with list services"},
		{portolan.TargetQuery{Namespace: "shop", Name: "web"}, portolan.CodeClusterDenied, "ask for a role with get services"},
		{portolan.TargetQuery{Namespace: "shop", Kind: portolan.Job, Name: "nope"}, "target-missing", "it has: job"},
		{portolan.TargetQuery{Context: "elsewhere"}, "context-unknown", "here"},
	} {
		_, err := c.Targets(t.Context(), tt.query)
		if f := wantFault(t, err, tt.code); !strings.Contains(f.Error(), tt.says) {
			t.Errorf("%q does not say %q", f, tt.says)
		}
	}
}

// However much a cluster has, 500 names are listed; however long it takes, three
// seconds are waited for.
func TestTargetsAreBounded(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	for i := range offerMost + 3 {
		check(t, cluster.Put("namespaces", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%03d", i)}}))
	}
	c := offering(t, cluster)
	got, err := c.Targets(t.Context(), portolan.TargetQuery{})
	check(t, err)
	if len(got.Namespaces) != offerMost || !got.More || got.Namespaces[0] != "n000" {
		t.Errorf("%d namespaces, more: %v", len(got.Namespaces), got.More)
	}
	cluster.SetHook(func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	})
	start := time.Now()
	_, err = c.Targets(t.Context(), portolan.TargetQuery{})
	wantFault(t, err, portolan.CodeClusterUnreachable)
	if waited := time.Since(start); waited < offerTimeout || waited > restTimeout {
		t.Errorf("waited for %v", waited)
	}
}
