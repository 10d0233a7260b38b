package demo_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"

	"github.com/portolan-app/portolan/internal/demo"
)

// transports are client-go's two ways to a pod's port.
var transports = map[string]func(*rest.Config, *url.URL) (httpstream.Dialer, error){
	"websocket": func(config *rest.Config, u *url.URL) (httpstream.Dialer, error) {
		return portforward.NewSPDYOverWebsocketDialer(u, config)
	},
	"spdy": func(config *rest.Config, u *url.URL) (httpstream.Dialer, error) {
		transport, upgrader, err := spdy.RoundTripperFor(config)
		return spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, u), err
	},
}

// forward runs client-go's own forwarder to port 8080 of a pod and returns the
// local address, and a channel with the forwarder's end.
func forward(t *testing.T, config *rest.Config, transport, pod string, port int) (string, chan error) {
	t.Helper()
	u, err := url.Parse(config.Host + "/api/v1/namespaces/shop/pods/" + pod + "/portforward")
	check(t, err)
	dialer, err := transports[transport](config, u)
	check(t, err)
	stop, ready, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	forwarder, err := portforward.New(dialer, []string{fmt.Sprintf("0:%d", port)}, stop, ready, io.Discard, io.Discard)
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
	return fmt.Sprintf("127.0.0.1:%d", ports[0].Local), ended
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
			address, _ := forward(t, restConfig(t, cluster), name, "echo", 8080)
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
