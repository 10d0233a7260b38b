package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/proxy"
	apiproxy "k8s.io/apiserver/pkg/util/proxy"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/klog/v2"
	"k8s.io/streaming/pkg/httpstream/wsstream"
)

// The kubelet's defaults (streamingConnectionIdleTimeout, and
// DefaultStreamCreationTimeout of k8s.io/cri-streaming).
const (
	streamIdle     = 4 * time.Hour
	streamCreation = 30 * time.Second
)

// portForward is the API server's part of pods/portforward: find the node, then
// carry the upgraded connection there, unwrapped from WebSocket if it came so.
// The handlers are the API server's own.
func (c *Cluster) portForward(node *pipeListener) http.Handler {
	transport := &http.Transport{DialContext: node.dial, DisableKeepAlives: true}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := request{verb: "create", subresource: "portforward", namespace: r.PathValue("namespace"), name: r.PathValue("name")}
		req.kind, _ = findResource("pods")
		verbs := []string{"create"}
		tunnel := wsstream.IsWebSocketRequestWithTunnelingProtocol(r)
		c.countUpgrade(tunnel || wsstream.IsWebSocketRequest(r))
		if r.Method == http.MethodGet {
			req.verb, verbs = "get", []string{"get", "create"} // since Kubernetes 1.35 a WebSocket needs both
		}
		if !c.authorize(w, req, verbs...) {
			return
		}
		c.mu.Lock()
		pod := c.getLocked("pods", req.namespace, req.name)
		c.mu.Unlock()
		if pod == nil {
			writeNotFound(w, "pods", req.name)
			return
		}
		if host, _, _ := unstructured.NestedString(pod.Object, "spec", "nodeName"); host == "" {
			writeStatus(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, fmt.Sprintf("pod %s does not have a host assigned", req.name))
			return
		}
		location := &url.URL{Scheme: "http", Host: "kubelet", Path: "/portForward/" + req.namespace + "/" + req.name, RawQuery: r.URL.RawQuery}
		var handler http.Handler = proxy.NewUpgradeAwareHandler(location, transport, false, true, proxyErrors{})
		if tunnel && !c.config.NoWebSocket {
			handler = apiproxy.NewTunnelingHandler(handler)
		}
		// A client that hangs up is an error in an API server's log; in the demo's
		// terminal it would be an alarm about nothing.
		quiet := klog.NewContext(r.Context(), klog.Logger{})
		handler.ServeHTTP(w, r.WithContext(quiet))
	})
}

func (c *Cluster) countUpgrade(webSocket bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if webSocket {
		c.counts.WebSocket++
	} else {
		c.counts.SPDY++
	}
}

// proxyErrors answers when the kubelet cannot be reached.
type proxyErrors struct{}

func (proxyErrors) Error(w http.ResponseWriter, _ *http.Request, err error) {
	writeStatus(w, http.StatusInternalServerError, metav1.StatusReasonInternalError, "error dialing backend: "+err.Error())
}

// kubelet is the node's handler. It looks for the pod itself: between the API
// server's look and this one it may have gone.
func (c *Cluster) kubelet() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/portForward/{namespace}/{name}", func(w http.ResponseWriter, r *http.Request) {
		namespace, name := r.PathValue("namespace"), r.PathValue("name")
		c.mu.Lock()
		pod := c.getLocked("pods", namespace, name)
		c.mu.Unlock()
		if pod == nil {
			http.Error(w, "pod does not exist", http.StatusNotFound)
			return
		}
		if phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase"); phase == "Pending" {
			http.Error(w, fmt.Sprintf("pod not found (%q)", name+"_"+namespace), http.StatusInternalServerError)
			return
		}
		options, err := portforward.NewV4Options(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		portforward.ServePortForward(w, r, containerd{c}, sandboxID(pod), "", options, streamIdle, streamCreation, portforward.SupportedProtocols)
	})
	return mux
}

// sandboxID is what the runtime calls the pod. It changes with the pod's UID.
func sandboxID(pod *unstructured.Unstructured) string {
	sum := sha256.Sum256([]byte(pod.GetUID()))
	return hex.EncodeToString(sum[:])
}

// containerd is the runtime's part. Its texts and its manners are those of
// containerd 1.6 to 2.4 (sandbox_portforward_linux.go), since clients read the
// first and suffer from the second: it passes no half-close on, and closes
// everything one second after either direction has ended.
type containerd struct{ cluster *Cluster }

// PortForward copies between stream and one port of a sandbox. It is called by
// the streaming code, which reports the error on the pair's error stream.
func (d containerd) PortForward(ctx context.Context, sandbox, _ string, port int32, stream io.ReadWriteCloser) error {
	if !d.cluster.enter() {
		return errors.New("the demo cluster is stopping")
	}
	// Done comes before Close, which waits for ever for a reply that a connection
	// that is gone never took (spdystream's waitWriteReply).
	defer stream.Close()
	defer d.cluster.running.Done()
	pod, closed := d.find(sandbox)
	if pod == nil {
		return fmt.Errorf("failed to find sandbox %q in store: not found", sandbox)
	}
	if closed {
		return fmt.Errorf("network namespace for sandbox %q is closed", sandbox)
	}
	network := "/var/run/netns/cni-" + string(pod.GetUID())
	conn := d.cluster.connect(ctx, pod, port)
	if conn == nil {
		return fmt.Errorf("failed to execute portforward in network namespace %q: failed to connect to localhost:%d inside namespace %q, "+
			"IPv4: dial tcp4 127.0.0.1:%[2]d: connect: connection refused IPv6 dial tcp6 [::1]:%[2]d: connect: connection refused ", network, port, sandbox)
	}
	defer conn.Close()

	ended := make(chan error, 2)
	go func() { _, err := io.Copy(stream, conn); ended <- err }()
	go func() { _, err := io.Copy(conn, stream); ended <- err }()
	err := <-ended
	select {
	case other := <-ended:
		if err == nil {
			err = other
		}
	case <-time.After(time.Second):
	case <-d.cluster.closed:
	}
	if err != nil {
		return fmt.Errorf("failed to execute portforward in network namespace %q: %w", network, err)
	}
	return nil
}

// find is the pod of a sandbox, and whether its network is gone because all its
// containers have ended.
func (d containerd) find(sandbox string) (pod *unstructured.Unstructured, closed bool) {
	c := d.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Pairs++
	for _, pod := range c.objects["pods"] {
		if sandboxID(pod) == sandbox {
			phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase")
			return pod, phase == "Succeeded" || phase == "Failed"
		}
	}
	return nil, false
}

// connect opens a connection to what listens on a port of pod; nil if nothing
// does.
func (c *Cluster) connect(ctx context.Context, pod *unstructured.Unstructured, port int32) net.Conn {
	ref := PodRef{Namespace: pod.GetNamespace(), Name: pod.GetName(), UID: string(pod.GetUID())}
	c.mu.Lock()
	defer c.mu.Unlock()
	backend := c.listeners[listenerKey(ref.Namespace, ref.Name, port)]
	if backend == nil || c.closing {
		return nil
	}
	near, far := net.Pipe()
	sandbox := sandboxID(pod)
	if c.processes[sandbox] == nil {
		c.processes[sandbox] = map[net.Conn]bool{}
	}
	c.processes[sandbox][far] = true
	c.running.Go(func() {
		backend(ctx, ref, far)
		far.Close()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.processes[sandbox], far)
	})
	return near
}
