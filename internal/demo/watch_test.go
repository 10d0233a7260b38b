package demo_test

import (
	"context"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"

	"github.com/portolan-app/portolan/internal/demo"
)

// eventually polls until ok, for what other goroutines bring about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s did not come about", what)
}

func webPod(name string) demo.Pod {
	return demo.Pod{
		Namespace: "shop", Name: name, Labels: map[string]string{"app": "web"},
		Ports: []demo.Port{{Name: "http", Number: 8080, Backend: demo.Echo}},
	}
}

func TestInformerFollowsAndSurvivesExpiry(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{Bookmarks: 20 * time.Millisecond})
	check(t, cluster.AddPod(webPod("web-1")))

	ctx, cancel := context.WithCancel(t.Context())
	factory := informers.NewSharedInformerFactory(clientset(t, cluster), 0)
	lister := factory.Core().V1().Pods().Lister()
	factory.Core().V1().Pods().Informer()
	factory.Start(ctx.Done())
	t.Cleanup(func() { cancel(); factory.Shutdown() })
	if err := factory.WaitForCacheSyncWithContext(ctx).AsError(); err != nil {
		t.Fatal(err)
	}
	seen := func(name string) func() bool {
		return func() bool { _, err := lister.Pods("shop").Get(name); return err == nil }
	}
	eventually(t, "web-1", seen("web-1"))

	check(t, cluster.AddPod(webPod("web-2")))
	eventually(t, "web-2", seen("web-2"))
	cluster.Delete("pods", "shop", "web-1")
	eventually(t, "the end of web-1", func() bool { return !seen("web-1")() })

	cluster.Expire()
	check(t, cluster.AddPod(webPod("web-3")))
	eventually(t, "web-3 after the expiry", seen("web-3"))
}

func TestWatch(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{Bookmarks: 10 * time.Millisecond})
	check(t, cluster.AddPod(webPod("web-1")))
	pods := clientset(t, cluster).CoreV1().Pods("shop")
	list, err := pods.List(t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
	check(t, err)
	if len(list.Items) != 1 || list.Items[0].Kind != "" && list.Items[0].Name != "web-1" {
		t.Fatalf("listed %+v", list.Items)
	}
	w, err := pods.Watch(t.Context(), metav1.ListOptions{
		LabelSelector: "app=web", ResourceVersion: list.ResourceVersion, AllowWatchBookmarks: true,
	})
	check(t, err)
	defer w.Stop()
	next := func(want watch.EventType, name string) {
		t.Helper()
		for e := range w.ResultChan() {
			if e.Type == watch.Bookmark && want != watch.Bookmark {
				continue
			}
			pod, _ := e.Object.(*corev1.Pod)
			if e.Type != want || pod != nil && pod.Name != name {
				t.Fatalf("got %s %v, want %s %s", e.Type, e.Object, want, name)
			}
			return
		}
		t.Fatalf("the watch ended before %s %s", want, name)
	}
	next(watch.Bookmark, "")
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "other"}))
	check(t, cluster.SetReady("shop", "web-1", false))
	next(watch.Modified, "web-1")
	check(t, cluster.Put("pods", &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1"}}))
	next(watch.Deleted, "web-1") // it no longer matches
	cluster.Expire()
	next(watch.Error, "")

	late, err := pods.Watch(t.Context(), metav1.ListOptions{ResourceVersion: list.ResourceVersion})
	check(t, err)
	defer late.Stop()
	e := <-late.ResultChan()
	if err := apierrors.FromObject(e.Object); e.Type != watch.Error || !apierrors.IsResourceExpired(err) {
		t.Errorf("a watch from before the expiry got %s %v", e.Type, e.Object)
	}
}

// slice is the only EndpointSlice of a service.
func slice(t *testing.T, client kubernetes.Interface, service string) discoveryv1.EndpointSlice {
	t.Helper()
	list, err := client.DiscoveryV1().EndpointSlices("shop").List(t.Context(),
		metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + service})
	check(t, err)
	if len(list.Items) != 1 {
		t.Fatalf("service %s has %d slices", service, len(list.Items))
	}
	return list.Items[0]
}

func TestEndpointSlicesFollowPods(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	client := clientset(t, cluster)
	check(t, cluster.AddService("shop", "web", map[string]string{"app": "web"},
		corev1.ServicePort{Name: "web", Port: 80, TargetPort: intstr.FromString("http")},
		corev1.ServicePort{Name: "plain", Port: 81}))
	check(t, cluster.AddPod(webPod("web-1")))
	check(t, cluster.AddPod(webPod("web-2")))

	states := func() map[string][3]bool {
		found := map[string][3]bool{}
		for _, e := range slice(t, client, "web").Endpoints {
			found[e.TargetRef.Name] = [3]bool{*e.Conditions.Ready, *e.Conditions.Serving, *e.Conditions.Terminating}
		}
		return found
	}
	check(t, cluster.Terminate("shop", "web-1"))
	check(t, cluster.SetReady("shop", "web-2", false))
	got := states()
	if got["web-1"] != [3]bool{false, true, true} || got["web-2"] != [3]bool{false, false, false} {
		t.Errorf("ready, serving, terminating are %v", got)
	}
	var ports []int32
	for _, p := range slice(t, client, "web").Ports {
		ports = append(ports, *p.Port)
	}
	if !slices.Equal(ports, []int32{8080, 81}) {
		t.Errorf("target ports are %v", ports)
	}
	cluster.Delete("pods", "shop", "web-1")
	if got := states(); len(got) != 1 {
		t.Errorf("after the deletion: %v", got)
	}
	cluster.Delete("services", "shop", "web")
	if names := cluster.Names("endpointslices", "shop"); len(names) != 0 {
		t.Errorf("slices without a service: %v", names)
	}
}

