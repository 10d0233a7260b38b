package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portolan-app/portolan/internal/portolan"
)

const (
	offerTimeout = 3 * time.Second // a person waits in front of a field
	offerMost    = 500
)

// Targets lists what a cluster offers for the next field of a target: its
// namespaces, the names of a kind in one of them, or the ports of one of these.
// At most 500 are listed, and no longer than 3 s are waited for. A missing right
// is a fault that names the verb and the resource.
func (c *Clusters) Targets(ctx context.Context, q portolan.TargetQuery) (portolan.Targets, error) {
	found := portolan.Targets{Namespaces: []string{}, Names: []string{}, Ports: []portolan.TargetPort{}}
	cluster, err := c.Cluster(q.Context)
	if err != nil {
		return found, err
	}
	ctx, cancel := context.WithTimeout(ctx, offerTimeout)
	defer cancel()
	q.Kind = cmp.Or(q.Kind, portolan.Service)
	what := "list namespaces"
	switch {
	case q.Namespace == "":
		found.Namespaces, found.More, err = cluster.listNames(ctx, []string{"api/v1/namespaces"})
	case q.Kind == portolan.Proxy || q.Kind == portolan.Expose:
		return found, nil // names that no cluster knows
	case q.Name == "":
		what = "list " + string(q.Kind) + "s"
		found.Names, found.More, err = cluster.listNames(ctx, collection(q.Kind, q.Namespace))
	default:
		what = "get " + string(q.Kind) + "s"
		found.Ports, err = cluster.ports(ctx, q)
	}
	if err == nil {
		return found, nil
	}
	f := cluster.fault(err, what, q.Namespace)
	cluster.report(f)
	return portolan.Targets{}, f
}

// collection is the path of all objects of a kind in a namespace.
func collection(kind portolan.WorkloadType, namespace string) []string {
	switch kind {
	case portolan.Service, portolan.Pod:
		return core(namespace, string(kind)+"s")
	case portolan.Job:
		return group("batch/v1", namespace, "jobs")
	}
	return group("apps/v1", namespace, string(kind)+"s")
}

// listNames lists the names of a collection, sorted, and says whether there are
// more. Only the objects' metadata travels, where the server can leave the rest
// out (Kubernetes API concepts, "Metadata-only fetches").
func (c *Cluster) listNames(ctx context.Context, path []string) (names []string, more bool, err error) {
	if f := c.gate.refused(time.Now()); f != nil {
		return nil, false, f
	}
	raw, err := c.rest.Verb(http.MethodGet).AbsPath(path...).Param("limit", strconv.Itoa(offerMost)).
		SetHeader("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json").DoRaw(ctx)
	if err != nil {
		return nil, false, err
	}
	var list metav1.PartialObjectMetadataList
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, false, err
	}
	names = make([]string, 0, len(list.Items))
	for _, item := range list.Items {
		names = append(names, item.Name)
	}
	slices.Sort(names)
	more = list.Continue != "" || len(names) > offerMost
	return names[:min(len(names), offerMost)], more, nil
}

// ports lists the ports of one object in the order in which it has them: a
// service's own, or those that the containers of a pod or its template declare.
func (c *Cluster) ports(ctx context.Context, q portolan.TargetQuery) ([]portolan.TargetPort, error) {
	if f := c.gate.refused(time.Now()); f != nil {
		return nil, f
	}
	raw, err := c.rest.Verb(http.MethodGet).AbsPath(append(collection(q.Kind, q.Namespace), q.Name)...).DoRaw(ctx)
	if err != nil {
		return nil, c.missing(ctx, err, portolan.Target{Namespace: q.Namespace, Kind: q.Kind, Name: q.Name})
	}
	var object struct {
		Spec struct {
			Ports      []corev1.ServicePort `json:"ports"`
			Containers []corev1.Container   `json:"containers"`
			Template   struct {
				Spec struct {
					Containers []corev1.Container `json:"containers"`
				} `json:"spec"`
			} `json:"template"`
		} `json:"spec"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	ports := []portolan.TargetPort{}
	add := func(name string, number int32, protocol corev1.Protocol) {
		p := portolan.TargetPort{Name: name, Number: int(number), Protocol: string(cmp.Or(protocol, corev1.ProtocolTCP))}
		if !slices.Contains(ports, p) && len(ports) < offerMost {
			ports = append(ports, p)
		}
	}
	for _, p := range object.Spec.Ports {
		add(p.Name, p.Port, p.Protocol)
	}
	for _, container := range slices.Concat(object.Spec.Containers, object.Spec.Template.Spec.Containers) {
		for _, p := range container.Ports {
			add(p.Name, p.ContainerPort, p.Protocol)
		}
	}
	return ports, nil
}
