package kube

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
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
	files     map[string]fs.FileInfo // that it was made from, beside the kubeconfig
	rest      rest.Interface
	dialer    *dialer
	gate      *gate
	denials   denials
	login     *login
	reach     *reach
	log       *slog.Logger
}

// newCluster builds the clients and contacts nothing.
func newCluster(name, namespace string, config *rest.Config, login *login, log *slog.Logger) (*Cluster, error) {
	config = rest.CopyConfig(config)
	config.UserAgent = "portolan"
	config.WarningHandler = rest.NoWarnings{} // deprecations are not for our users
	config.QPS = -1                           // reads are few and come from people; gate limits what matters
	config.NegotiatedSerializer = codecs()
	reach := newReach()
	config.Dial = reach.reads.DialContext
	config.Wrap(login.beneath)
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	client.Transport = login.around(client.Transport)
	reader, err := rest.UnversionedRESTClientForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	dialer, err := newDialer(config, login, log)
	if err != nil {
		return nil, err
	}
	return &Cluster{name: name, namespace: namespace, rest: reader, dialer: dialer, gate: newGate(), login: login, reach: reach, log: log}, nil
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
// again, also in the other contexts of its user. It is for a click.
func (c *Cluster) Retry() {
	c.login.retry()
	c.gate.reset()
	c.denials.forget()
}

// Reconnect is for a machine that has woken or whose network has become another:
// backoffs end, and what is under way begins anew on new connections. A login that
// failed stays failed. Upgraded connections are their owner's to look after.
func (c *Cluster) Reconnect() {
	c.gate.resume()
	c.reach.renew()
}

// read gets one object or list. A connection that was kept may have been broken
// meanwhile, which says nothing about the server: another one is tried then.
func (c *Cluster) read(ctx context.Context, into runtime.Object, selector string, path ...string) error {
	if f := c.gate.refused(time.Now()); f != nil {
		return f
	}
	ctx, cancel := context.WithTimeoutCause(ctx, restTimeout, errSilent)
	defer cancel()
	attempt := func(ctx context.Context) error {
		req := c.rest.Verb(http.MethodGet).AbsPath(path...).MaxRetries(0)
		if selector != "" {
			req = req.Param("labelSelector", selector)
		}
		return req.Do(ctx).Into(into)
	}
	err := c.reach.within(ctx, attempt)
	if brokenUnderway(err) && ctx.Err() == nil {
		err = c.reach.within(ctx, attempt)
	}
	switch {
	case err == nil:
		c.gate.report(nil)
	case errors.Is(context.Cause(ctx), errSilent):
		c.reach.doubt()
	}
	return err
}

// brokenUnderway reports whether a connection broke after it was there.
func brokenUnderway(err error) bool {
	var broken *net.OpError
	return errors.As(err, &broken) && broken.Op != "dial" && !broken.Timeout() || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// errSilent is the end of a read that was given its time.
var errSilent = errors.New("no answer in time")

// report notes how a request ended that did not end well, where others would end in
// the same way. A plugin that failed is remembered with its user.
func (c *Cluster) report(f *portolan.Fault) {
	switch {
	case f.Code == portolan.CodeClusterSignIn && c.login.failure() != nil:
	case f.Code == portolan.CodeClusterSignIn, f.Code == portolan.CodeClusterUnreachable:
		c.gate.report(f)
	}
}

// ended is how the caller's ctx has ended, or nil. A socket's deadline can pass a
// moment before the context's own.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
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
	var conn net.Conn
	var leg string
	err = c.reach.within(ctx, func(ctx context.Context) (err error) {
		conn, leg, err = c.dialer.dial(ctx, b)
		return err
	})
	if ended := ended(ctx); err != nil && ended != nil {
		return nil, "", ended
	}
	f := c.fault(err, "dial", b.Namespace)
	if f != nil && f.Code == portolan.CodeClusterSignIn {
		c.report(f)
		return nil, "", f
	}
	c.gate.reportDial(b.UID, f)
	if f != nil {
		return nil, "", f
	}
	return conn, leg, nil
}
