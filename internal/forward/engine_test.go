package forward_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// echoService is a deployment of echo pods behind a service whose port leads to
// a named container port.
func echoService(t testing.TB, cluster *demo.Cluster, replicas int) {
	t.Helper()
	check(t, cluster.AddWorkload(demo.Workload{
		Namespace: "shop", Name: "echo", Replicas: replicas, Labels: map[string]string{"app": "echo"},
		Ports: []demo.Port{{Name: "tcp-echo", Number: 7000, Backend: demo.Echo}},
	}))
	check(t, cluster.AddService("shop", "echo", map[string]string{"app": "echo"},
		corev1.ServicePort{Name: "echo", Port: 70, TargetPort: intstr.FromString("tcp-echo")}))
}

func TestEchoOverBothLegs(t *testing.T) {
	for leg, config := range map[string]demo.ClusterConfig{
		portolan.WebSocket: {},
		portolan.SPDY:      {NoWebSocket: true},
	} {
		t.Run(leg, func(t *testing.T) {
			b := newBed(t, config)
			echoService(t, b.cluster, 1)
			pod := b.cluster.Names("pods", "shop")[0]
			specs := []forward.Spec{
				spec("by-name", portolan.Service, "echo", portolan.Port{Name: "echo"}),
				spec("by-number", portolan.Service, "echo", portolan.Port{Number: 70}),
				spec("deployment", portolan.Deployment, "echo", portolan.Port{Number: 7000}),
				spec("pod", portolan.Pod, pod, portolan.Port{Name: "tcp-echo"}),
			}
			b.engine.Apply(specs)
			long := strings.Repeat("portolan ", 100_000)
			for _, s := range specs {
				for _, text := range []string{"x", "hello", long} {
					if got := echo(t, b.dial(s.ID), text); got != text {
						t.Errorf("%s: %d bytes came back as %d others", s.ID, len(text), len(got))
					}
				}
				if status := b.engine.Status(s.ID); status.Phase != portolan.Ready || status.Leg != leg || status.Pod != "shop/"+pod {
					t.Errorf("%s: status is %+v", s.ID, status)
				}
			}
		})
	}
}
