package forward_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/forward"
	"github.com/portolan-app/portolan/internal/portolan"
)

// slack is what a busy machine may add to a limit.
const slack = 1500 * time.Millisecond

// behind is a bed with a network, and an echo service that has been used, so that
// spares are warm.
func behind(t *testing.T, adjust ...func(*forward.Config)) (*bed, *network) {
	t.Helper()
	b := newBed(t, demo.ClusterConfig{}, adjust...)
	echoService(t, b.cluster, 1)
	n := between(t, b)
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	return b, n
}

// ends waits for the end of a connection on which an answer is due, and says how long
// that took.
func ends(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	began := time.Now()
	if n, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("it goes on: %d bytes, %v", n, err)
	}
	return time.Since(began)
}

// within wants something to have taken no longer than that.
func within(t *testing.T, what string, took, limit time.Duration) {
	t.Helper()
	if took > limit+slack {
		t.Errorf("%s took %v, want %v at most", what, took, limit)
	}
	t.Logf("%s took %v", what, took)
}

// served connects until an echo comes back, and says how long that took. The port
// must be open all the time.
func (b *bed) served(id portolan.ID) time.Duration {
	b.t.Helper()
	for began := time.Now(); ; {
		conn, err := net.Dial("tcp", b.address(id))
		if err != nil {
			b.t.Fatalf("the port is closed: %v", err)
		}
		check(b.t, conn.SetDeadline(time.Now().Add(patience)))
		_, _ = io.WriteString(conn, "x")
		_, err = io.ReadFull(conn, make([]byte, 1))
		_ = conn.Close()
		if err == nil {
			return time.Since(began)
		}
		if time.Since(began) > patience {
			b.t.Fatalf("nobody is served: %v", err)
		}
	}
}

// A connection that waits for an answer ends in time, and the status of a forward tells
// the truth, also of one that nobody uses at the moment.
func TestASilentNetworkIsNoticed(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	b.engine.Apply([]forward.Spec{
		spec("echo", portolan.Service, "echo", portolan.Port{Number: 70}),
		spec("rest", portolan.Deployment, "echo", portolan.Port{Number: 7000}),
	})
	live := b.dial("echo")
	echo(t, live, "before")
	b.served("rest")
	b.inPhase("echo", portolan.Ready)
	b.inPhase("rest", portolan.Ready)
	n.silence(true)
	began := time.Now()
	_, err := io.WriteString(live, "anybody?")
	check(t, err)
	within(t, "to notice it", ends(t, live), 15*time.Second)
	for _, id := range []portolan.ID{"echo", "rest"} {
		s := b.inPhase(id, portolan.Unreachable)
		within(t, "to say so", time.Since(began), 15*time.Second)
		if s.Fault.Code != portolan.CodeClusterUnreachable || s.Fault.Hint == "" {
			t.Errorf("the fault is %+v", s.Fault)
		}
	}
	n.silence(false)
	b.served("echo")
	b.inPhase("echo", portolan.Ready)
	began = time.Now()
	b.eventually("rest", "well again", func(s portolan.Status) bool { return s.Fault == nil })
	within(t, "to take it back", time.Since(began), 15*time.Second)
}

func TestDeadConnectionsEndSoonAfterWake(t *testing.T) {
	for name, way := range map[string]func(*forward.Config){
		"codec": func(*forward.Config) {}, "stock": func(c *forward.Config) { c.Stock = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, n := behind(t, way)
			idle, waiting := b.dial("echo"), b.dial("echo")
			echo(t, idle, "before")
			echo(t, waiting, "before")
			time.Sleep(500 * time.Millisecond) // spares get warm
			n.silence(true)                    // as by sleep: the peers gave up long ago
			n.silence(false)
			_, err := io.WriteString(waiting, "anybody?")
			check(t, err)
			b.engine.Recheck()
			within(t, "to end the one that waits", ends(t, waiting), 3*time.Second)
			within(t, "to end the idle one", ends(t, idle), 3*time.Second)
			within(t, "to serve again", b.served("echo"), time.Second)
			b.inPhase("echo", portolan.Ready)
		})
	}
}

