package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestNodeTexts provokes failures on a real node and prints what it says, as
// internal/forward/FAILURES.md has it. It asks the node itself, with client-go's
// dialer: what Portolan makes of a text is held by the tests of the forward engine.
func TestNodeTexts(t *testing.T) {
	b, ok := beds(t).(place)
	if !ok {
		t.Skip("the demo's cluster has no node; its texts are copied from those that this test has found")
	}
	b.deploy(t, portolan.Pod, "texts", 1)
	record(t, "versions", string(b.must(t, "get", "nodes", "--output",
		`jsonpath={range .items[*]}{.status.nodeInfo.kubeletVersion} {.status.nodeInfo.containerRuntimeVersion}{"\n"}{end}`)), nil)

	session, err := b.upgrade(t, "texts")
	check(t, err)
	text, err := session.pair(closedPort, "x")
	record(t, "nobody listens on the port", text, err)
	// Reads eight bytes, sends none, and closes with the ninth unread.
	text, err = session.pair(sourcePort, "\x00\x00\x00\x00\x00\x00\x00\x00x")
	record(t, "the process closes with bytes unread", text, err)

	check(t, b.create(t.Context(), broken("crashed", podSpec(b.image))))
	eventually(t, "a container that cannot start", func() bool {
		waiting := b.must(t, "get", "pod", "crashed", "--output", "jsonpath={.status.containerStatuses[0].state.waiting.reason}")
		return strings.Contains(string(waiting), "Error") || strings.Contains(string(waiting), "BackOff")
	})
	crashed, err := b.upgrade(t, "crashed")
	check(t, err)
	text, err = crashed.pair(echoPort, "x")
	record(t, "the container does not run", text, err)
	nowhere := podSpec(b.image)
	nowhere.NodeSelector = map[string]string{label: "nowhere"}
	object, err := workload(portolan.Pod, "pending", 1, nowhere)
	check(t, err)
	check(t, b.create(t.Context(), object))
	text, err = b.refusal(t, "pending")
	record(t, "the pod has no node yet: upgrade", text, err)

	lent := *b.realCluster
	lent.file = b.restricted(t, []right{{"get", "pods"}})
	text, err = place{&lent}.refusal(t, "texts")
	record(t, "a right is missing: upgrade", text, err)

	b.must(t, "delete", "pod", "texts", "--wait=true")
	text, err = session.pair(echoPort, "x")
	record(t, "the pod is gone, over a warm connection", text, err)
	text, err = b.refusal(t, "texts")
	record(t, "the pod is gone: upgrade", text, err)
}

// TestNodeRestarts takes away what runs on the node, one after the other, and looks
// at a forward meanwhile: its port never refuses, its status says what is the matter,
// and when all is back so is the forward.
func TestNodeRestarts(t *testing.T) {
	b, ok := beds(t).(place)
	node := os.Getenv(nodeVariable)
	if !ok || node == "" {
		t.Skip("--node says how to stop what runs on the node of a real cluster; there is none")
	}
	b.deploy(t, portolan.Deployment, "node", 1)
	control := func(t *testing.T, verb, name string) error {
		_, err := output(exec.CommandContext(context.Background(), "sh", "-c", node+" "+verb+" "+name))
		return err
	}
	for _, c := range []struct {
		stopped string
		phases  []portolan.Phase // that are true while it is stopped
	}{
		{"kubelet", []portolan.Phase{portolan.Unreachable, portolan.Waiting}},
		{"containerd", []portolan.Phase{portolan.Unreachable, portolan.Waiting}},
		{"kube-apiserver", []portolan.Phase{portolan.Unreachable}},
	} {
		t.Run(c.stopped, func(t *testing.T) {
			p := serve(t, b, b.kubeconfig())
			p.start("node", "service=node", "remote-port=echo")
			p.run("settings", "set", "hold", "2s")
			live := p.dial("node")
			echo(t, live, "before")
			pod := onlyPod(t, b, "node").name
			session, err := b.upgrade(t, pod)
			check(t, err)
			if err := control(t, "stop", c.stopped); err != nil {
				t.Skipf("cannot stop it: %v", err)
			}
			started := false
			start := func() {
				if !started {
					started = true
					check(t, control(t, "start", c.stopped))
				}
			}
			defer start()
			text, err := session.pair(echoPort, "x")
			record(t, c.stopped+" stopped, over a warm connection", text, err)
			text, err = b.refusal(t, pod)
			record(t, c.stopped+" stopped: upgrade", text, err)
			t.Logf("a live connection: %v", exchange(live, "still here"))
			p.refused("node")
			s := p.until("node", "telling", func(s portolan.Status) bool { return slices.Contains(c.phases, s.Phase) && s.Fault != nil })
			t.Logf("the status: %s, %v", s.Phase, s.Fault)
			start()
			begun := time.Now()
			eventually(t, "an answer", func() bool { return exchange(p.dial("node"), "again") == nil })
			t.Logf("answers %.1f s after the start of %s", time.Since(begun).Seconds(), c.stopped)
			p.inPhase("node", portolan.Ready)
		})
	}
}

