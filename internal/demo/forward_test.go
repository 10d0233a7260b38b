package demo_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/portolan-app/portolan/internal/demo"
)

// transports are client-go's two ways to a pod's port.
var transports = map[string]func(*rest.Config, *url.URL) (httpstream.Dialer, error){
	"websocket": func(config *rest.Config, u *url.URL) (httpstream.Dialer, error) {
		return portforward.NewSPDYOverWebsocketDialerForStreaming(u, config)
	},
	"spdy": func(config *rest.Config, u *url.URL) (httpstream.Dialer, error) {
		transport, upgrader, err := spdy.RoundTripperFor(config)
		return spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, u), err
	},
}

// dialer is client-go's way to a pod.
func dialer(t *testing.T, config *rest.Config, transport, namespace, pod string) httpstream.Dialer {
	t.Helper()
	u, err := url.Parse(config.Host + "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/portforward")
	check(t, err)
	dialer, err := transports[transport](config, u)
	check(t, err)
	return dialer
}

// forward runs client-go's own forwarder to a port of a pod for the length of
// the test, and returns its local address.
func forward(t *testing.T, dialer httpstream.Dialer, port int) string {
	t.Helper()
	stop, ready, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	forwarder, err := portforward.NewForStreaming(dialer, []string{fmt.Sprintf("0:%d", port)}, stop, ready, io.Discard, io.Discard)
	check(t, err)
	go func() { ended <- forwarder.ForwardPorts() }()
	t.Cleanup(func() { close(stop) })
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("the forwarder ended: %v", err)
	case <-time.After(patience):
		t.Fatal("the forwarder did not become ready")
	}
	ports, err := forwarder.GetPorts()
	check(t, err)
	return fmt.Sprintf("127.0.0.1:%d", ports[0].Local)
}

// speak sends text over a new connection and reads as many bytes back.
func speak(t *testing.T, address, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	check(t, err)
	defer conn.Close()
	check(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = conn.Write([]byte(text))
	check(t, err)
	answer := make([]byte, len(text))
	_, err = io.ReadFull(conn, answer)
	check(t, err)
	return string(answer)
}

func echoPod(t *testing.T, cluster *demo.Cluster) {
	t.Helper()
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "echo", Ports: []demo.Port{{Number: 8080, Backend: demo.Echo}}}))
}

func TestForwardOverBothTransports(t *testing.T) {
	for name := range transports {
		t.Run(name, func(t *testing.T) {
			cluster := startCluster(t, demo.ClusterConfig{})
			echoPod(t, cluster)
			address := forward(t, dialer(t, restConfig(t, cluster), name, "shop", "echo"), 8080)
			long := strings.Repeat("portolan ", 100_000)
			for _, text := range []string{"hello", long} {
				if got := speak(t, address, text); got != text {
					t.Errorf("%d bytes came back as %d others", len(text), len(got))
				}
			}
			counts := cluster.Counts()
			if counts.WebSocket+counts.SPDY != 1 || (counts.SPDY == 1) != (name == "spdy") || counts.Pairs != 2 {
				t.Errorf("counts are %+v", counts)
			}
		})
	}
}

// upgrade opens one connection to a pod, as a client does before it forwards.
func upgrade(t *testing.T, cluster *demo.Cluster, transport, pod string) (httpstream.Connection, error) {
	t.Helper()
	conn, _, err := dialer(t, restConfig(t, cluster), transport, "shop", pod).Dial(portforward.PortForwardProtocolV1Name)
	return conn, err
}

func TestUpgradeIsRefused(t *testing.T) {
	tests := []struct {
		name, pod string
		prepare   func(t *testing.T, cluster *demo.Cluster)
		want      string
	}{
		{"no such pod", "none", func(*testing.T, *demo.Cluster) {}, `pods "none" not found`},
		{"denied", "echo", func(_ *testing.T, c *demo.Cluster) { c.Deny("create", "pods/portforward") },
			`pods "echo" is forbidden: User "demo" cannot create resource "pods/portforward" in API group "" in the namespace "shop"`},
		{"not scheduled", "echo", func(t *testing.T, c *demo.Cluster) {
			check(t, c.Put("pods", &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "echo"}}))
		}, "pod echo does not have a host assigned"},
		{"not started", "echo", func(t *testing.T, c *demo.Cluster) {
			check(t, c.Put("pods", &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "echo"},
				Spec:       corev1.PodSpec{NodeName: "demo-node"}, Status: corev1.PodStatus{Phase: corev1.PodPending},
			}))
		}, `pod not found ("echo_shop")`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cluster := startCluster(t, demo.ClusterConfig{})
			echoPod(t, cluster)
			test.prepare(t, cluster)
			_, err := upgrade(t, cluster, "spdy", test.pod)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestOldServerRefusesWebSocketOnly(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{NoWebSocket: true})
	echoPod(t, cluster)
	if _, err := upgrade(t, cluster, "websocket", "echo"); !httpstream.IsUpgradeFailure(err) {
		t.Errorf("a WebSocket upgrade: %v", err)
	}
	conn, err := upgrade(t, cluster, "spdy", "echo")
	check(t, err)
	check(t, conn.Close())
}