func TestWorkloadsReplaceLostPods(t *testing.T) {
	for kind, plural := range map[string]string{
		"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets", "ReplicaSet": "replicasets", "Job": "jobs",
	} {
		t.Run(kind, func(t *testing.T) {
			cluster := startCluster(t, demo.ClusterConfig{})
			check(t, cluster.AddWorkload(demo.Workload{
				Kind: kind, Namespace: "shop", Name: "web", Labels: map[string]string{"app": "web"}, Replicas: 2, After: 10 * time.Millisecond,
			}))
			if names := cluster.Names(plural, "shop"); !slices.ContainsFunc(names, func(n string) bool { return n[:3] == "web" }) {
				t.Errorf("%s are %v", plural, names)
			}
			pods := clientset(t, cluster).CoreV1().Pods("shop")
			before, err := pods.List(t.Context(), metav1.ListOptions{})
			check(t, err)
			lost := before.Items[0]
			cluster.Delete("pods", "shop", lost.Name)
			eventually(t, "the replacement", func() bool { return len(cluster.Names("pods", "shop")) == 2 })
			_, err = pods.Get(t.Context(), lost.Name, metav1.GetOptions{})
			if same := err == nil; same != (kind == "StatefulSet") {
				t.Errorf("the name %s is back: %t", lost.Name, same)
			}
			after, err := pods.List(t.Context(), metav1.ListOptions{})
			check(t, err)
			for _, pod := range after.Items {
				if pod.UID == lost.UID || pod.Status.PodIP == lost.Status.PodIP {
					t.Errorf("%s has the UID or the address of the pod that it replaces", pod.Name)
				}
			}
			cluster.Delete(plural, "shop", "web")
			if left := append(cluster.Names("pods", "shop"), cluster.Names("replicasets", "shop")...); len(left) > 0 {
				t.Errorf("the end of the workload leaves %v", left)
			}
		})
	}
}

func TestScale(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.AddWorkload(demo.Workload{Kind: "StatefulSet", Namespace: "shop", Name: "db", Labels: map[string]string{"app": "db"}, Replicas: 1}))
	for _, replicas := range []int{3, 1, 0, 2} {
		check(t, cluster.Scale("StatefulSet", "shop", "db", replicas))
		eventually(t, "as many pods", func() bool { return len(cluster.Names("pods", "shop")) == replicas })
		set, err := clientset(t, cluster).AppsV1().StatefulSets("shop").Get(t.Context(), "db", metav1.GetOptions{})
		if err != nil || *set.Spec.Replicas != int32(replicas) {
			t.Errorf("the object says %v (%v), want %d", set.Spec.Replicas, err, replicas)
		}
	}
	if names := cluster.Names("pods", "shop"); !slices.Equal(names, []string{"db-0", "db-1"}) {
		t.Errorf("the pods are %v", names)
	}
	if err := cluster.Scale("StatefulSet", "shop", "web", 1); err == nil {
		t.Error("a workload that is not there was scaled")
	}
}

func TestAccess(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	client := clientset(t, cluster)
	list := func() error {
		_, err := client.CoreV1().Pods("shop").List(t.Context(), metav1.ListOptions{})
		return err
	}
	check(t, list())
	cluster.Deny("list", "pods")
	want := `pods is forbidden: User "demo" cannot list resource "pods" in API group "" in the namespace "shop"`
	if err := list(); !apierrors.IsForbidden(err) || err.Error() != want {
		t.Errorf("a denied list says %v", err)
	}
	if _, err := client.CoreV1().Pods("shop").Get(t.Context(), "none", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("a pod that is not there: %v", err)
	}
	cluster.Allow("list", "pods")
	check(t, list())
	cluster.SetToken("another")
	if err := list(); !apierrors.IsUnauthorized(err) {
		t.Errorf("the old token says %v", err)
	}
	if n := cluster.Counts().Requests["list pods"]; n != 3 {
		t.Errorf("%d lists were counted, want 3", n)
	}
}

func TestPutRefuses(t *testing.T) {
	cluster := demo.NewCluster(demo.ClusterConfig{})
	for name, err := range map[string]error{
		"an unknown resource":   cluster.Put("secrets", &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "b"}}),
		"no name":               cluster.Put("pods", &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "a"}}),
		"no namespace":          cluster.Put("pods", &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a"}}),
		"a namespace too many":  cluster.Put("namespaces", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "b"}}),
		"an unknown workload":   cluster.AddWorkload(demo.Workload{Kind: "CronJob", Namespace: "a", Name: "b"}),
		"readiness of no pod":   cluster.SetReady("a", "b", true),
		"termination of no pod": cluster.Terminate("a", "b"),
	} {
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if cluster.Delete("pods", "a", "b") {
		t.Error("a pod that is not there was deleted")
	}
}
