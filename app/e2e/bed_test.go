package e2e_test

import (
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/portolan-app/portolan/internal/portolan"
)

// What the workload of the suite serves, under these names of container and
// service ports; the service's port of http is 80.
const (
	echoPort   = 7000 // sends back what it gets
	sourcePort = 7001 // reads a big-endian uint64, sends that many bytes and closes
	closedPort = 7009 // a service port behind which nobody listens
	httpPort   = 8080 // says "hello from POD"
)

// A bed is a cluster, and a place in it that belongs to one test.
type bed interface {
	// kubeconfig is a file with one context, which reaches the cluster with every
	// right that the test needs.
	kubeconfig() string
	context() string
	namespace() string

	// deploy puts a workload whose pods have the label app=NAME and the ports above,
	// and waits until they are ready. A service of its name is before it.
	deploy(t *testing.T, kind portolan.WorkloadType, name string, replicas int)
	// deploySteered puts a deployment of one pod, with a service. Its pods are ready
	// when the test says so, and serve on for twenty seconds once they are killed.
	deploySteered(t *testing.T, name string)
	setReady(t *testing.T, pod string, ready bool)
	// service puts another service before a workload. It has no ports of its own
	// where it is headless: its port is then the pods'.
	service(t *testing.T, name, workload string, headless bool)
	scale(t *testing.T, kind portolan.WorkloadType, name string, replicas int)
	// roll replaces the pods of a deployment, as after a new image, and waits.
	roll(t *testing.T, name string)
	// pods are the pods of a workload that run and are not about to go, by name.
	pods(t *testing.T, workload string) []pod
	// kill deletes a pod, with the grace period that it has.
	kill(t *testing.T, pod string)

	// restricted is a kubeconfig whose user may do only this in the namespace.
	restricted(t *testing.T, rights []right) string
}

// A pod is one of a workload's; one that has taken another's place under its name
// has another UID.
type pod struct {
	name, uid string
	ready     bool
}

// alive are those of a list that are not about to go.
func alive(list *corev1.PodList) (found []pod) {
	for _, p := range list.Items {
		if p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodFailed {
			continue
		}
		ready := slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
		found = append(found, pod{p.Name, string(p.UID), ready})
	}
	return found
}

// A right is one verb on one resource, such as list on pods.
type right struct{ verb, resource string }

// onlyPod is the one pod of a workload, ready.
func onlyPod(t *testing.T, b bed, workload string) pod {
	t.Helper()
	var ready []pod
	eventually(t, "one ready pod of "+workload, func() bool {
		ready = slices.DeleteFunc(b.pods(t, workload), func(p pod) bool { return !p.ready })
		return len(ready) == 1
	})
	return ready[0]
}

// eventually waits for something.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %v there is not: %s", patience, what)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
