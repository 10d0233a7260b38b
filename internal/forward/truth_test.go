package forward_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// outside reads the names of the pods of a namespace that are ready and stay, from
// the API server and with no help of the engine.
func outside(t *testing.T, cluster *demo.Cluster, namespace string) func() []string {
	t.Helper()
	config, err := clientcmd.RESTConfigFromKubeConfig(cluster.Kubeconfig("outside"))
	check(t, err)
	client, err := rest.HTTPClientFor(config)
	check(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return func() (ready []string) {
		t.Helper()
		resp, err := client.Get(config.Host + "/api/v1/namespaces/" + namespace + "/pods")
		check(t, err)
		defer resp.Body.Close()
		var list corev1.PodList
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("the pods cannot be read: %s", resp.Status)
		}
		check(t, json.NewDecoder(resp.Body).Decode(&list))
		for _, pod := range list.Items {
			if pod.DeletionTimestamp == nil && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
				return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
			}) {
				ready = append(ready, pod.Name)
			}
		}
		return ready
	}
}

// lie is what a status says that is not so, or "".
func lie(s portolan.Status, ready []string) string {
	switch {
	case len(ready) == 0 && s.Phase != portolan.Waiting:
		return "no pod is ready"
	case len(ready) == 0:
		return ""
	case s.Phase == portolan.Ready && slices.Contains(ready, strings.TrimPrefix(s.Pod, "shop/")) && s.Fault == nil:
		return ""
	case s.Phase == portolan.Listening && s.Fault == nil:
		return ""
	}
	return fmt.Sprintf("%v are ready", ready)
}

// greeted is the pod that answers a new connection.
func (b *bed) greeted(id portolan.ID) string {
	b.t.Helper()
	line, err := bufio.NewReader(b.dial(id)).ReadString('\n')
	check(b.t, err)
	name, _, _ := strings.Cut(strings.TrimPrefix(line, "220 "), ".")
	return name
}

// TestStatusTellsTheTruth changes pods at random and compares the status of each
// forward with the list of pods, and the pod that answers with both. The bound is less
// than the time after which a target in use is looked at anyway.
func TestStatusTellsTheTruth(t *testing.T) {
	const bound = 3 * time.Second
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) { c.Pods = portolan.PodRoundRobin })
	labels := map[string]string{"app": "web"}
	check(t, b.cluster.AddService("shop", "web", labels, corev1.ServicePort{Name: "http", Port: 80}))
	ready := outside(t, b.cluster, "shop")
	add := func(name string, unready bool) {
		check(t, b.cluster.AddPod(demo.Pod{Namespace: "shop", Name: name, Labels: labels, Unready: unready,
			Ports: []demo.Port{{Number: 80, Backend: demo.Greeter}}}))
	}
	names := []string{"web-a", "web-b", "web-c"}
	add(names[0], false)
	service := spec("service", portolan.Service, "web", portolan.Port{Number: 80})
	selector := spec("selector", portolan.Pod, "", portolan.Port{Number: 80})
	selector.Target.Selector = "app=web"
	b.engine.Apply([]forward.Spec{service, selector})
	ids := []portolan.ID{service.ID, selector.ID}
	for _, id := range ids {
		b.greeted(id) // from now on it is in use
	}
	seed := rand.Uint64()
	draw := rand.New(rand.NewPCG(seed, 0))
	var late []time.Duration
	for step := range 60 {
		name := names[draw.IntN(len(names))]
		did := "nothing"
		switch draw.IntN(6) {
		case 0, 1:
			did = "added " + name
			add(name, draw.IntN(4) == 0)
		case 2:
			if b.cluster.SetReady("shop", name, draw.IntN(2) == 0) == nil {
				did = "changed the readiness of " + name
			}
		case 3:
			if b.cluster.Terminate("shop", name) == nil {
				did = "began to end " + name
			}
		case 4:
			if b.cluster.Delete("pods", "shop", name) {
				did = "deleted " + name
			}
		case 5:
			did = "emptied the namespace"
			for _, name := range names {
				b.cluster.Delete("pods", "shop", name)
			}
		}
		now, began := ready(), time.Now()
		for _, id := range ids {
			for {
				s := b.engine.Status(id)
				said := lie(s, now)
				if said == "" {
					break
				}
				if time.Since(began) > bound {
					t.Fatalf("seed %d, step %d, %s: %s, and %v later %s is %s of pod %q, fault %v", seed, step, did, said, bound, id, s.Phase, s.Pod, s.Fault)
				}
				time.Sleep(time.Millisecond)
			}
			late = append(late, time.Since(began))
			if len(now) > 0 && draw.IntN(3) == 0 {
				got := b.greeted(id)
				for !slices.Contains(now, got) && time.Since(began) < bound {
					got = b.greeted(id) // one that is ending serves until the change is seen
				}
				if !slices.Contains(now, got) {
					t.Errorf("seed %d, step %d, %s: %s answers, and ready are %v", seed, step, did, got, now)
				}
			}
		}
	}
	slices.Sort(late)
	t.Logf("true after %v (median), %v (at most)", late[len(late)/2], late[len(late)-1])
}

