package forward_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

func TestReplacedPodIsFollowed(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Name: "echo"})})
	for range 3 {
		live := b.dial("echo")
		echo(t, live, "before")
		pod := b.cluster.Names("pods", "shop")[0]
		if !b.cluster.Delete("pods", "shop", pod) {
			t.Fatal("no pod to delete")
		}
		if n, err := live.Read(make([]byte, 1)); err == nil {
			t.Errorf("read %d bytes from a pod that is gone", n)
		}
		// A warm connection to the old pod is likely: what is sent on it must
		// reach the new one.
		if got := echo(t, b.dial("echo"), "after"); got != "after" {
			t.Errorf("got %q", got)
		}
		if now := b.engine.Status("echo").Pod; now == "shop/"+pod {
			t.Errorf("the status still names %s", pod)
		}
	}
}

func TestConnectionWaitsForAReadyPod(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	pod := b.cluster.Names("pods", "shop")[0]
	check(t, b.cluster.SetReady("shop", pod, false))
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	early := b.dial("echo")
	_, err := io.WriteString(early, "patience")
	check(t, err)
	s := b.inPhase("echo", portolan.Waiting)
	if s.Fault == nil || s.Fault.Code != portolan.CodeNoReadyPod {
		t.Errorf("the fault is %v", s.Fault)
	}
	check(t, b.cluster.SetReady("shop", pod, true))
	got := make([]byte, len("patience"))
	if _, err := io.ReadFull(early, got); err != nil || string(got) != "patience" {
		t.Errorf("got %q, %v", got, err)
	}
	b.inPhase("echo", portolan.Ready)
}

// TestAPodThatEndsIsWaitedPast holds that a refusal by a pod that is about to go is
// no answer: its process may be gone seconds before its sandbox, over which a warm
// connection still leads to it.
func TestAPodThatEndsIsWaitedPast(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	port := demo.Port{Name: "tcp-echo", Number: 7000, Backend: demo.Echo}
	pod := demo.Pod{Namespace: "shop", Name: "old", Labels: map[string]string{"app": "echo"}, Ports: []demo.Port{port}}
	check(t, b.cluster.AddPod(pod))
	check(t, b.cluster.AddService("shop", "echo", pod.Labels, corev1.ServicePort{Port: 70, TargetPort: intstr.FromString("tcp-echo")}))
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	echo(t, b.dial("echo"), "warm")
	check(t, b.cluster.Terminate("shop", "old"))
	b.cluster.Listen("shop", "old", 7000, nil)
	held := b.dial("echo")
	_, err := io.WriteString(held, "patience")
	check(t, err)
	b.inPhase("echo", portolan.Waiting)
	pod.Name = "new"
	check(t, b.cluster.AddPod(pod))
	got := make([]byte, len("patience"))
	if _, err := io.ReadFull(held, got); err != nil || string(got) != "patience" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestConnectionIsResetWhenNoPodComes(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) { c.Hold = 500 * time.Millisecond })
	echoService(t, b.cluster, 1)
	check(t, b.cluster.SetReady("shop", b.cluster.Names("pods", "shop")[0], false))
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	b.refused("echo")
	b.inPhase("echo", portolan.Waiting)
}

// TestTune holds that the time to wait for a pod can be shortened while the
// forward runs: the patience of refused is less than the hold before.
func TestTune(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) { c.Hold = time.Hour })
	echoService(t, b.cluster, 1)
	check(t, b.cluster.SetReady("shop", b.cluster.Names("pods", "shop")[0], false))
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	b.engine.Tune(time.Second, 100*time.Millisecond)
	b.refused("echo")
}

// refused wants a new connection to a forward to end with an error.
func (b *bed) refused(id portolan.ID) {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.address(id))
	if err != nil {
		return // reset before it was handed out
	}
	defer conn.Close()
	check(b.t, conn.SetDeadline(time.Now().Add(patience)))
	n, err := conn.Read(make([]byte, 1))
	var timeout net.Error
	if err == nil || errors.Is(err, io.EOF) || errors.As(err, &timeout) && timeout.Timeout() {
		b.t.Errorf("got %d bytes and %v; want a reset", n, err)
	}
}