// record prints what a node said.
func record(t *testing.T, what, text string, err error) {
	t.Helper()
	if err != nil {
		text = fmt.Sprintf("%T: %v", err, err)
	}
	t.Logf("said | %s | %s", what, strings.TrimSpace(text))
}

// broken is a pod whose container cannot start.
func broken(name string, spec corev1.PodSpec) *corev1.Pod {
	spec.Containers[0].Command = []string{"/does/not/exist"}
	p := &corev1.Pod{Spec: spec}
	p.APIVersion, p.Kind, p.Name = "v1", "Pod", name
	return p
}

// A session is an upgraded connection, as kubectl would make it.
type session struct {
	t    *testing.T
	conn httpstream.Connection
	made int
}

func (c place) upgrade(t *testing.T, pod string) (*session, error) {
	t.Helper()
	config, url := c.portForward(t, pod)
	transport, upgrader, err := spdy.RoundTripperFor(config)
	check(t, err)
	conn, _, err := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, url).Dial("portforward.k8s.io")
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &session{t: t, conn: conn}, nil
}

// refusal is the answer to an upgrade that is none.
func (c place) refusal(t *testing.T, pod string) (string, error) {
	t.Helper()
	config, url := c.portForward(t, pod)
	config.NextProtos = []string{"http/1.1"}
	client, err := rest.HTTPClientFor(config)
	check(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url.String(), nil)
	check(t, err)
	request.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"SPDY/3.1"}, "X-Stream-Protocol-Version": {"portforward.k8s.io"}}
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	return answer.Status + ": " + string(said), err
}

func (c place) portForward(t *testing.T, pod string) (*rest.Config, *url.URL) {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", c.file)
	check(t, err)
	config.GroupVersion, config.APIPath, config.NegotiatedSerializer = &corev1.SchemeGroupVersion, "/api", scheme.Codecs.WithoutConversion()
	client, err := rest.RESTClientFor(config)
	check(t, err)
	return config, client.Post().Namespace(c.space).Resource("pods").Name(pod).SubResource("portforward").URL()
}

// pair opens streams to a port, sends a text, and returns what the node says on the
// stream for errors.
func (s *session) pair(port int, text string) (string, error) {
	s.made++
	headers := http.Header{}
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(s.made))
	errs, err := s.conn.CreateStream(headers)
	if err != nil {
		return "", err
	}
	_ = errs.Close()
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := s.conn.CreateStream(headers)
	if err != nil {
		return "", err
	}
	_, _ = io.WriteString(data, text) // what fails is told by the other stream
	go func() { _, _ = io.Copy(io.Discard, data) }()
	said := make(chan string, 1)
	go func() {
		all, err := io.ReadAll(errs)
		said <- fmt.Sprintf("%s (%v)", all, err)
	}()
	select {
	case text := <-said:
		return text, nil
	case <-s.conn.CloseChan():
		return "", errors.New("the connection ended")
	case <-time.After(20 * time.Second):
		return "", errors.New("nothing was said for 20 s")
	}
}
