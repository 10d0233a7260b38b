package kube

import (
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// found is the pods that a target leads to, with their ports.
func found(t *testing.T, c *Cluster, tg portolan.Target) []string {
	t.Helper()
	backends, err := c.Resolve(t.Context(), tg)
	check(t, err)
	var all []string
	for _, b := range backends.Pods {
		all = append(all, b.Pod+":"+portLabel("", int32(b.Port)))
	}
	slices.Sort(all)
	return all
}

// TestNamedTargetPortDiffersBetweenPods is a rollout in which the new revision
// listens on another port under the same name.
func TestNamedTargetPortDiffersBetweenPods(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	for name, ports := range map[string][]demo.Port{
		"old":  {{Name: "http", Number: 8080}, {Name: "admin", Number: 9090}},
		"new":  {{Name: "http", Number: 80}, {Name: "admin", Number: 9090}},
		"lame": {{Name: "admin", Number: 9090}},
	} {
		check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: name, Labels: map[string]string{"app": "web"}, Ports: ports}))
	}
	check(t, cluster.AddService("shop", "web", map[string]string{"app": "web"},
		corev1.ServicePort{Name: "web", Port: 80, TargetPort: intstr.FromString("http")},
		corev1.ServicePort{Name: "grpc", Port: 90, TargetPort: intstr.FromString("grpc")}))
	for _, denied := range []bool{false, true} {
		if denied {
			cluster.Deny("list", "endpointslices")
		}
		c := connect(t, cluster, nil)
		if got := found(t, c, target(portolan.Service, "web", 80)); !slices.Equal(got, []string{"new:80", "old:8080"}) {
			t.Errorf("denied %v: found %v", denied, got)
		}
		_, err := c.Resolve(t.Context(), target(portolan.Service, "web", "grpc"))
		if f := wantFault(t, err, "port-missing"); !strings.Contains(f.Message, "grpc") {
			t.Errorf("denied %v: %v", denied, f)
		}
	}
}

// ownSlice is a slice as a person or another controller makes it.
func ownSlice(name string, family discoveryv1.AddressType, ports []discoveryv1.EndpointPort, endpoints ...discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: "web"}},
		AddressType: family, Ports: ports, Endpoints: endpoints,
	}
}

func slicePort(name string, number int32) discoveryv1.EndpointPort {
	return discoveryv1.EndpointPort{Name: &name, Port: &number}
}

// at is an endpoint of a pod. Each condition is nil for absent.
func at(pod, address string, ready, terminating *bool) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{
		Addresses: []string{address}, Conditions: discoveryv1.EndpointConditions{Ready: ready, Terminating: terminating},
		TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: pod, UID: types.UID("uid-of-" + pod)},
	}
}

func TestSlices(t *testing.T) {
	yes, no := new(bool), new(bool)
	*yes = true
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.AddService("shop", "web", nil, corev1.ServicePort{Name: "http", Port: 80}, corev1.ServicePort{Name: "admin", Port: 90}))
	ports := []discoveryv1.EndpointPort{slicePort("admin", 9090), slicePort("http", 8080)}
	for _, slice := range []*discoveryv1.EndpointSlice{
		ownSlice("v4-a", discoveryv1.AddressTypeIPv4, ports, at("both", "10.0.0.1", yes, no), at("unready", "10.0.0.2", no, no)),
		ownSlice("v4-b", discoveryv1.AddressTypeIPv4, ports, at("silent", "10.0.0.3", nil, nil), at("leaving", "10.0.0.4", no, yes)),
		ownSlice("v6", discoveryv1.AddressTypeIPv6, ports, at("both", "fd00::1", yes, no), at("six", "fd00::2", yes, nil)),
		// of a service that publishes what is not ready
		ownSlice("published", discoveryv1.AddressTypeIPv4, ports, at("published", "10.0.0.5", yes, yes)),
		// somebody else's address beside the pods
		ownSlice("outside", discoveryv1.AddressTypeIPv4, ports, discoveryv1.Endpoint{Addresses: []string{"192.0.2.1"}}),
	} {
		check(t, cluster.Put("endpointslices", slice))
	}
	c := connect(t, cluster, nil)
	for port, want := range map[any]string{"http": "both:8080 silent:8080 six:8080", 90: "both:9090 silent:9090 six:9090", 7000: "both:7000 silent:7000 six:7000"} {
		if got := strings.Join(found(t, c, target(portolan.Service, "web", port)), " "); got != want {
			t.Errorf("port %v: found %s, want %s", port, got, want)
		}
	}
}

