package kube

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	"github.com/portolan-app/portolan/internal/portolan"
)

// restTimeout bounds one read from the API server.
const restTimeout = 10 * time.Second

// Cluster is one context of the kubeconfig. Methods may be called by several
// goroutines at once.
type Cluster struct {
	name      string
	namespace string // of targets that name none
	identity  identity
	rest      rest.Interface
	dialer    *dialer
	gate      *gate
	log       *slog.Logger
}

// newCluster builds the clients and contacts nothing.
func newCluster(name, namespace string, config *rest.Config, log *slog.Logger) (*Cluster, error) {
	config = rest.CopyConfig(config)
	config.UserAgent = "portolan"
	config.WarningHandler = rest.NoWarnings{} // deprecations are not for our users
	config.QPS = -1                           // reads are few and come from people; gate limits what matters
	config.NegotiatedSerializer = codecs()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	reader, err := rest.UnversionedRESTClientForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	dialer, err := newDialer(config, log)
	if err != nil {
		return nil, err
	}
	return &Cluster{name: name, namespace: namespace, rest: reader, dialer: dialer, gate: newGate(), log: log}, nil
}

// codecs knows the few kinds that this package reads and writes. client-go's own scheme would
// link every API of Kubernetes into the program.
func codecs() runtime.NegotiatedSerializer {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, batchv1.AddToScheme, discoveryv1.AddToScheme,
		authorizationv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic("kube: " + err.Error()) // kinds of one release do not collide
		}
	}
	return serializer.NewCodecFactory(scheme).WithoutConversion()
}

// Retry forgets failures: a backoff ends, and a login that failed is tried
// again. It is for a click, a wake-up and a change of network.
func (c *Cluster) Retry() { c.gate.reset() }

// read gets one object or list.
func (c *Cluster) read(ctx context.Context, into runtime.Object, selector string, path ...string) error {
	if f := c.gate.refused(time.Now()); f != nil {
		return f
	}
	err := c.readOnce(ctx, into, selector, path)
	if apierrors.IsUnauthorized(err) { // client-go has renewed what it can on seeing that
		err = c.readOnce(ctx, into, selector, path)
	}
	return err
}

// ended is how the caller's ctx has ended, or nil. A socket's deadline can pass a
// moment before the context's own.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

func (c *Cluster) readOnce(ctx context.Context, into runtime.Object, selector string, path []string) error {
	ctx, cancel := context.WithTimeout(ctx, restTimeout)
	defer cancel()
	req := c.rest.Verb(http.MethodGet).AbsPath(path...)
	if selector != "" {
		req = req.Param("labelSelector", selector)
	}
	return req.Do(ctx).Into(into)
}

// Dial opens an upgraded connection to a pod, which speaks the port-forward
// protocol over SPDY/3.1, and says on which leg. It waits for its turn: at most
// eight dials are under way at once, of which those do not count that have taken more
// than a second and lead to other pods, and twenty start each second. After a failure
// that concerns the whole cluster, dials fail at once until the time in the fault's
// Retry; after one that concerns the pod, dials to that pod.
func (c *Cluster) Dial(ctx context.Context, b portolan.Backend) (net.Conn, string, error) {
	leave, err := c.gate.enter(ctx, b.UID)
	if err != nil {
		return nil, "", err
	}
	defer leave()
	conn, leg, err := c.dialer.dial(ctx, b)
	if ended := ended(ctx); err != nil && ended != nil {
		return nil, "", ended
	}
	f := c.fault(err, "dial", b.Namespace)
	c.gate.reportDial(b.UID, f)
	if f != nil {
		return nil, "", f
	}
	return conn, leg, nil
}