// TestPodsInTurn holds that a choice counts for the next connection, and that no
// choice leads to a pod that is not ready.
func TestPodsInTurn(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	labels := map[string]string{"app": "web"}
	check(t, b.cluster.AddService("shop", "web", labels, corev1.ServicePort{Port: 80}))
	for _, name := range []string{"web-a", "web-b", "web-c"} {
		check(t, b.cluster.AddPod(demo.Pod{Namespace: "shop", Name: name, Labels: labels, Ports: []demo.Port{{Number: 80, Backend: demo.Greeter}}}))
	}
	b.engine.Apply([]forward.Spec{spec("web", portolan.Service, "web", portolan.Port{Number: 80})})
	answers := func() map[string]int {
		counts := map[string]int{}
		for range 6 {
			counts[b.greeted("web")]++
		}
		return counts
	}
	if got := answers(); len(got) != 1 {
		t.Errorf("sticky, and %v answer", got)
	}
	b.engine.ChoosePods(portolan.PodRoundRobin)
	if got := answers(); len(got) != 3 || got["web-a"] != 2 || got["web-b"] != 2 {
		t.Errorf("each in turn, and %v answer", got)
	}
	check(t, b.cluster.SetReady("shop", "web-b", false))
	for end := time.Now().Add(patience); ; {
		got := answers()
		if len(got) == 2 && got["web-a"] == 3 && got["web-c"] == 3 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("web-b is not ready, and %v answer", got)
		}
	}
}

// TestIdleForwardsWatchNothing holds what 300 forwards cost the cluster that nobody
// uses, and what one does that is used.
func TestIdleForwardsWatchNothing(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	var specs []forward.Spec
	for i := range 300 {
		specs = append(specs, spec(fmt.Sprint("echo", i), portolan.Service, "echo", portolan.Port{Number: 70}))
	}
	b.engine.Apply(specs)
	for _, s := range specs {
		b.inPhase(s.ID, portolan.Listening)
	}
	watches := func() int {
		requests := b.cluster.Counts().Requests
		return requests["watch endpointslices"] + requests["watch pods"]
	}
	check(t, b.engine.Probe(t.Context(), "echo7")) // a click
	if n := watches(); n != 0 {
		t.Errorf("%d watches of forwards that nobody uses", n)
	}
	for range 3 {
		echo(t, b.dial("echo7"), "used")
	}
	for end := time.Now().Add(patience); watches() == 0 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
	}
	time.Sleep(100 * time.Millisecond)
	if n := watches(); n != 1 {
		t.Errorf("%d watches of one forward in use", n)
	}
}

// TestRolloutUnderLoad replaces the only pod again and again under clients that never
// stop connecting: the port never refuses one, and once the next pod is ready, an
// answer comes within a second.
func TestRolloutUnderLoad(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	labels := map[string]string{"app": "web"}
	check(t, b.cluster.AddWorkload(demo.Workload{
		Namespace: "shop", Name: "web", Replicas: 1, Labels: labels, After: 300 * time.Millisecond,
		Ports: []demo.Port{{Number: 80, Backend: demo.Greeter}},
	}))
	check(t, b.cluster.AddService("shop", "web", labels, corev1.ServicePort{Port: 80}))
	b.engine.Apply([]forward.Spec{spec("web", portolan.Service, "web", portolan.Port{Number: 80})})
	address, ready := b.address("web"), outside(t, b.cluster, "shop")
	var answering atomic.Value // the pod that answered last
	answering.Store("")
	unload := load(t, address, func(conn net.Conn) {
		if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
			answering.Store(strings.TrimPrefix(line, "220 "))
		}
	})
	var took []time.Duration
	for range 5 {
		old := ready()[0]
		b.cluster.Delete("pods", "shop", old)
		var next []string
		for next = ready(); len(next) == 0; next = ready() {
			time.Sleep(time.Millisecond)
		}
		began := time.Now()
		for !strings.HasPrefix(answering.Load().(string), next[0]+".") {
			if time.Since(began) > patience {
				t.Fatalf("%s does not answer: %+v", next[0], b.engine.Status("web"))
			}
			time.Sleep(time.Millisecond)
		}
		took = append(took, time.Since(began))
	}
	unload()
	slices.Sort(took)
	t.Logf("answers %v after a pod is ready (median), %v at most", took[len(took)/2], took[len(took)-1])
	if most := took[len(took)-1]; most > time.Second {
		t.Errorf("an answer came %v after a pod was ready", most)
	}
}