// pair opens one forwarded connection by hand and returns its data stream, and
// what comes over its error stream once that ends.
func pair(t *testing.T, conn httpstream.Connection, request string, port int) (httpstream.Stream, chan string) {
	t.Helper()
	headers := http.Header{}
	headers.Set("port", strconv.Itoa(port))
	headers.Set("requestID", request)
	headers.Set("streamType", "error")
	errors, err := conn.CreateStream(headers)
	check(t, err)
	check(t, errors.Close()) // nothing is sent on it
	headers.Set("streamType", "data")
	data, err := conn.CreateStream(headers)
	if err != nil && !strings.Contains(err.Error(), "Stream reset") { // a pair that fails at once is reset before the reply
		t.Fatal(err)
	}
	message := make(chan string, 1)
	go func() {
		text, err := io.ReadAll(errors)
		if err != nil {
			text = fmt.Append(text, err)
		}
		message <- string(text)
	}()
	return data, message
}

// wait is the next value of ch.
func wait[T any](t *testing.T, ch <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	return v
}

func TestErrorsOfTheRuntime(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	echoPod(t, cluster)
	conn, err := upgrade(t, cluster, "spdy", "echo")
	check(t, err)
	defer conn.Close()
	expect := func(request string, port int, wants ...string) {
		t.Helper()
		_, message := pair(t, conn, request, port)
		got := wait(t, message)
		for _, want := range append(wants, fmt.Sprintf("error forwarding port %d to pod ", port)) {
			if !strings.Contains(got, want) {
				t.Errorf("%q lacks %q", got, want)
			}
		}
	}
	expect("0", 9999, "failed to execute portforward in network namespace ",
		"failed to connect to localhost:9999 inside namespace ", "dial tcp4 127.0.0.1:9999: connect: connection refused")

	data, message := pair(t, conn, "1", 8080)
	_, err = data.Write([]byte("hello"))
	check(t, err)
	_, err = io.ReadFull(data, make([]byte, 5))
	check(t, err)
	start := time.Now()
	cluster.KillStreams("shop", "echo")
	if text := wait(t, message); text != "" || time.Since(start) < 900*time.Millisecond {
		t.Errorf("a killed process ended the pair after %v with %q", time.Since(start), text)
	}

	pod, err := clientset(t, cluster).CoreV1().Pods("shop").Get(t.Context(), "echo", metav1.GetOptions{})
	check(t, err)
	pod.Status.Phase = corev1.PodSucceeded
	check(t, cluster.Put("pods", pod))
	expect("2", 8080, "network namespace for sandbox ", " is closed")
	cluster.Delete("pods", "shop", "echo")
	expect("3", 8080, "failed to find sandbox ", " in store: not found")
	if n := cluster.Counts().Pairs; n != 4 {
		t.Errorf("%d pairs were counted", n)
	}
}

// TestHalfCloseIsNotCarried holds the cluster to containerd's manners, which
// were measured on a real one: the pod never sees the client's FIN, and one
// second later the answer is cut off.
func TestHalfCloseIsNotCarried(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	sawEOF := make(chan bool, 1)
	late := func(_ context.Context, _ demo.PodRef, conn net.Conn) {
		_, err := io.Copy(io.Discard, conn)
		_, failed := conn.Write([]byte("late"))
		sawEOF <- err == nil && failed == nil
	}
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "late", Ports: []demo.Port{{Number: 8080, Backend: late}}}))
	conn, err := upgrade(t, cluster, "spdy", "late")
	check(t, err)
	defer conn.Close()
	data, _ := pair(t, conn, "0", 8080)
	start := time.Now()
	check(t, data.Close())
	if wait(t, sawEOF) || time.Since(start) < 900*time.Millisecond {
		t.Errorf("the pod saw the end after %v and could still answer", time.Since(start))
	}
	if answer, _ := io.ReadAll(data); len(answer) > 0 {
		t.Errorf("the client got %q", answer)
	}
}

func TestDelay(t *testing.T) {
	const delay = 40 * time.Millisecond
	cluster := startCluster(t, demo.ClusterConfig{Delay: delay})
	echoPod(t, cluster)
	start := time.Now()
	conn, err := upgrade(t, cluster, "spdy", "echo")
	check(t, err)
	defer conn.Close()
	// TCP, TLS 1.3 and the upgrade: three round trips.
	if took := time.Since(start); took < 6*delay {
		t.Errorf("an upgraded connection took %v", took)
	}
	data, _ := pair(t, conn, "0", 8080)
	start = time.Now()
	_, err = data.Write([]byte("hello"))
	check(t, err)
	_, err = io.ReadFull(data, make([]byte, 5))
	check(t, err)
	if took := time.Since(start); took < 2*delay {
		t.Errorf("an echo took %v", took)
	}
}

func TestServerSpeaksFirst(t *testing.T) {
	cluster := startCluster(t, demo.ClusterConfig{})
	check(t, cluster.AddPod(demo.Pod{Namespace: "shop", Name: "db", Ports: []demo.Port{{Number: 5432, Backend: demo.Greeter}}}))
	conn, err := upgrade(t, cluster, "websocket", "db")
	check(t, err)
	defer conn.Close()
	data, _ := pair(t, conn, "0", 5432)
	line, err := bufio.NewReader(data).ReadString('\n')
	if err != nil || line != "220 db.shop ready\r\n" {
		t.Errorf("it said %q (%v)", line, err)
	}
}
