package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Resolve finds the pods behind a target and the port to dial in them. It reads
// once and watches nothing. At least one pod is returned, or a fault that says
// what is missing and what exists in its place. Pods are newest first, but for a
// service, whose endpoints have no age.
func (c *Cluster) Resolve(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	return c.find(ctx, t, false)
}

// Newest is Resolve with the newest pod first for a service too, at the cost of a
// request where it has several.
func (c *Cluster) Newest(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	return c.find(ctx, t, true)
}

func (c *Cluster) find(ctx context.Context, t portolan.Target, newest bool) (portolan.Backends, error) {
	t.Namespace = cmp.Or(t.Namespace, c.namespace)
	found, err := c.resolve(ctx, t, newest)
	if err == nil {
		return found, nil
	}
	if ended := ended(ctx); ended != nil {
		return portolan.Backends{}, ended
	}
	f := c.fault(err, wanting(t), t.Namespace)
	c.report(f)
	return portolan.Backends{}, f
}

func (c *Cluster) resolve(ctx context.Context, t portolan.Target, newest bool) (portolan.Backends, error) {
	switch {
	case t.Selector != "":
		return c.selected(ctx, t, t.Selector)
	case t.Kind == portolan.Pod:
		return c.pod(ctx, t)
	case t.Kind == portolan.Service:
		return c.service(ctx, t, newest)
	}
	w, err := c.workload(ctx, t)
	if err != nil {
		return portolan.Backends{}, err
	}
	found, err := c.selected(ctx, t, w.selector)
	if w.rests != "" && portolan.AsFault(err) != nil && portolan.AsFault(err).Code == portolan.CodeNoReadyPod {
		return found, notReady(t, w.rests)
	}
	return found, err
}

// serves reports whether the target is a service.
func serves(t portolan.Target) bool { return t.Selector == "" && t.Kind == portolan.Service }

// core is the path of something in the core group.
func core(namespace string, rest ...string) []string {
	return append([]string{"api/v1/namespaces", namespace}, rest...)
}

// group is the path of something in a named group and version.
func group(group, namespace string, rest ...string) []string {
	return append([]string{"apis", group, "namespaces", namespace}, rest...)
}

// pod is the one pod of that name. As with kubectl it must run, but need not be
// ready. One of a stateful set, such as db-0, is waited for while it is replaced.
func (c *Cluster) pod(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	var pod corev1.Pod
	if err := c.read(ctx, &pod, "", core(t.Namespace, "pods", t.Name)...); err != nil {
		if apierrors.IsNotFound(err) {
			if why := c.ordinal(ctx, t); why != "" {
				return portolan.Backends{}, notReady(t, why)
			}
		}
		return portolan.Backends{}, c.missing(ctx, err, t)
	}
	if !podRuns(&pod) {
		return portolan.Backends{}, notReady(t, "it is "+condition(&pod))
	}
	port, err := containerPort(&pod, t)
	if err != nil {
		return portolan.Backends{}, err
	}
	found := portolan.Backends{Pods: []portolan.Backend{backend(&pod, port)}}
	if !podReady(&pod) {
		found.Notice = fmt.Sprintf("pod %s is %s", pod.Name, condition(&pod))
	}
	return found, nil
}

func backend(pod *corev1.Pod, port int) portolan.Backend {
	return portolan.Backend{Namespace: pod.Namespace, Pod: pod.Name, UID: string(pod.UID), Port: port}
}

// selected is all ready pods that a label selector matches, newest first.
func (c *Cluster) selected(ctx context.Context, t portolan.Target, selector string) (portolan.Backends, error) {
	pods, err := c.pods(ctx, t.Namespace, selector)
	if err != nil {
		return portolan.Backends{}, err
	}
	return choose(t, selector, pods, podReady, func(pod *corev1.Pod) (int, error) { return containerPort(pod, t) })
}

