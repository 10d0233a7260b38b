package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/portolan-app/portolan/internal/portolan"
)

// servicePort is how a target's port reads on a service.
type servicePort struct {
	// port is the service's own; nil where no service port has that number and
	// it is meant as a container port.
	port   *corev1.ServicePort
	number int // the container port, where it needs no look at a pod; else 0
	notice string
}

// service finds the ready endpoints of a service. EndpointSlices already hold
// the target port of each pod, also where it is named or differs between
// revisions. Where they may not be read, the service's own selector leads to the
// pods.
func (c *Cluster) service(ctx context.Context, t portolan.Target, newest bool) (portolan.Backends, error) {
	service, err := c.readService(ctx, t)
	if err != nil {
		return portolan.Backends{}, c.missing(ctx, err, t)
	}
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		return portolan.Backends{}, podless(t, "it is only another name for "+service.Spec.ExternalName)
	}
	port, err := readPort(service, t.Port)
	if err != nil {
		return portolan.Backends{}, err
	}
	found, err := c.endpoints(ctx, t, service, port)
	switch {
	case apierrors.IsForbidden(err):
		found, err = c.serviceBySelector(ctx, t, service, port)
	case err == nil && newest && len(found.Pods) > 1:
		err = c.byAge(ctx, t.Namespace, service, &found)
	}
	found.Notice = cmp.Or(port.notice, found.Notice)
	return found, err
}

func (c *Cluster) readService(ctx context.Context, t portolan.Target) (*corev1.Service, error) {
	var service corev1.Service
	err := c.read(ctx, &service, "", core(t.Namespace, "services", t.Name)...)
	return &service, err
}

// podSelector is the labels of a service's pods.
func podSelector(service *corev1.Service) string {
	return labels.SelectorFromSet(service.Spec.Selector).String()
}

// endpoints reads the slices of a service. Its error says that they may not be
// read, or why there is no pod.
func (c *Cluster) endpoints(ctx context.Context, t portolan.Target, service *corev1.Service, port servicePort) (portolan.Backends, error) {
	var list discoveryv1.EndpointSliceList
	err := c.denials.try(listSlices, t.Namespace, func() error {
		return c.read(ctx, &list, discoveryv1.LabelServiceName+"="+t.Name, group("discovery.k8s.io/v1", t.Namespace, "endpointslices")...)
	})
	if err != nil {
		return portolan.Backends{}, err
	}
	s := survey(list.Items, t.Namespace, port)
	switch {
	case len(s.pods) > 0:
		return portolan.Backends{Pods: s.pods}, nil
	case s.portless > 0:
		return portolan.Backends{}, &portolan.Fault{
			Kind: portolan.Failed, Code: "port-missing",
			Message: fmt.Sprintf("port %s of %s leads to a port named %s, which no ready pod declares", t.Port, label(t), port.port.TargetPort.String()),
			Hint:    "name the port in the pods, or give the service a targetPort that is a number",
		}
	case len(service.Spec.Selector) > 0:
		return portolan.Backends{}, c.unready(ctx, t, service, s.unready)
	case s.unready > 0: // whoever writes the slices of this service knows its pods
		return portolan.Backends{}, unreadyEndpoints(t, s.unready)
	case len(s.outside) > 0:
		return portolan.Backends{}, podless(t, "it leads to "+listed(s.outside))
	}
	return portolan.Backends{}, podless(t, "it has no selector")
}

// unready is the fault of a service without a ready endpoint. The pods say why, as
// far as they may be read.
func (c *Cluster) unready(ctx context.Context, t portolan.Target, service *corev1.Service, endpoints int) error {
	selector := podSelector(service)
	var pods []corev1.Pod
	err := c.denials.try(listPods, t.Namespace, func() (err error) {
		pods, err = c.pods(ctx, t.Namespace, selector)
		return err
	})
	if err != nil {
		return unreadyEndpoints(t, endpoints)
	}
	return notReady(t, nobody(selector, pods))
}

func unreadyEndpoints(t portolan.Target, n int) error {
	return notReady(t, fmt.Sprintf("it has %d endpoints, and none of them is ready", n))
}

// podless is the fault of a service that only something inside the cluster reaches.
func podless(t portolan.Target, why string) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "no-selector",
		Message: label(t) + " has no pods of its own: " + why,
		Hint:    "a port-forward needs a pod; reach the address behind it directly, or forward to a pod that does",
	}
}

// byAge brings the pods of a service into the order of their age, newest first. A
// right that is missing is no reason to have no pods.
func (c *Cluster) byAge(ctx context.Context, namespace string, service *corev1.Service, found *portolan.Backends) error {
	pods, err := c.pods(ctx, namespace, podSelector(service))
	if apierrors.IsForbidden(err) {
		found.Notice = "which pod is the newest takes the right to list pods"
		return nil
	}
	age := func(b portolan.Backend) int {
		return slices.IndexFunc(pods, func(pod corev1.Pod) bool { return string(pod.UID) == b.UID })
	}
	slices.SortStableFunc(found.Pods, func(a, b portolan.Backend) int { return cmp.Compare(age(a), age(b)) })
	return err
}

