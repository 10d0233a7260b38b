package forward_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// away makes the API server not reach the kubelet of one pod, in its own words.
func away(path string) demo.Hook {
	return func(w http.ResponseWriter, r *http.Request) bool {
		away := strings.HasSuffix(r.URL.Path, "/pods/"+path+"/portforward")
		if away {
			http.Error(w, "error dialing backend: dial tcp 10.0.0.7:10250: connect: connection refused", http.StatusInternalServerError)
		}
		return away
	}
}

func TestAPodOutOfReachHoldsNoOtherForward(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	check(t, b.cluster.AddPod(demo.Pod{Namespace: "shop", Name: "lost", Ports: []demo.Port{{Number: 7, Backend: demo.Echo}}}))
	b.cluster.SetHook(away("lost"))
	b.engine.Apply([]forward.Spec{
		spec("lost", portolan.Pod, "lost", portolan.Port{Number: 7}),
		spec("echo", portolan.Service, "echo", portolan.Port{Number: 70}),
	})
	b.dial("lost")
	s := b.inPhase("lost", portolan.Unreachable)
	if s.Fault.Code != portolan.CodePodUnreachable || !strings.Contains(s.Fault.Message, "error dialing backend") {
		t.Errorf("the fault is %+v", s.Fault)
	}
	for range 5 {
		if got := echo(t, b.dial("echo"), "hello"); got != "hello" {
			t.Errorf("got %q", got)
		}
		if s := b.engine.Status("echo"); s.Phase != portolan.Ready {
			t.Errorf("the other forward is %s: %v", s.Phase, s.Fault)
		}
	}
}

func TestAPodOutOfReachIsPassedOver(t *testing.T) {
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 2)
	var lost atomic.Pointer[string] // whichever is asked for first
	b.cluster.SetHook(func(w http.ResponseWriter, r *http.Request) bool {
		name, upgrade := strings.CutSuffix(r.URL.Path, "/portforward")
		if !upgrade {
			return false
		}
		name = name[strings.LastIndex(name, "/")+1:]
		lost.CompareAndSwap(nil, &name)
		return away(*lost.Load())(w, r)
	})
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	for range 3 {
		if got := echo(t, b.dial("echo"), "hello"); got != "hello" {
			t.Errorf("got %q", got)
		}
	}
	if s := b.engine.Status("echo"); s.Phase != portolan.Ready || strings.HasSuffix(s.Pod, "/"+*lost.Load()) {
		t.Errorf("it is %s at %s", s.Phase, s.Pod)
	}
}