// pods lists the pods of a selector, newest first.
func (c *Cluster) pods(ctx context.Context, namespace, selector string) ([]corev1.Pod, error) {
	var list corev1.PodList
	if err := c.read(ctx, &list, selector, core(namespace, "pods")...); err != nil {
		return nil, err
	}
	slices.SortStableFunc(list.Items, func(a, b corev1.Pod) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return list.Items, nil
}

// choose keeps the fit ones of the pods of a selector, with the port that the given
// function finds in each.
func choose(t portolan.Target, selector string, pods []corev1.Pod, fit func(*corev1.Pod) bool, port func(*corev1.Pod) (int, error)) (portolan.Backends, error) {
	var found portolan.Backends
	var portless error
	for i := range pods {
		if !fit(&pods[i]) {
			continue
		}
		n, err := port(&pods[i])
		if err != nil {
			portless = cmp.Or(portless, err)
			continue
		}
		found.Pods = append(found.Pods, backend(&pods[i], n))
	}
	switch {
	case len(found.Pods) > 0:
		return found, nil
	case portless != nil:
		return found, portless
	}
	return found, notReady(t, nobody(selector, pods))
}

// nobody is why none of the pods of a selector, newest first, serves.
func nobody(selector string, pods []corev1.Pod) string {
	switch len(pods) {
	case 0:
		return "no pod matches " + selector
	case 1:
		return fmt.Sprintf("its pod %s is %s", pods[0].Name, condition(&pods[0]))
	}
	return fmt.Sprintf("of its %d pods the newest, %s, is %s", len(pods), pods[0].Name, condition(&pods[0]))
}

func podRuns(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodRunning
}

func podReady(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// containerPort is the target's port as a container port of the pod. A number
// need not be declared; a name must.
func containerPort(pod *corev1.Pod, t portolan.Target) (int, error) {
	if t.Port.Number != 0 {
		return t.Port.Number, nil
	}
	var declared []string
	for _, container := range pod.Spec.Containers {
		for _, p := range container.Ports {
			if p.Name == t.Port.Name {
				return int(p.ContainerPort), nil
			}
			declared = append(declared, portLabel(p.Name, p.ContainerPort))
		}
	}
	return 0, noPort("pod "+pod.Name, t.Port, declared)
}

// portLabel is "web (80)", or "80" for a port without a name.
func portLabel(name string, number int32) string {
	if name == "" {
		return fmt.Sprint(number)
	}
	return fmt.Sprintf("%s (%d)", name, number)
}

func noPort(owner string, wanted portolan.Port, declared []string) *portolan.Fault {
	f := &portolan.Fault{
		Kind: portolan.Failed, Code: "port-missing",
		Message: fmt.Sprintf("%s has no port %s", owner, wanted),
		Hint:    "it declares none; name the port by number",
	}
	if len(declared) > 0 {
		f.Hint = "it has: " + listed(declared)
	}
	return f
}

func notReady(t portolan.Target, why string) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Later, Code: portolan.CodeNoReadyPod,
		Message: fmt.Sprintf("%s has no ready pod in namespace %s: %s", label(t), t.Namespace, why),
		Hint:    fmt.Sprintf("see `kubectl -n %s get pods`", t.Namespace),
		Retry:   time.Now().Add(time.Second),
	}
}

// label is the target for a person: "service api".
func label(t portolan.Target) string {
	if t.Selector != "" {
		return "selector " + t.Selector
	}
	return string(t.Kind) + " " + t.Name
}

// missing turns a 404 for a named object into a fault that lists what there is,
// as far as the person may see it.
func (c *Cluster) missing(ctx context.Context, err error, t portolan.Target) error {
	if !apierrors.IsNotFound(err) {
		return err
	}
	f := &portolan.Fault{
		Kind: portolan.Failed, Code: "target-missing",
		Message: fmt.Sprintf("namespace %s of context %s has no %s", t.Namespace, c.name, label(t)),
		Hint:    fmt.Sprintf("see `kubectl --context %s -n %s get %ss`", c.name, t.Namespace, t.Kind),
	}
	names := c.names(ctx, collection(t.Kind, t.Namespace))
	if len(names) > 0 {
		f.Hint = "it has: " + listed(names)
	}
	if i := strings.LastIndexByte(t.Name, '-'); t.Kind == portolan.StatefulSet && i > 0 && slices.Contains(names, t.Name[:i]) {
		f.Hint = fmt.Sprintf("a single pod of stateful set %s is a pod by its name: pod/%s", t.Name[:i], t.Name)
	}
	return f
}

// names lists the objects of a kind, or nothing where that is not allowed.
func (c *Cluster) names(ctx context.Context, path []string) []string {
	ctx, cancel := context.WithTimeout(ctx, restTimeout)
	defer cancel()
	raw, err := c.rest.Verb(http.MethodGet).AbsPath(path...).DoRaw(ctx)
	var list metav1.PartialObjectMetadataList
	if err != nil || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	names := make([]string, 0, len(list.Items))
	for _, item := range list.Items {
		names = append(names, item.Name)
	}
	slices.Sort(names)
	return names
}
