package kube

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// watching watches a target until the test ends, or stop is called. Each change is a
// value of changed, at most one of which waits; the end is one of ended.
func watching(t *testing.T, c *Cluster, tg portolan.Target) (changed chan struct{}, ended chan error, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended = make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- c.Watch(ctx, tg, func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
	}()
	t.Cleanup(cancel)
	return changed, ended, cancel
}

func soon[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

// settled takes what has been told by now.
func settled(changed <-chan struct{}) {
	for {
		select {
		case <-changed:
		case <-time.After(100 * time.Millisecond):
			return
		}
	}
}

// TestWatchTellsOfEveryChange holds that whatever changes the answer of Resolve is
// told, for each kind of target and on each rung of rights.
func TestWatchTellsOfEveryChange(t *testing.T) {
	for _, denied := range []string{"", "watch endpointslices"} {
		cluster := shop(t)
		if verb, resource, ok := strings.Cut(denied, " "); ok {
			cluster.Deny(verb, resource)
		}
		c := connect(t, cluster, nil)
		pod := func(t *testing.T, tg portolan.Target) string {
			t.Helper()
			found, err := c.Resolve(t.Context(), tg)
			check(t, err)
			return found.Pods[0].Pod
		}
		selector := target(portolan.Pod, "", 8080)
		selector.Selector = "app=job"
		for _, tg := range []portolan.Target{
			target(portolan.Service, "web", 80), target(portolan.Deployment, "deployment", 8080), target(portolan.DaemonSet, "daemonset", 8080),
			selector, target(portolan.Pod, "statefulset-0", 8080),
		} {
			t.Run(label(tg)+" "+denied, func(t *testing.T) {
				changed, ended, stop := watching(t, c, tg)
				soon(t, "the beginning", changed)
				settled(changed)
				name := pod(t, tg)
				check(t, cluster.SetReady("shop", name, false))
				soon(t, "the change of readiness", changed)
				settled(changed)
				check(t, cluster.SetReady("shop", name, true))
				soon(t, "the change back", changed)
				settled(changed)
				check(t, cluster.Terminate("shop", name))
				soon(t, "the beginning of the end", changed)
				settled(changed)
				cluster.Delete("pods", "shop", name)
				if tg.Kind != portolan.Service { // whose endpoints without it are the same
					soon(t, "the end of the pod", changed)
				}
				stop()
				if err := soon(t, "the end of the watch", ended); !errors.Is(err, context.Canceled) {
					t.Errorf("it ended with %v", err)
				}
			})
		}
	}
}

// TestWatchEndsWithAReason holds that the caller gets to begin anew where the server
// or the line ends a watch.
func TestWatchEndsWithAReason(t *testing.T) {
	cluster := shop(t)
	c := connect(t, cluster, nil)
	changed, ended, _ := watching(t, c, target(portolan.Service, "web", 80))
	soon(t, "the beginning", changed)
	cluster.Expire()
	if err := soon(t, "the end", ended); err == nil {
		t.Error("it ended without a reason")
	}
	cluster.SetToken("another")
	_, ended, _ = watching(t, c, target(portolan.Service, "web", 80))
	wantFault(t, soon(t, "the end", ended), portolan.CodeClusterSignIn)
	before := cluster.Counts().Requests["watch endpointslices"]
	_, ended, _ = watching(t, c, target(portolan.Service, "web", 80))
	wantFault(t, soon(t, "the end", ended), portolan.CodeClusterSignIn)
	if after := cluster.Counts().Requests["watch endpointslices"]; after != before {
		t.Error("it asked again after a failed login")
	}
}

// TestWatchAsksForLittle holds that objects do not travel whole, and that no server
// has to find out first what is the most recent.
func TestWatchAsksForLittle(t *testing.T) {
	cluster := shop(t)
	asked := make(chan *http.Request, 1)
	cluster.SetHook(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("watch") == "true" {
			asked <- r
		}
		return false
	})
	changed, _, _ := watching(t, connect(t, cluster, nil), target(portolan.Service, "web", 80))
	soon(t, "the beginning", changed)
	r := soon(t, "the request", asked)
	if got := r.Header.Get("Accept"); !strings.HasPrefix(got, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,") {
		t.Errorf("it accepts %s", got)
	}
	if got := r.URL.Query().Get("resourceVersion"); got != "0" {
		t.Errorf("it asks for the version %q", got)
	}
}

// TestLadderOfRights takes rights away one by one: each step falls to the next way,
// remembers it, and the last says what is missing.
func TestLadderOfRights(t *testing.T) {
	cluster := shop(t)
	c := connect(t, cluster, nil)
	tg := target(portolan.Service, "web", 80)
	requests := func(what string) int { return cluster.Counts().Requests[what] }
	resolves := func() {
		t.Helper()
		if _, err := c.Resolve(t.Context(), tg); err != nil {
			t.Fatal(err)
		}
	}
	watchEnds := func() {
		t.Helper()
		_, ended, _ := watching(t, c, tg)
		wantFault(t, soon(t, "the end", ended), portolan.CodeClusterDenied)
	}

	cluster.Deny("watch", "endpointslices")
	changed, _, stop := watching(t, c, tg)
	soon(t, "the beginning by pods", changed)
	stop()
	if requests("watch pods") != 1 {
		t.Error("the pods are not watched in place of the slices")
	}

	cluster.Deny("watch", "pods")
	watchEnds()
	asked := requests("watch pods") + requests("watch endpointslices")
	watchEnds()
	if again := requests("watch pods") + requests("watch endpointslices"); again != asked {
		t.Errorf("%d requests for watches that are known to be denied", again-asked)
	}
	resolves()

	cluster.Deny("list", "endpointslices")
	resolves()
	asked = requests("list endpointslices")
	resolves()
	if again := requests("list endpointslices"); again != asked {
		t.Error("it asked again for slices that it may not list")
	}

	cluster.Deny("list", "pods")
	_, err := c.Resolve(t.Context(), tg)
	wantFault(t, err, portolan.CodeClusterDenied)
	cluster.Allow("list", "endpointslices")
	resolves() // nobody is kept out by what was denied before
	cluster.Allow("watch", "endpointslices")
	watchEnds()
	c.Retry() // a click
	resolves()
	changed, _, _ = watching(t, c, tg)
	soon(t, "the beginning", changed)
	if requests("list namespaces") != 0 {
		t.Error("it listed namespaces")
	}
}

// TestPodNeedsOneRight is the last rung: a pod by name, with get on pods alone.
func TestPodNeedsOneRight(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "web-1"}))
	for _, right := range []string{"list pods", "watch pods", "get services", "list endpointslices", "get statefulsets"} {
		verb, resource, _ := strings.Cut(right, " ")
		cluster.Deny(verb, resource)
	}
	c := connect(t, cluster, nil)
	if got := found(t, c, target(portolan.Pod, "web-1", 80)); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	_, err := c.Resolve(t.Context(), target(portolan.Pod, "web-2", 80))
	wantFault(t, err, "target-missing")
	cluster.Deny("get", "pods")
	_, err = c.Resolve(t.Context(), target(portolan.Pod, "web-1", 80))
	if f := wantFault(t, err, portolan.CodeClusterDenied); !strings.Contains(f.Hint, "get on pods") {
		t.Errorf("the hint is %q", f.Hint)
	}
}