func TestFaultsNameWhatIsMissing(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	elsewhere := spec("context", portolan.Service, "echo", portolan.Port{Number: 70})
	elsewhere.Target.Context = "prod"
	cases := []struct {
		spec  forward.Spec
		phase portolan.Phase
		says  []string
	}{
		{spec("service", portolan.Service, "web", portolan.Port{Number: 80}), portolan.StalledForward, []string{"no service web", "it has: echo"}},
		{spec("port", portolan.Service, "echo", portolan.Port{Name: "http"}), portolan.StalledForward, []string{"service echo has no port http", "echo (70)"}},
		{spec("pod-port", portolan.Deployment, "echo", portolan.Port{Name: "http"}), portolan.StalledForward, []string{"has no port http", "tcp-echo (7000)"}},
		{elsewhere, portolan.StalledForward, []string{`no context "prod"`, "it has: demo", "portolan context map"}},
	}
	var specs []forward.Spec
	for _, c := range cases {
		specs = append(specs, c.spec)
	}
	b.engine.Apply(specs)
	for _, c := range cases {
		b.inPhase(c.spec.ID, portolan.Listening)
		_ = b.engine.Probe(t.Context(), c.spec.ID)
		s := b.engine.Status(c.spec.ID)
		if s.Phase != c.phase || s.Fault == nil {
			t.Errorf("%s: %+v", c.spec.ID, s)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(s.Fault.Error(), part) {
				t.Errorf("%s: %q does not say %q", c.spec.ID, s.Fault, part)
			}
		}
		b.refused(c.spec.ID)
	}
}

func TestMissingRightIsNamed(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	b.cluster.Deny("create", "pods/portforward")
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	b.refused("echo")
	s := b.inPhase("echo", portolan.Denied)
	if !strings.Contains(s.Fault.Error(), "get and create on pods/portforward") {
		t.Errorf("the fault is %q", s.Fault)
	}
	// A look-up needs other rights, and proves nothing about this one.
	lookUps := b.cluster.Counts().Requests["get services"]
	for end := time.Now().Add(patience); b.cluster.Counts().Requests["get services"] < lookUps+2; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the target is not looked at again")
		}
	}
	if now := b.engine.Status("echo").Phase; now != portolan.Denied {
		t.Errorf("after a look at the target the forward is %s", now)
	}
	b.cluster.Allow("create", "pods/portforward")
	echo(t, b.dial("echo"), "granted")
	b.inPhase("echo", portolan.Ready)
}

func TestEndedLoginIsAskedForOnce(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	b.cluster.SetToken("another")
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	b.refused("echo")
	b.inPhase("echo", portolan.SignInNeeded)
	before := b.cluster.Counts().Requests["get services"]
	for range 5 {
		b.refused("echo")
	}
	if after := b.cluster.Counts().Requests["get services"]; after != before {
		t.Errorf("%d more requests without a login", after-before)
	}
	b.cluster.SetToken("demo")
	check(t, b.engine.Probe(t.Context(), "echo"))
	echo(t, b.dial("echo"), "logged in")
}

func TestListenerOutlivesItsPodsUnderLoad(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 2)
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Name: "echo"})})
	address := b.address("echo")
	unload := load(t, address, func(conn net.Conn) {
		_, _ = conn.Write([]byte("x"))
		_, _ = conn.Read(make([]byte, 1))
	})
	for range 4 {
		time.Sleep(100 * time.Millisecond)
		b.cluster.Delete("pods", "shop", b.cluster.Names("pods", "shop")[0])
	}
	unload()
	if got := echo(t, b.dial("echo"), "after all"); got != "after all" {
		t.Errorf("got %q", got)
	}
	if now := b.address("echo"); now != address {
		t.Errorf("moved from %s to %s", address, now)
	}
}

// TestTornConfigurationIsWaitedFor holds that a connection bears a configuration
// that is being written, and not one that stays broken.
func TestTornConfigurationIsWaitedFor(t *testing.T) {
	var broken atomic.Bool
	b := newBed(t, demo.ClusterConfig{}, func(c *forward.Config) {
		clusters := c.Clusters
		c.Clusters = func(name string) (forward.Cluster, error) {
			if broken.Load() {
				return nil, &portolan.Fault{Kind: portolan.Failed, Code: "kubeconfig-unreadable", Message: "half a file"}
			}
			return clusters(name)
		}
	})
	echoService(t, b.cluster, 1)
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	address := b.address("echo")
	for end := time.Now().Add(patience); ; { // a slow machine may be too late to mend it
		broken.Store(true)
		conn, err := net.Dial("tcp", address)
		check(t, err)
		b.inPhase("echo", portolan.StalledForward)
		broken.Store(false)
		check(t, conn.SetDeadline(time.Now().Add(patience)))
		_, _ = conn.Write([]byte("x"))
		_, err = conn.Read(make([]byte, 1))
		_ = conn.Close()
		if err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("no connection waits: %v", err)
		}
	}
	broken.Store(true)
	b.refused("echo")
}
