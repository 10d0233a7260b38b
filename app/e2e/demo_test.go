package e2e_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// demoCluster is the bed in the test's own process.
type demoCluster struct {
	*demo.Cluster
	file    string
	steered map[string]demo.Pod // by name
}

// kinds are the demo's words for workloads.
var kinds = map[portolan.WorkloadType]string{
	portolan.Deployment: "Deployment", portolan.StatefulSet: "StatefulSet", portolan.DaemonSet: "DaemonSet",
	portolan.ReplicaSet: "ReplicaSet", portolan.Job: "Job",
}

const demoContext, demoNamespace = "demo", "e2e"

func demoBed(t *testing.T) bed {
	t.Helper()
	c := &demoCluster{demo.NewCluster(demo.ClusterConfig{}), filepath.Join(t.TempDir(), "kubeconfig"), map[string]demo.Pod{}}
	ctx, stop := context.WithCancel(context.Background())
	listening, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- c.Run(ctx, func() { close(listening) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-listening:
	case <-time.After(patience):
		t.Fatal("the demo's cluster does not start")
	}
	check(t, os.WriteFile(c.file, c.Kubeconfig(demoContext), 0o600))
	return c
}

func (c *demoCluster) kubeconfig() string { return c.file }
func (c *demoCluster) context() string    { return demoContext }
func (c *demoCluster) namespace() string  { return demoNamespace }

func (c *demoCluster) deploy(t *testing.T, kind portolan.WorkloadType, name string, replicas int) {
	t.Helper()
	c.service(t, name, name, false)
	pod := demoPod(name)
	if kind == portolan.Pod {
		check(t, c.AddPod(pod))
		return
	}
	check(t, c.AddWorkload(demo.Workload{Kind: kinds[kind], Namespace: demoNamespace, Name: name, Labels: pod.Labels,
		Replicas: replicas, Ports: pod.Ports, After: 500 * time.Millisecond}))
}

func demoPod(app string) demo.Pod {
	return demo.Pod{Namespace: demoNamespace, Name: app, Labels: map[string]string{"app": app}, Ports: []demo.Port{
		{Name: "echo", Number: echoPort, Backend: demo.Echo}, {Name: "source", Number: sourcePort, Backend: source},
		{Name: "http", Number: httpPort, Backend: demo.HTTP(hello)},
	}}
}

// deploySteered puts a pod that nothing but kill replaces.
func (c *demoCluster) deploySteered(t *testing.T, name string) {
	t.Helper()
	c.service(t, name, name, false)
	pod := demoPod(name)
	pod.Name += "-1"
	check(t, c.AddPod(pod))
	c.steered[pod.Name] = pod
}

func (c *demoCluster) setReady(t *testing.T, pod string, ready bool) {
	t.Helper()
	check(t, c.SetReady(demoNamespace, pod, ready))
}

func hello(pod demo.PodRef) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "hello from %s\n", pod.Name) })
}

func source(_ context.Context, _ demo.PodRef, conn net.Conn) {
	var length [8]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return
	}
	chunk := make([]byte, 64<<10)
	for left := binary.BigEndian.Uint64(length[:]); left > 0; {
		n, err := conn.Write(chunk[:min(left, uint64(len(chunk)))])
		if err != nil {
			return
		}
		left -= uint64(n)
	}
}

func (c *demoCluster) service(t *testing.T, name, workload string, headless bool) {
	t.Helper()
	object := service(name, workload, headless)
	object.Namespace = demoNamespace
	if !headless {
		object.Spec.ClusterIP = "10.96.0.1"
	}
	check(t, c.Put("services", object))
}

func (c *demoCluster) scale(t *testing.T, kind portolan.WorkloadType, name string, replicas int) {
	t.Helper()
	check(t, c.Scale(kinds[kind], demoNamespace, name, replicas))
}

// roll lets each pod serve on until the one in its place is there, as a deployment
// that may not go below its number.
func (c *demoCluster) roll(t *testing.T, name string) {
	t.Helper()
	old := c.pods(t, name)
	for _, p := range old {
		check(t, c.Terminate(demoNamespace, p.name))
		eventually(t, "a new pod of "+name, func() bool { return len(c.pods(t, name)) == len(old) })
		c.Delete("pods", demoNamespace, p.name)
	}
}

func (c *demoCluster) pods(t *testing.T, workload string) []pod {
	t.Helper()
	config, err := clientcmd.RESTConfigFromKubeConfig(c.Kubeconfig(demoContext))
	check(t, err)
	client, err := corev1client.NewForConfig(config)
	check(t, err)
	list, err := client.Pods(demoNamespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + workload})
	check(t, err)
	return alive(list)
}

func (c *demoCluster) kill(t *testing.T, name string) {
	t.Helper()
	if next, ok := c.steered[name]; ok {
		check(t, c.Terminate(demoNamespace, name))
		next.Name, next.Unready = name+"-next", true
		check(t, c.AddPod(next))
		return
	}
	if !c.Delete("pods", demoNamespace, name) {
		t.Fatalf("there is no pod %s", name)
	}
}

// restricted denies everything else to everybody.
func (c *demoCluster) restricted(_ *testing.T, rights []right) string {
	for _, verb := range []string{"get", "list", "watch", "create"} {
		for _, resource := range []string{"pods", "pods/portforward", "services", "endpointslices", "deployments", "statefulsets"} {
			c.Deny(verb, resource)
		}
	}
	for _, r := range rights {
		c.Allow(r.verb, r.resource)
	}
	return c.file
}
