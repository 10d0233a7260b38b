package kube

import (
	"context"
	"fmt"

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
func (c *Cluster) service(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	var service corev1.Service
	if err := c.read(ctx, &service, "", core(t.Namespace, "services", t.Name)...); err != nil {
		return portolan.Backends{}, c.missing(ctx, err, t)
	}
	port, err := readPort(&service, t.Port)
	if err != nil {
		return portolan.Backends{}, err
	}
	var slices discoveryv1.EndpointSliceList
	err = c.read(ctx, &slices, discoveryv1.LabelServiceName+"="+t.Name, group("discovery.k8s.io/v1", t.Namespace, "endpointslices")...)
	if apierrors.IsForbidden(err) {
		return c.serviceBySelector(ctx, t, &service, port)
	}
	if err != nil {
		return portolan.Backends{}, err
	}
	found := endpoints(slices.Items, t.Namespace, port)
	found.Notice = port.notice
	if len(found.Pods) > 0 {
		return found, nil
	}
	if len(service.Spec.Selector) == 0 {
		return found, noSelector(t)
	}
	return found, notReady(t, fmt.Sprintf("%d endpoints, none of them ready", endpointCount(slices.Items)))
}

func noSelector(t portolan.Target) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "no-selector",
		Message: label(t) + " has no pods of its own: it has no selector and leads out of the cluster",
		Hint:    "a port-forward needs a pod; reach the address behind it directly",
	}
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

// endpoints collects the ready pods of the slices, each once.
func endpoints(slices []discoveryv1.EndpointSlice, namespace string, port servicePort) portolan.Backends {
	var found portolan.Backends
	seen := map[string]bool{}
	for _, slice := range slices {
		number := sliceNumber(slice.Ports, port)
		if number == 0 {
			continue // a revision whose pods do not declare the named port
		}
		for _, e := range slice.Endpoints {
			ready := e.Conditions.Ready == nil || *e.Conditions.Ready // nil means ready by the API's own word
			if e.TargetRef == nil || e.TargetRef.Kind != "Pod" || !ready || seen[string(e.TargetRef.UID)] {
				continue
			}
			seen[string(e.TargetRef.UID)] = true
			found.Pods = append(found.Pods, portolan.Backend{
				Namespace: namespace, Pod: e.TargetRef.Name, UID: string(e.TargetRef.UID), Port: number,
			})
		}
	}
	return found
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

func endpointCount(slices []discoveryv1.EndpointSlice) int {
	n := 0
	for _, slice := range slices {
		n += len(slice.Endpoints)
	}
	return n
}

// serviceBySelector needs get on services and list on pods only.
func (c *Cluster) serviceBySelector(ctx context.Context, t portolan.Target, service *corev1.Service, port servicePort) (portolan.Backends, error) {
	if len(service.Spec.Selector) == 0 {
		return portolan.Backends{}, noSelector(t)
	}
	selector := labels.SelectorFromSet(service.Spec.Selector).String()
	found, err := c.ready(ctx, t, selector, func(pod *corev1.Pod) (int, error) { return targetPort(pod, port) })
	if apierrors.IsForbidden(err) {
		return found, c.denied(err.Error(), t.Namespace, "list on endpointslices.discovery.k8s.io, or list on pods")
	}
	found.Notice = port.notice
	return found, err
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
