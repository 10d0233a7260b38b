package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/portolan-app/portolan/internal/portolan"
)

// watchFor is how long one watch goes on at least; another one begins with the
// selector of that moment.
const watchFor = 5 * time.Minute

// stream is one watch request: of the objects of a path that a selector matches.
type stream struct {
	right          Right
	namespace      string
	path           []string
	labels, fields string
}

// Watch tells when something has changed on which [Cluster.Resolve] depends, and
// not what: changed is called once the watch has begun, and for each change after
// that. It returns when the watch ends, which it does after some minutes at most,
// with the reason. A right that is missing is remembered, so that asking again costs
// nothing.
func (c *Cluster) Watch(ctx context.Context, t portolan.Target, changed func()) error {
	t.Namespace = cmp.Or(t.Namespace, c.namespace)
	err := c.watch(ctx, t, changed)
	if ended := ended(ctx); ended != nil {
		return ended
	}
	f := c.fault(err, "watch", t.Namespace)
	if f.Code == portolan.CodeClusterSignIn {
		c.report(f)
	}
	return f
}

// watch follows a service by its slices and everything else by its pods, which are
// the second way to a service too.
func (c *Cluster) watch(ctx context.Context, t portolan.Target, changed func()) error {
	if serves(t) {
		err := c.follow(ctx, stream{
			right: watchSlices, namespace: t.Namespace,
			path:   group("discovery.k8s.io/v1", t.Namespace, "endpointslices"),
			labels: discoveryv1.LabelServiceName + "=" + t.Name,
		}, changed)
		if !apierrors.IsForbidden(err) {
			return err
		}
	}
	s := stream{right: watchPods, namespace: t.Namespace, path: core(t.Namespace, "pods")}
	if err := c.denials.of(s.right, s.namespace); err != nil {
		return err
	}
	if t.Selector == "" && t.Kind == portolan.Pod {
		s.fields = "metadata.name=" + t.Name
		return c.follow(ctx, s, changed)
	}
	var err error
	if s.labels, err = c.selector(ctx, t); err != nil {
		return err
	}
	return c.follow(ctx, s, changed)
}

// selector is the labels of the target's pods.
func (c *Cluster) selector(ctx context.Context, t portolan.Target) (string, error) {
	if t.Selector != "" {
		return t.Selector, nil
	}
	if t.Kind != portolan.Service {
		w, err := c.workload(ctx, t)
		return w.selector, err
	}
	service, err := c.readService(ctx, t)
	if err != nil {
		return "", err
	}
	if len(service.Spec.Selector) == 0 {
		return "", podless(t, "it has no selector")
	}
	return podSelector(service), nil
}

// follow reads one watch until it ends. It asks for any version: the server sends
// what it knows, and what happens from then on, so that no change falls between a
// look-up and the watch, and no version can have expired. To ask for the most recent
// one would make a server wait, in vain where its etcd is old. Of the objects only the
// metadata travels (Kubernetes API concepts, "Semantics for watch" and "Metadata-only
// fetches").
func (c *Cluster) follow(ctx context.Context, s stream, changed func()) error {
	if f := c.gate.refused(time.Now()); f != nil {
		return f
	}
	seconds := int(watchFor.Seconds())
	req := c.rest.Verb(http.MethodGet).AbsPath(s.path...).
		Param("watch", "true").Param("resourceVersion", "0").
		Param("timeoutSeconds", strconv.Itoa(seconds+rand.N(seconds))). //nolint:gosec // jitter
		SetHeader("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json")
	if s.labels != "" {
		req = req.Param("labelSelector", s.labels)
	}
	if s.fields != "" {
		req = req.Param("fieldSelector", s.fields)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.reach.now(), cancel)()
	var body io.ReadCloser
	err := c.denials.try(s.right, s.namespace, func() (err error) {
		body, err = req.Stream(ctx)
		return err
	})
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	changed()
	events := json.NewDecoder(body)
	for {
		var event struct {
			Type   string `json:"type"`
			Object struct {
				Message string `json:"message"` // of an ERROR
			} `json:"object"`
		}
		if err := events.Decode(&event); err != nil {
			return err
		}
		if event.Type == "ERROR" {
			return errors.New(event.Object.Message)
		}
		changed()
	}
}
