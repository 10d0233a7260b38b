package demo

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// PodRef names one pod; a pod that replaces another under the same name has
// another UID.
type PodRef struct{ Namespace, Name, UID string }

// Backend is a process behind a port of a pod: it serves one connection and
// returns. The connection is closed when it has returned; when the pod goes,
// the connection is closed under it. Conn is no socket: it has deadlines, but
// no half-close.
type Backend func(ctx context.Context, pod PodRef, conn net.Conn)

// Port is a container port and what listens on it. A nil Backend is a port that
// the pod declares and nothing listens on.
type Port struct {
	Name    string
	Number  int32
	Backend Backend
}

// Pod is a running pod to be added.
type Pod struct {
	Namespace, Name string
	Labels          map[string]string
	Ports           []Port
	Unready         bool // running, and its readiness probe fails

	owner *metav1.OwnerReference
}

// AddPod puts a running pod, scheduled and with an address, and opens its
// ports. A pod of that name is replaced, and gets a new UID.
func (c *Cluster) AddPod(pod Pod) error {
	c.Delete("pods", pod.Namespace, pod.Name)
	return c.addPod(pod)
}

func (c *Cluster) addPod(pod Pod) error {
	var ports []corev1.ContainerPort
	c.mu.Lock()
	c.addresses++
	address := fmt.Sprintf("10.244.%d.%d", c.addresses/250, c.addresses%250+2)
	for _, port := range pod.Ports {
		ports = append(ports, corev1.ContainerPort{Name: port.Name, ContainerPort: port.Number, Protocol: corev1.ProtocolTCP})
		if port.Backend != nil {
			c.listeners[listenerKey(pod.Namespace, pod.Name, port.Number)] = port.Backend
		}
	}
	c.mu.Unlock()
	object := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, Labels: pod.Labels},
		Spec:       corev1.PodSpec{NodeName: "demo-node", Containers: []corev1.Container{{Name: "app", Image: "demo", Ports: ports}}},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: address, PodIPs: []corev1.PodIP{{IP: address}},
			Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: readiness(!pod.Unready)}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "app", Ready: !pod.Unready, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}},
		},
	}
	if pod.owner != nil {
		object.OwnerReferences = []metav1.OwnerReference{*pod.owner}
	}
	return c.Put("pods", object)
}

func readiness(ready bool) corev1.ConditionStatus {
	if ready {
		return corev1.ConditionTrue
	}
	return corev1.ConditionFalse
}

// SetReady changes a pod's readiness, and with it the EndpointSlices.
func (c *Cluster) SetReady(namespace, name string, ready bool) error {
	return c.changePod(namespace, name, func(pod *corev1.Pod) {
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: readiness(ready)}}
		for i := range pod.Status.ContainerStatuses {
			pod.Status.ContainerStatuses[i].Ready = ready
		}
	})
}

// Terminate begins a pod's grace period: it is marked as terminating and still
// serves, until [Cluster.Delete] ends it.
func (c *Cluster) Terminate(namespace, name string) error {
	return c.changePod(namespace, name, func(pod *corev1.Pod) {
		now := metav1.Now()
		pod.DeletionTimestamp = &now
	})
}

func (c *Cluster) changePod(namespace, name string, change func(*corev1.Pod)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	object := c.getLocked("pods", namespace, name)
	if object == nil {
		return fmt.Errorf("the demo cluster has no pod %s/%s", namespace, name)
	}
	pod, err := podOf(object)
	if err != nil {
		return err
	}
	change(pod)
	kind, changed, err := understandObject("pods", pod)
	if err != nil {
		return err
	}
	c.putLocked(kind, changed)
	c.reconcileLocked("pods", namespace)
	return nil
}

func podOf(object *unstructured.Unstructured) (*corev1.Pod, error) {
	var pod corev1.Pod
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &pod); err != nil {
		return nil, fmt.Errorf("reading the pod %s/%s: %w", object.GetNamespace(), object.GetName(), err)
	}
	return &pod, nil
}

// Listen opens a port of a pod, or closes it if backend is nil: from then on
// connections to it are refused.
func (c *Cluster) Listen(namespace, pod string, port int32, backend Backend) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners[listenerKey(namespace, pod, port)] = backend
}

func listenerKey(namespace, pod string, port int32) string {
	return namespace + "/" + pod + ":" + strconv.Itoa(int(port))
}

// KillStreams closes the connections of a pod's processes, as a container does
// that restarts. The pod stays, and so do clients' connections to the API
// server.
func (c *Cluster) KillStreams(namespace, pod string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if object := c.getLocked("pods", namespace, pod); object != nil {
		c.killLocked(sandboxID(object))
	}
}

func (c *Cluster) killLocked(sandbox string) {
	for conn := range c.processes[sandbox] {
		conn.Close()
	}
}

// stopPodLocked ends the processes of a pod that is gone.
func (c *Cluster) stopPodLocked(pod *unstructured.Unstructured) {
	c.killLocked(sandboxID(pod))
	prefix := pod.GetNamespace() + "/" + pod.GetName() + ":"
	maps.DeleteFunc(c.listeners, func(key string, _ Backend) bool { return strings.HasPrefix(key, prefix) })
}