func TestWakeLeavesAloneWhatIsWell(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	trafficPod(t, b.cluster)
	b.engine.Apply(append(trafficSpecs()[1:2], spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})))
	live, busy, stalled := b.dial("echo"), b.dial("source"), b.dial("source")
	echo(t, live, "before")
	request(t, stalled, 64<<20)
	time.Sleep(500 * time.Millisecond) // its buffers fill
	before := b.cluster.Counts()
	for range 3 {
		b.engine.Recheck()
		download(t, busy, 8<<20)
		_ = busy.Close()
		busy = b.dial("source")
		time.Sleep(time.Second)
	}
	time.Sleep(2 * time.Second)
	if got := echo(t, live, "after"); got != "after" {
		t.Errorf("got %q", got)
	}
	if _, err := io.CopyN(io.Discard, stalled, 64<<20); err != nil {
		t.Errorf("the one with a slow reader ended: %v", err)
	}
	if after := b.cluster.Counts(); after.SPDY-before.SPDY > 6 || n.open() == 0 {
		t.Errorf("dialled %d times", after.SPDY-before.SPDY)
	}
	for _, id := range []portolan.ID{"echo", "source"} {
		if s := b.engine.Status(id); s.Phase != portolan.Ready {
			t.Errorf("%s is %s: %v", id, s.Phase, s.Fault)
		}
	}
}

// A connection that waits for a cluster out of reach is served as soon as the network
// is another, and not when a backoff ends; what hangs in a dial too.
func TestAnotherNetworkEndsTheWait(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	b.served("echo")
	n.silence(true)
	n.reset()
	hanging := b.dial("echo") // its look-up gets no answer
	go func() { _, _ = io.WriteString(hanging, "x") }()
	time.Sleep(time.Second)
	n.silence(false)
	began := time.Now()
	b.engine.Recheck()
	_, err := io.ReadFull(hanging, make([]byte, 1))
	check(t, err)
	within(t, "to serve who hung", time.Since(began), time.Second)

	n.refuse()
	n.reset()
	for range 4 { // the backoff grows
		b.inPhase("echo", portolan.Unreachable)
		conn := b.dial("echo")
		time.Sleep(700 * time.Millisecond)
		check(t, conn.SetLinger(0))
		_ = conn.Close()
	}
	waiting := b.dial("echo")
	go func() { _, _ = io.WriteString(waiting, "x") }()
	time.Sleep(100 * time.Millisecond)
	n.listen()
	began = time.Now()
	b.engine.Recheck()
	_, err = io.ReadFull(waiting, make([]byte, 1))
	check(t, err)
	within(t, "to serve who waited", time.Since(began), time.Second)
}

func TestHalfOpenConnectionsEnd(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	busy := b.dial("echo")
	echo(t, busy, "before")
	n.lose()
	_, err := io.WriteString(busy, "anybody?")
	check(t, err)
	within(t, "to notice it", ends(t, busy), 15*time.Second)
	within(t, "to serve again", b.served("echo"), 3*time.Second)
	b.inPhase("echo", portolan.Ready)
}

func TestAResetHurtsOnlyWhatItBreaks(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	live := b.dial("echo")
	echo(t, live, "before")
	n.reset()
	within(t, "to pass it on", ends(t, live), 0)
	within(t, "to serve again", b.served("echo"), time.Second)
	b.inPhase("echo", portolan.Ready)
}

func TestAPIServerRestart(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	live := b.dial("echo")
	echo(t, live, "before")
	b.inPhase("echo", portolan.Ready)
	n.refuse()
	n.reset()
	began := time.Now()
	within(t, "to end a connection", ends(t, live), 0)
	s := b.inPhase("echo", portolan.Unreachable)
	within(t, "to say so", time.Since(began), 5*time.Second)
	refused := strings.Contains(s.Fault.Message, syscall.ECONNREFUSED.Error())
	if cut := strings.Contains(s.Fault.Message, syscall.ECONNRESET.Error()); !refused && !cut || s.Fault.Retry.IsZero() { // cut: of a look-up under way
		t.Errorf("the fault is %+v", s.Fault)
	}
	time.Sleep(6 * time.Second) // backoffs grow
	early := b.dial("echo")     // and waits
	began = time.Now()
	n.listen()
	if got := echo(t, early, "patience"); got != "patience" {
		t.Errorf("got %q", got)
	}
	within(t, "to serve who waited", time.Since(began), 8*time.Second)
	b.inPhase("echo", portolan.Ready)
	within(t, "to serve again", b.served("echo"), time.Second)
}

// outOfReach: the API server does not reach the pod.
func outOfReach(s portolan.Status) bool {
	return s.Phase == portolan.Unreachable && s.Fault.Code == portolan.CodePodUnreachable
}