func TestServicesWithoutPodsSaySo(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.AddService("shop", "web", nil, corev1.ServicePort{Name: "http", Port: 80}))
	check(t, cluster.Put("endpointslices", ownSlice("mine", discoveryv1.AddressTypeIPv4,
		[]discoveryv1.EndpointPort{slicePort("http", 80)}, discoveryv1.Endpoint{Addresses: []string{"192.0.2.1", "192.0.2.2"}})))
	check(t, cluster.Put("services", &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "database"},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "db.example.com"},
	}))
	c := connect(t, cluster, nil)
	for name, says := range map[string]string{
		"web":      "service web has no pods of its own: it leads to 192.0.2.1, 192.0.2.2",
		"database": "service database has no pods of its own: it is only another name for db.example.com",
	} {
		_, err := c.Resolve(t.Context(), target(portolan.Service, name, 80))
		if f := wantFault(t, err, "no-selector"); f.Message != says {
			t.Errorf("%q, want %q", f.Message, says)
		}
	}
}

// TestSlicesOfAnOperator is a service whose endpoints are pods that somebody else
// chooses, such as the leader of a database: without one it is waited for.
func TestSlicesOfAnOperator(t *testing.T) {
	no := new(bool)
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.AddService("shop", "web", nil, corev1.ServicePort{Name: "http", Port: 80}))
	check(t, cluster.Put("endpointslices", ownSlice("leader", discoveryv1.AddressTypeIPv4,
		[]discoveryv1.EndpointPort{slicePort("http", 80)}, at("db-1", "10.0.0.1", no, nil))))
	_, err := connect(t, cluster, nil).Resolve(t.Context(), target(portolan.Service, "web", 80))
	wantFault(t, err, portolan.CodeNoReadyPod)
}

// TestUnreadyAreServedWherePublished holds that pods are found as the slices of such
// a service have them, also where only the pods may be read.
func TestUnreadyAreServedWherePublished(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "early", Labels: map[string]string{"app": "web"}, Unready: true}))
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "leaving", Labels: map[string]string{"app": "web"}}))
	check(t, cluster.Terminate("shop", "leaving"))
	check(t, cluster.Put("services", &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"},
		Spec: corev1.ServiceSpec{Selector: map[string]string{"app": "web"}, PublishNotReadyAddresses: true,
			Ports: []corev1.ServicePort{{Port: 80}}},
	}))
	cluster.Deny("list", "endpointslices")
	if got := found(t, connect(t, cluster, nil), target(portolan.Service, "web", 80)); !slices.Equal(got, []string{"early:80"}) {
		t.Errorf("found %v", got)
	}
}

func TestConditionOfPods(t *testing.T) {
	waiting := func(reason, message string) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: "app", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}
	}
	crashing := waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container=app")
	crashing.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled"}
	ended := corev1.ContainerStatus{Name: "app", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 2, Reason: "Error"}}}
	cases := map[string]corev1.PodStatus{
		"in CrashLoopBackOff: container app (back-off 5m0s restarting failed container=app); it last ended with exit code 137 (OOMKilled)": {
			Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{crashing}},
		"in ImagePullBackOff: container app (Back-off pulling image \"web:2\")": {
			Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{waiting("ImagePullBackOff", "Back-off pulling image \"web:2\"")}},
		"in CreateContainerConfigError: container app (secret \"keys\" not found)": {
			Phase:                 corev1.PodPending,
			InitContainerStatuses: []corev1.ContainerStatus{waiting("CreateContainerConfigError", "secret \"keys\" not found")},
			ContainerStatuses:     []corev1.ContainerStatus{waiting("PodInitializing", "")}},
		"not on a node (Unschedulable: 0/3 nodes are available)": {
			Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes are available"}}},
		"Evicted (the node was low on memory)":                      {Phase: corev1.PodFailed, Reason: "Evicted", Message: "the node was\nlow on memory"},
		"not running: container app ended with exit code 2 (Error)": {Phase: corev1.PodFailed, ContainerStatuses: []corev1.ContainerStatus{ended}},
		"finished":  {Phase: corev1.PodSucceeded},
		"pending":   {Phase: corev1.PodPending},
		"not ready": {Phase: corev1.PodRunning},
	}
	for want, status := range cases {
		if got := condition(&corev1.Pod{Status: status}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := condition(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{Time: time.Now()}}}); got != "terminating" {
		t.Errorf("got %q", got)
	}
}

// TestConditionIsSaid holds that the word is said for each kind of target.
func TestConditionIsSaid(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.Put("pods", &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1", Labels: map[string]string{"app": "web"}},
		Status: corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{
			{Name: "app", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull"}}}}},
	}))
	check(t, cluster.AddService("shop", "web", map[string]string{"app": "web"}, corev1.ServicePort{Port: 80}))
	selector := target(portolan.Pod, "", 80)
	selector.Selector = "app=web"
	for _, denied := range []bool{false, true} {
		if denied {
			cluster.Deny("list", "endpointslices")
		}
		c := connect(t, cluster, nil)
		for _, tg := range []portolan.Target{selector, target(portolan.Service, "web", 80), target(portolan.Pod, "web-1", 80)} {
			_, err := c.Resolve(t.Context(), tg)
			if f := wantFault(t, err, portolan.CodeNoReadyPod); !strings.Contains(f.Message, "in ErrImagePull: container app") {
				t.Errorf("%s: %q", label(tg), f.Message)
			}
		}
	}
}

