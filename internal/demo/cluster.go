package demo

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ClusterConfig says how a [Cluster] behaves. The zero value is a current
// server that grants everything.
type ClusterConfig struct {
	// Token is the only bearer token that is accepted. Empty: "demo".
	Token string

	// NoWebSocket makes port-forward as it was before Kubernetes 1.30: only
	// SPDY, a WebSocket upgrade is answered with 400.
	NoWebSocket bool

	// Delay is added to each direction of every connection to the API server, so
	// that a round trip costs twice as much. The client's TCP handshake costs a
	// round trip too.
	Delay time.Duration

	// Bookmarks is the time between two bookmarks of a watch that asked for
	// them. Zero: one minute, as in a real server.
	Bookmarks time.Duration

	// Log receives what the HTTP server has to complain about. Nil: nowhere.
	Log *slog.Logger
}

// Hook may answer a request to the API server in the cluster's place, and so
// inject a fault. It returns true if it did. It runs before authentication.
type Hook func(w http.ResponseWriter, r *http.Request) (handled bool)

// Counts is what the API server has seen so far.
type Counts struct {
	WebSocket int // port-forward upgrades that came as WebSocket, refused ones included
	SPDY      int // port-forward upgrades that came as SPDY, refused ones included
	Pairs     int // connections forwarded to a pod's port, refused ones included

	// Requests counts requests by verb and resource, such as "list pods" or
	// "create pods/portforward", also those that were answered with an error.
	Requests map[string]int
}

// Cluster is an API server, a kubelet and a few controllers in one. It serves
// get, list and watch of the resources in its table, and port-forward to
// [Backend]s. Its methods may be called from any goroutine, also before Run.
type Cluster struct {
	config ClusterConfig

	mu        sync.Mutex
	address   string // host:port of the API server, once it listens
	authority []byte // PEM
	token     string
	hook      Hook
	denied    map[string]bool // by "verb resource"
	counts    Counts

	version   int                                              // the last resourceVersion given
	floor     int                                              // a watch from an older version gets 410
	objects   map[string]map[string]*unstructured.Unstructured // by plural, then namespace/name
	log       []event
	changed   chan struct{} // closed and replaced at each event
	workloads []*workload
	addresses int // pod addresses given so far

	listeners map[string]Backend           // by namespace/pod:port
	processes map[string]map[net.Conn]bool // the cluster's end of live backend connections, by sandbox
	closing   bool
	closed    chan struct{}  // closed when closing is set
	running   sync.WaitGroup // requests and backends; none is added once closing is set
}

