package kube

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// shop has a workload of each kind, and services with every reading of a port.
func shop(t *testing.T) *demo.Cluster {
	t.Helper()
	cluster := startCluster(t, demo.ClusterConfig{})
	for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"} {
		name := strings.ToLower(kind)
		check(t, cluster.AddWorkload(demo.Workload{
			Kind: kind, Namespace: "shop", Name: name, Replicas: 1, Labels: map[string]string{"app": name},
			Ports: []demo.Port{{Name: "http", Number: 8080}, {Name: "admin", Number: 9090}},
		}))
	}
	port := func(name string, number int32, target intstr.IntOrString) corev1.ServicePort {
		return corev1.ServicePort{Name: name, Port: number, TargetPort: target}
	}
	check(t, cluster.AddService("shop", "web", map[string]string{"app": "deployment"},
		port("http", 80, intstr.FromString("http")), port("other", 8080, intstr.FromInt32(9090)), port("plain", 70, intstr.FromInt32(8080))))
	check(t, cluster.AddService("shop", "none", map[string]string{"app": "nobody"}, port("http", 80, intstr.FromInt32(80))))
	check(t, cluster.AddService("shop", "outside", nil, port("http", 80, intstr.FromInt32(80))))
	check(t, cluster.Put("services", &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "headless"},
		Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone, Selector: map[string]string{"app": "statefulset"},
			Ports: []corev1.ServicePort{port("http", 80, intstr.FromInt32(8080))},
		},
	}))
	return cluster
}

func target(kind portolan.WorkloadType, name string, port any) portolan.Target {
	t := portolan.Target{Namespace: "shop", Kind: kind, Name: name}
	switch p := port.(type) {
	case int:
		t.Port.Number = p
	case string:
		t.Port.Name = p
	}
	return t
}

func TestResolve(t *testing.T) {
	cluster := shop(t)
	selector := target(portolan.Pod, "", "admin")
	selector.Selector = "app in (job)"
	cases := []struct {
		target portolan.Target
		port   int
		notice string // part of it
	}{
		{target(portolan.Service, "web", "http"), 8080, ""},
		{target(portolan.Service, "web", 80), 8080, ""},
		{target(portolan.Service, "web", 70), 8080, ""},
		{target(portolan.Service, "web", 8080), 9090, "8080 is read as port other (8080) of service web"},
		{target(portolan.Service, "web", 9090), 9090, "service web has no port 9090"},
		{target(portolan.Service, "web", 5005), 5005, "used as the container's port"},
		{target(portolan.Service, "headless", 80), 80, ""},
		{target(portolan.Deployment, "deployment", "http"), 8080, ""},
		{target(portolan.Deployment, "deployment", 5005), 5005, ""},
		{target(portolan.StatefulSet, "statefulset", "admin"), 9090, ""},
		{target(portolan.DaemonSet, "daemonset", "http"), 8080, ""},
		{target(portolan.ReplicaSet, "replicaset", "http"), 8080, ""},
		{target(portolan.Job, "job", "http"), 8080, ""},
		{selector, 9090, ""},
	}
	// The same answers without EndpointSlices, from the services' selectors.
	for _, denied := range []bool{false, true} {
		if denied {
			cluster.Deny("list", "endpointslices")
		}
		c := connect(t, cluster, nil)
		for _, tc := range cases {
			t.Run(fmt.Sprintf("%s/%s/denied=%v", label(tc.target), tc.target.Port, denied), func(t *testing.T) {
				found, err := c.Resolve(t.Context(), tc.target)
				check(t, err)
				if len(found.Pods) != 1 || found.Pods[0].Port != tc.port || found.Pods[0].UID == "" {
					t.Errorf("found %+v, want port %d of one pod", found.Pods, tc.port)
				}
				if !strings.Contains(found.Notice, tc.notice) || tc.notice == "" && found.Notice != "" {
					t.Errorf("the notice is %q, want %q", found.Notice, tc.notice)
				}
			})
		}
	}
}

func TestResolveSaysWhatIsMissing(t *testing.T) {
	cluster := shop(t)
	c := connect(t, cluster, nil)
	cases := []struct {
		target portolan.Target
		code   string
		says   string
	}{
		{target(portolan.Service, "api", 80), "target-missing", "it has: headless, none, outside, web"},
		{target(portolan.Deployment, "api", 80), "target-missing", "it has: deployment"},
		{target(portolan.Job, "api", 80), "target-missing", "it has: job"},
		{target(portolan.Service, "web", "grpc"), "port-missing", "service web has no port grpc; it has: http (80), other (8080), plain (70)"},
		{target(portolan.Deployment, "deployment", "grpc"), "port-missing", "http (8080), admin (9090)"},
		{target(portolan.Service, "none", 80), portolan.CodeNoReadyPod, "service none has no ready pod"},
		{target(portolan.Service, "outside", 80), "no-selector", "it has no selector"},
		{target(portolan.Proxy, "x", 80), "kind-unsupported", "proxy"},
	}
	for _, tc := range cases {
		_, err := c.Resolve(t.Context(), tc.target)
		if f := wantFault(t, err, tc.code); !strings.Contains(f.Error(), tc.says) {
			t.Errorf("%q does not say %q", f, tc.says)
		}
	}
}

func TestUnreadyAndTerminatingPodsAreLeftOut(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	for _, name := range []string{"good", "unready", "ending"} {
		check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: name, Labels: map[string]string{"app": "web"}, Ports: []demo.Port{{Number: 80}}}))
	}
	check(t, cluster.SetReady("shop", "unready", false))
	check(t, cluster.Terminate("shop", "ending"))
	check(t, cluster.AddService("shop", "web", map[string]string{"app": "web"}, corev1.ServicePort{Port: 80}))
	c := connect(t, cluster, nil)
	selector := target(portolan.Pod, "", 80)
	selector.Selector = "app=web"
	for _, tg := range []portolan.Target{selector, target(portolan.Service, "web", 80)} {
		found, err := c.Resolve(t.Context(), tg)
		check(t, err)
		if len(found.Pods) != 1 || found.Pods[0].Pod != "good" {
			t.Errorf("%s: found %+v", label(tg), found.Pods)
		}
	}
	// kubectl forwards to a pod by name that runs and is not ready.
	found, err := c.Resolve(t.Context(), target(portolan.Pod, "unready", 80))
	if err != nil || found.Notice != "pod unready is not ready" {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestMissingRightsAreNamed(t *testing.T) {
	cluster := shop(t)
	cluster.Deny("list", "endpointslices")
	cluster.Deny("list", "pods")
	c := connect(t, cluster, nil)
	_, err := c.Resolve(t.Context(), target(portolan.Service, "web", 80))
	f := wantFault(t, err, portolan.CodeClusterDenied)
	if want := "list on endpointslices.discovery.k8s.io, or list on pods"; !strings.Contains(f.Hint, want) {
		t.Errorf("the hint is %q", f.Hint)
	}
	selector := target(portolan.Pod, "", 80)
	selector.Selector = "app=web"
	for want, tg := range map[string]portolan.Target{
		"list on pods": selector,
		"get on deployments.apps, and list on pods": target(portolan.Deployment, "deployment", 80),
	} {
		_, err := c.Resolve(t.Context(), tg)
		if f := wantFault(t, err, portolan.CodeClusterDenied); f.Hint != "ask for a role with "+want+" (`portolan doctor` writes the Role)" {
			t.Errorf("%s: the hint is %q", label(tg), f.Hint)
		}
	}
}