// AddService puts a service that selects pods; its EndpointSlice follows them.
// An empty selector makes a service without endpoints of its own.
func (c *Cluster) AddService(namespace, name string, selector map[string]string, ports ...corev1.ServicePort) error {
	return c.Put("services", &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP, ClusterIP: "10.96.0.1", Selector: selector, Ports: ports},
	})
}

// reconcileLocked is the EndpointSlice controller: it brings the slices of a
// namespace in line after a change of its pods or services.
func (c *Cluster) reconcileLocked(plural, namespace string) {
	if plural != "pods" && plural != "services" {
		return
	}
	in := func(u *unstructured.Unstructured) bool { return u.GetNamespace() == namespace }
	pods := c.listLocked("pods", in)
	wanted := map[string]bool{}
	for _, object := range c.listLocked("services", in) {
		var service corev1.Service
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &service); err != nil || len(service.Spec.Selector) == 0 {
			continue // a person's own slices, or an object that is no service: as the real controller, leave it
		}
		for _, slice := range endpointSlices(&service, pods) {
			wanted[slice.Name] = true
			c.putSliceLocked(slice)
		}
	}
	for _, slice := range c.listLocked("endpointslices", in) {
		if slice.GetLabels()[discoveryv1.LabelManagedBy] == sliceManager && !wanted[slice.GetName()] {
			c.deleteLocked("endpointslices", namespace, slice.GetName())
		}
	}
}

// sliceManager marks the slices that the controller made, by the value that the
// real one has.
const sliceManager = "endpointslice-controller.k8s.io"

// putSliceLocked stores slice if it differs from what is there.
func (c *Cluster) putSliceLocked(slice *discoveryv1.EndpointSlice) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(slice)
	if err != nil {
		c.config.Log.Error("cannot store an EndpointSlice", "name", slice.Name, "error", err)
		return
	}
	u := &unstructured.Unstructured{Object: content}
	before := c.getLocked("endpointslices", slice.Namespace, slice.Name)
	if before != nil && equality.Semantic.DeepEqual(before.Object["endpoints"], u.Object["endpoints"]) &&
		equality.Semantic.DeepEqual(before.Object["ports"], u.Object["ports"]) {
		return
	}
	kind, _ := findResource("endpointslices")
	c.putLocked(kind, u)
}

// endpointSlices are what service should have with these pods of its namespace: one
// at least, and one for each answer to what its target ports are.
func endpointSlices(service *corev1.Service, pods []*unstructured.Unstructured) []*discoveryv1.EndpointSlice {
	all := []*discoveryv1.EndpointSlice{}
	selector := labels.SelectorFromSet(service.Spec.Selector)
	for _, object := range pods {
		if !selector.Matches(labels.Set(object.GetLabels())) {
			continue
		}
		pod, err := podOf(object)
		if err != nil || pod.Status.PodIP == "" || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			continue
		}
		ports := slicePorts(service.Spec.Ports, pod)
		i := slices.IndexFunc(all, func(s *discoveryv1.EndpointSlice) bool { return equality.Semantic.DeepEqual(s.Ports, ports) })
		if i < 0 {
			i = len(all)
			all = append(all, newSlice(service, i, ports))
		}
		all[i].Endpoints = append(all[i].Endpoints, endpoint(pod))
	}
	if len(all) == 0 {
		all = append(all, newSlice(service, 0, nil))
	}
	return all
}

func newSlice(service *corev1.Service, number int, ports []discoveryv1.EndpointPort) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: service.Namespace, Name: fmt.Sprintf("%s-demo%d", service.Name, number),
			Labels: map[string]string{discoveryv1.LabelServiceName: service.Name, discoveryv1.LabelManagedBy: sliceManager},
		},
		AddressType: discoveryv1.AddressTypeIPv4, Ports: ports,
	}
}

// endpoint is a pod as an EndpointSlice has it: a terminating pod is never
// ready, and serving while its probe succeeds.
func endpoint(pod *corev1.Pod) discoveryv1.Endpoint {
	serving := slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
	terminating := pod.DeletionTimestamp != nil
	ready := serving && !terminating
	return discoveryv1.Endpoint{
		Addresses:  []string{pod.Status.PodIP},
		Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &serving, Terminating: &terminating},
		NodeName:   &pod.Spec.NodeName,
		TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
	}
}

// slicePorts are a service's ports as numbers of pod, without those that it does not
// know by name.
func slicePorts(ports []corev1.ServicePort, pod *corev1.Pod) []discoveryv1.EndpointPort {
	var resolved []discoveryv1.EndpointPort
	for _, port := range ports {
		number, ok := targetPort(port, pod)
		if !ok {
			continue
		}
		name, protocol := port.Name, port.Protocol
		if protocol == "" {
			protocol = corev1.ProtocolTCP
		}
		resolved = append(resolved, discoveryv1.EndpointPort{Name: &name, Port: &number, Protocol: &protocol})
	}
	return resolved
}

func targetPort(port corev1.ServicePort, pod *corev1.Pod) (int32, bool) {
	switch {
	case port.TargetPort.Type == intstr.Int && port.TargetPort.IntVal != 0:
		return port.TargetPort.IntVal, true
	case port.TargetPort.Type == intstr.Int:
		return port.Port, true
	}
	for _, container := range pod.Spec.Containers {
		for _, known := range container.Ports {
			if known.Name == port.TargetPort.StrVal {
				return known.ContainerPort, true
			}
		}
	}
	return 0, false
}