// NewCluster returns an empty cluster that does not listen yet.
func NewCluster(config ClusterConfig) *Cluster {
	if config.Token == "" {
		config.Token = "demo"
	}
	if config.Bookmarks == 0 {
		config.Bookmarks = time.Minute
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	return &Cluster{
		config:    config,
		token:     config.Token,
		denied:    map[string]bool{},
		counts:    Counts{Requests: map[string]int{}},
		objects:   map[string]map[string]*unstructured.Unstructured{},
		changed:   make(chan struct{}),
		listeners: map[string]Backend{},
		processes: map[string]map[net.Conn]bool{},
		closed:    make(chan struct{}),
	}
}

// Run serves the cluster on a free loopback port until ctx ends, and then
// returns nil with every connection closed and every goroutine of its own ended;
// those of the streaming libraries end on seeing the closed connections. It
// calls ready once, when the port is open and [Cluster.Kubeconfig] is complete.
// A cluster runs once.
func (c *Cluster) Run(ctx context.Context, ready func()) error {
	certificate, authority, err := newCertificate(time.Now())
	if err != nil {
		return fmt.Errorf("making the demo cluster's certificate: %w", err)
	}
	outer, inner, err := c.listen()
	if err != nil {
		return fmt.Errorf("opening the demo cluster's port: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	tracked, node := &trackingListener{Listener: inner}, newPipeListener()
	kubelet := c.server(ctx, c.kubelet())
	api := c.server(ctx, c.api(node))
	api.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}

	var parts sync.WaitGroup
	failed := make(chan error, 4) // as many as there are parts
	run := func(part func() error) {
		parts.Go(func() {
			if err := part(); err != nil && !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	if outer != inner {
		relay := &Relay{Target: inner.Addr().String(), Delay: c.config.Delay}
		run(func() error { return relay.Run(ctx, outer) })
	}
	run(func() error { return api.ServeTLS(tracked, "", "") })
	run(func() error { return kubelet.Serve(node) })
	run(func() error { return c.control(ctx) })

	c.mu.Lock()
	c.address, c.authority = outer.Addr().String(), authority
	c.mu.Unlock()
	ready()

	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	c.close()
	_, _ = api.Close(), kubelet.Close() // the listeners' errors; what was open is closed all the same
	tracked.closeConnections()
	node.closeConnections()
	c.running.Wait()
	parts.Wait()
	return err
}

// listen opens the port that clients know, and the one that the API server
// accepts on: the same, unless a relay that delays goes between.
func (c *Cluster) listen() (outer, inner *net.TCPListener, err error) {
	loopback := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	outer, err = net.ListenTCP("tcp4", loopback)
	if err != nil || c.config.Delay == 0 {
		return outer, outer, err
	}
	inner, err = net.ListenTCP("tcp4", loopback)
	if err != nil {
		return nil, nil, errors.Join(err, outer.Close())
	}
	return outer, inner, nil
}

// server is an HTTP server whose requests are counted in c.running.
func (c *Cluster) server(ctx context.Context, handler http.Handler) *http.Server {
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !c.enter() {
				return
			}
			defer c.running.Done()
			handler.ServeHTTP(w, r)
		}),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(c.config.Log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: 30 * time.Second,
	}
}

// enter reports whether the cluster may start another request or backend, and
// counts it in c.running if so.
func (c *Cluster) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	c.running.Add(1)
	return true
}

// close ends every backend connection and lets no more begin.
func (c *Cluster) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
	close(c.closed)
	for sandbox := range c.processes {
		c.killLocked(sandbox)
	}
}

// Kubeconfig is a kubeconfig file whose contexts, in the order given and under
// any name, all lead to this cluster; the first is the current one. It is
// complete once Run has called ready.
func (c *Cluster) Kubeconfig(contexts ...string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Config\npreferences: {}\nclusters:\n")
	fmt.Fprintf(&b, "- name: demo\n  cluster:\n    server: https://%s\n    certificate-authority-data: %s\n",
		c.address, base64.StdEncoding.EncodeToString(c.authority))
	fmt.Fprintf(&b, "users:\n- name: demo\n  user:\n    token: %q\ncontexts:\n", c.config.Token)
	for _, name := range contexts {
		fmt.Fprintf(&b, "- name: %q\n  context: {cluster: demo, user: demo}\n", name)
	}
	if len(contexts) > 0 {
		fmt.Fprintf(&b, "current-context: %q\n", contexts[0])
	}
	return []byte(b.String())
}

// SetHook replaces the hook; nil removes it.
func (c *Cluster) SetHook(hook Hook) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = hook
}

// SetToken changes the token that is accepted from now on, so that a
// kubeconfig made before gets 401.
func (c *Cluster) SetToken(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
}

// Deny makes requests of verb (get, list, watch, create) on resource (a plural,
// or "pods/portforward") fail with 403 from now on; Allow takes it back.
func (c *Cluster) Deny(verb, resource string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.denied[verb+" "+resource] = true
}

// Allow takes a [Cluster.Deny] back.
func (c *Cluster) Allow(verb, resource string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.denied, verb+" "+resource)
}

// Counts is a copy of the counters.
func (c *Cluster) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	counts.Requests = maps.Clone(c.counts.Requests)
	return counts
}