// readPort reads a port as the service means it. A number that could be both a
// service port and a container port is the service's.
func readPort(service *corev1.Service, wanted portolan.Port) (servicePort, error) {
	var declared []string
	for i := range service.Spec.Ports {
		p := &service.Spec.Ports[i]
		declared = append(declared, portLabel(p.Name, p.Port))
		if wanted.Name != "" && p.Name != wanted.Name || wanted.Name == "" && int(p.Port) != wanted.Number {
			continue
		}
		if p.Protocol == corev1.ProtocolUDP || p.Protocol == corev1.ProtocolSCTP {
			return servicePort{}, &portolan.Fault{
				Kind: portolan.Failed, Code: "protocol-unsupported",
				Message: fmt.Sprintf("port %s of service %s is %s, and Kubernetes forwards TCP only", wanted, service.Name, p.Protocol),
			}
		}
		return servicePort{port: p, number: headless(service, p), notice: twoReadings(service, p, wanted)}, nil
	}
	if wanted.Name != "" {
		return servicePort{}, noPort("service "+service.Name, wanted, declared)
	}
	return servicePort{
		number: wanted.Number,
		notice: fmt.Sprintf("service %s has no port %d (it has: %s); used as the container's port", service.Name, wanted.Number, listed(declared)),
	}, nil
}

// headless mirrors kubectl: the ports of a service without an address are the
// pods' own, whatever targetPort says.
func headless(service *corev1.Service, p *corev1.ServicePort) int {
	if service.Spec.ClusterIP == corev1.ClusterIPNone {
		return int(p.Port)
	}
	return 0
}

// twoReadings is a notice where the wanted number is also the container port of
// another port of the service.
func twoReadings(service *corev1.Service, chosen *corev1.ServicePort, wanted portolan.Port) string {
	for i := range service.Spec.Ports {
		other := &service.Spec.Ports[i]
		if other == chosen || wanted.Number == 0 || other.TargetPort.IntValue() != wanted.Number {
			continue
		}
		return fmt.Sprintf("%d is read as port %s of service %s, not as the container port behind its port %s",
			wanted.Number, portLabel(chosen.Name, chosen.Port), service.Name, portLabel(other.Name, other.Port))
	}
	return ""
}

// surveyed is what the slices of a service hold.
type surveyed struct {
	pods     []portolan.Backend // ready, each once
	portless int                // pods that are ready, without the port
	unready  int                // pods
	outside  []string           // addresses of what is no pod
}

// survey looks at every endpoint. A pod can be in several slices: of two address
// families, or while it moves from one to another.
func survey(list []discoveryv1.EndpointSlice, namespace string, port servicePort) surveyed {
	var s surveyed
	seen := map[string]bool{}
	for _, slice := range list {
		number := sliceNumber(slice.Ports, port)
		for _, e := range slice.Endpoints {
			switch {
			case e.TargetRef == nil || e.TargetRef.Kind != "Pod":
				s.outside = append(s.outside, e.Addresses...)
			case !accepts(e):
				s.unready++
			case seen[string(e.TargetRef.UID)]:
			case number == 0: // of a revision whose pods do not declare the named port
				s.portless++
			default:
				seen[string(e.TargetRef.UID)] = true
				s.pods = append(s.pods, portolan.Backend{
					Namespace: namespace, Pod: e.TargetRef.Name, UID: string(e.TargetRef.UID), Port: number,
				})
			}
		}
	}
	return s
}

// accepts reports whether an endpoint takes new connections. Absent conditions mean
// that it is ready and not terminating (EndpointConditions, discovery/v1). A service
// that publishes what is not ready has terminating ones that are ready.
func accepts(e discoveryv1.Endpoint) bool {
	ready, terminating := e.Conditions.Ready, e.Conditions.Terminating
	return (ready == nil || *ready) && (terminating == nil || !*terminating)
}

// sliceNumber is the container port that a slice gives for a service port; they
// are matched by name. 0 means that it has none.
func sliceNumber(ports []discoveryv1.EndpointPort, port servicePort) int {
	if port.number != 0 {
		return port.number
	}
	for _, p := range ports {
		if p.Port != nil && (p.Name == nil && port.port.Name == "" || p.Name != nil && *p.Name == port.port.Name) {
			return int(*p.Port)
		}
	}
	return 0
}

// serviceBySelector needs get on services and list on pods only.
func (c *Cluster) serviceBySelector(ctx context.Context, t portolan.Target, service *corev1.Service, port servicePort) (portolan.Backends, error) {
	if len(service.Spec.Selector) == 0 {
		return portolan.Backends{}, podless(t, "it has no selector, and its endpoints may not be read")
	}
	selector := podSelector(service)
	pods, err := c.pods(ctx, t.Namespace, selector)
	if apierrors.IsForbidden(err) {
		c.denials.drop(listSlices, t.Namespace) // either right would do, and may come
		return portolan.Backends{}, c.denied(err.Error(), t.Namespace, listSlices.String()+", or list on pods"+roleBy)
	}
	if err != nil {
		return portolan.Backends{}, err
	}
	fit := podReady
	if service.Spec.PublishNotReadyAddresses {
		fit = podRuns
	}
	return choose(t, selector, pods, fit, func(pod *corev1.Pod) (int, error) { return targetPort(pod, port) })
}

// targetPort is what an EndpointSlice would say for the pod.
func targetPort(pod *corev1.Pod, port servicePort) (int, error) {
	switch {
	case port.number != 0:
		return port.number, nil
	case port.port.TargetPort.Type == intstr.String:
		return containerPort(pod, portolan.Target{Port: portolan.Port{Name: port.port.TargetPort.StrVal}})
	case port.port.TargetPort.IntVal == 0:
		return int(port.port.Port), nil
	}
	return int(port.port.TargetPort.IntVal), nil
}