func TestKubeletRestart(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	live := b.dial("echo")
	echo(t, live, "before")
	pod := b.cluster.Names("pods", "shop")[0]
	b.cluster.SetHook(away(pod))
	n.reset() // what went through the kubelet
	within(t, "to end a connection", ends(t, live), 0)
	early := b.dial("echo")
	b.eventually("echo", "out of reach", outOfReach)
	time.Sleep(time.Second)
	b.cluster.SetHook(nil)
	began := time.Now()
	if got := echo(t, early, "patience"); got != "patience" {
		t.Errorf("got %q", got)
	}
	within(t, "to serve who waited", time.Since(began), 4*time.Second)
	b.inPhase("echo", portolan.Ready)
}

// That the cluster knows a pod does not mean that it reaches it, and that nobody
// connects does not mean that it stays out of reach.
func TestAPodOutOfReachStaysSoInTheStatus(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	b.cluster.SetHook(away(b.cluster.Names("pods", "shop")[0]))
	conn := b.dial("echo")
	b.eventually("echo", "out of reach", outOfReach)
	check(t, conn.SetLinger(0)) // it waits no longer
	_ = conn.Close()
	for end := time.Now().Add(6 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if s := b.engine.Status("echo"); !outOfReach(s) {
			t.Fatalf("it is %s: %v", s.Phase, s.Fault)
		}
	}
	b.cluster.SetHook(nil)
	b.inPhase("echo", portolan.Ready)
	if n.open() == 0 {
		t.Error("ready without a connection")
	}
}

// The API server's certificate and its authority are replaced, first there and then,
// a while later, in the file that the kubeconfig names.
func TestAuthorityIsReplaced(t *testing.T) {
	t.Parallel()
	b, n := behind(t)
	config, err := clientcmd.LoadFromFile(b.kubeconfig)
	check(t, err)
	entry := config.Clusters["demo"]
	authority := b.kubeconfig + ".ca"
	check(t, os.WriteFile(authority, entry.CertificateAuthorityData, 0o600))
	entry.CertificateAuthority, entry.CertificateAuthorityData = authority, nil
	check(t, clientcmd.WriteToFile(*config, b.kubeconfig))
	live := b.dial("echo")
	echo(t, live, "before")

	other := startCluster(t, demo.ClusterConfig{})
	echoService(t, other, 1)
	renewed, err := clientcmd.Load(other.Kubeconfig("demo"))
	check(t, err)
	n.lead(renewed.Clusters["demo"].Server[len("https://"):])
	echo(t, live, "a connection that is there goes on")
	n.reset()
	b.refused("echo")
	if s := b.inPhase("echo", portolan.StalledForward); s.Fault.Code != "cluster-certificate" {
		t.Errorf("the fault is %+v", s.Fault)
	}
	check(t, os.WriteFile(authority+".new", renewed.Clusters["demo"].CertificateAuthorityData, 0o600))
	check(t, os.Rename(authority+".new", authority))
	within(t, "to serve again", b.served("echo"), time.Second)
	b.inPhase("echo", portolan.Ready)
}

// A proxy on the way is restarted, and is silent for a while.
func TestAProxyThatFails(t *testing.T) {
	t.Parallel()
	b := newBed(t, demo.ClusterConfig{})
	echoService(t, b.cluster, 1)
	proxy := startProxy(t)
	n := between(t, b) // the engine's way to the proxy
	config, err := clientcmd.LoadFromFile(b.kubeconfig)
	check(t, err)
	config.Clusters["demo"].Server = "https://" + n.target
	config.Clusters["demo"].ProxyURL = "http://" + n.address
	n.lead(proxy)
	check(t, clientcmd.WriteToFile(*config, b.kubeconfig))
	b.engine.Apply([]forward.Spec{spec("echo", portolan.Service, "echo", portolan.Port{Number: 70})})
	live := b.dial("echo")
	echo(t, live, "before")
	n.refuse()
	n.reset()
	within(t, "to pass the end on", ends(t, live), 0)
	b.inPhase("echo", portolan.Unreachable)
	n.listen()
	b.served("echo")
	live = b.dial("echo")
	echo(t, live, "before")
	n.silence(true)
	n.silence(false)
	b.engine.Recheck()
	within(t, "to end it after wake", ends(t, live), 3*time.Second)
	within(t, "to serve again", b.served("echo"), time.Second)
	b.inPhase("echo", portolan.Ready)
}

// startProxy runs an HTTP proxy that only tunnels, and returns its address.
func startProxy(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	proxy := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		far, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer far.Close()
		near, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer near.Close()
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			_, _ = io.Copy(far, near)
			_ = far.Close()
		}()
		_, _ = io.Copy(near, far)
	})}
	go func() { _ = proxy.Serve(ln) }()
	t.Cleanup(func() { _ = proxy.Close() })
	return ln.Addr().String()
}