func TestWorkloadsThatRest(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	zero, yes := int32(0), true
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: "shop", Name: name} }
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"app": "nobody"}}
	job := func(name string, suspend *bool, conditions ...batchv1.JobCondition) *batchv1.Job {
		return &batchv1.Job{ObjectMeta: meta(name), Spec: batchv1.JobSpec{Selector: selector, Suspend: suspend}, Status: batchv1.JobStatus{Conditions: conditions}}
	}
	check(t, cluster.Put("deployments", &appsv1.Deployment{ObjectMeta: meta("web"), Spec: appsv1.DeploymentSpec{Replicas: &zero, Selector: selector}}))
	check(t, cluster.Put("statefulsets", &appsv1.StatefulSet{ObjectMeta: meta("db"), Spec: appsv1.StatefulSetSpec{Selector: selector}}))
	check(t, cluster.Put("jobs", job("idle", &yes)))
	check(t, cluster.Put("jobs", job("due", nil)))
	check(t, cluster.Put("jobs", job("done", nil, batchv1.JobCondition{Type: batchv1.JobComplete, Status: corev1.ConditionTrue})))
	check(t, cluster.Put("jobs", job("broken", nil, batchv1.JobCondition{
		Type: batchv1.JobFailed, Status: corev1.ConditionTrue, Reason: "BackoffLimitExceeded", Message: "Job has reached the specified backoff limit"})))
	c := connect(t, cluster, nil)
	for _, tc := range []struct {
		target     portolan.Target
		code, says string
	}{
		{target(portolan.Deployment, "web", 80), portolan.CodeNoReadyPod, "it is scaled to 0"},
		{target(portolan.Job, "idle", 80), portolan.CodeNoReadyPod, "it is suspended"},
		{target(portolan.Job, "due", 80), portolan.CodeNoReadyPod, "no pod matches app=nobody"},
		{target(portolan.Job, "done", 80), "job-finished", "job done has finished"},
		{target(portolan.Job, "broken", 80), "job-finished", "has failed (BackoffLimitExceeded: Job has reached"},
		// One pod of a stateful set is a pod by name, and waited for.
		{target(portolan.Pod, "db-0", 80), portolan.CodeNoReadyPod, "stateful set db has not made it yet"},
		{target(portolan.Pod, "db-1", 80), portolan.CodeNoReadyPod, "stateful set db is scaled to 1"},
		{target(portolan.Pod, "web-0", 80), "target-missing", "has no pod web-0"},
		{target(portolan.StatefulSet, "db-0", 80), "target-missing", "pod/db-0"},
	} {
		_, err := c.Resolve(t.Context(), tc.target)
		if f := wantFault(t, err, tc.code); !strings.Contains(f.Error(), tc.says) {
			t.Errorf("%s: %q does not say %q", label(tc.target), f, tc.says)
		}
	}
}

// TestOrdinalKeepsItsName holds that a pod of a stateful set is followed from one to
// the next of its name.
func TestOrdinalKeepsItsName(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.AddWorkload(demo.Workload{Kind: "StatefulSet", Namespace: "shop", Name: "db", Replicas: 2, Labels: map[string]string{"app": "db"}}))
	c := connect(t, cluster, nil)
	if got := found(t, c, target(portolan.StatefulSet, "db", 80)); !slices.Equal(got, []string{"db-0:80", "db-1:80"}) {
		t.Errorf("found %v", got)
	}
	first, err := c.Resolve(t.Context(), target(portolan.Pod, "db-1", 80))
	check(t, err)
	cluster.Delete("pods", "shop", "db-1")
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		next, err := c.Resolve(t.Context(), target(portolan.Pod, "db-1", 80))
		if err == nil && next.Pods[0].UID != first.Pods[0].UID {
			break
		}
		if err != nil {
			wantFault(t, err, portolan.CodeNoReadyPod)
		}
		if time.Now().After(end) {
			t.Fatal("it was not replaced")
		}
	}
}

func TestNewest(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	for i, name := range []string{"b", "c", "a"} {
		created := metav1.NewTime(time.Now().Add(time.Duration(i-10) * time.Minute))
		check(t, cluster.Put("pods", &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{"app": "web"}, CreationTimestamp: created},
			Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "10.0.0.1", Conditions: []corev1.PodCondition{
				{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
		}))
	}
	check(t, cluster.AddService("shop", "web", map[string]string{"app": "web"}, corev1.ServicePort{Port: 80}))
	c := connect(t, cluster, nil)
	order := func() string {
		t.Helper()
		all, err := c.Newest(t.Context(), target(portolan.Service, "web", 80))
		check(t, err)
		var names []string
		for _, b := range all.Pods {
			names = append(names, b.Pod)
		}
		return strings.Join(names, " ") + all.Notice
	}
	if got := order(); got != "a c b" {
		t.Errorf("newest first is %s", got)
	}
	cluster.Deny("list", "pods")
	if got := order(); !strings.Contains(got, "takes the right to list pods") {
		t.Errorf("without the right it is %s", got)
	}
}
