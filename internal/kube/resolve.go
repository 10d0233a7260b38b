package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Resolve finds the pods behind a target and the port to dial in them. It reads
// once and watches nothing. At least one pod is returned, or a fault that says
// what is missing and what exists in its place.
func (c *Cluster) Resolve(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	t.Namespace = cmp.Or(t.Namespace, c.namespace)
	found, err := c.resolve(ctx, t)
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

func (c *Cluster) resolve(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	switch {
	case t.Selector != "":
		return c.selected(ctx, t, t.Selector)
	case t.Kind == portolan.Pod:
		return c.pod(ctx, t)
	case t.Kind == portolan.Service:
		return c.service(ctx, t)
	}
	selector, err := c.workloadSelector(ctx, t)
	if err != nil {
		return portolan.Backends{}, err
	}
	return c.selected(ctx, t, selector)
}

// core is the path of something in the core group.
func core(namespace string, rest ...string) []string {
	return append([]string{"api/v1/namespaces", namespace}, rest...)
}

// group is the path of something in a named group and version.
func group(group, namespace string, rest ...string) []string {
	return append([]string{"apis", group, "namespaces", namespace}, rest...)
}

// pod is the one pod of that name. As with kubectl it must run, but need not be
// ready.
func (c *Cluster) pod(ctx context.Context, t portolan.Target) (portolan.Backends, error) {
	var pod corev1.Pod
	if err := c.read(ctx, &pod, "", core(t.Namespace, "pods", t.Name)...); err != nil {
		return portolan.Backends{}, c.missing(ctx, err, t)
	}
	if pod.Status.Phase != corev1.PodRunning || pod.DeletionTimestamp != nil {
		return portolan.Backends{}, notReady(t, "its phase is "+podPhase(&pod))
	}
	port, err := containerPort(&pod, t)
	if err != nil {
		return portolan.Backends{}, err
	}
	found := portolan.Backends{Pods: []portolan.Backend{backend(&pod, port)}}
	if !podReady(&pod) {
		found.Notice = fmt.Sprintf("pod %s is not ready", pod.Name)
	}
	return found, nil
}

func podPhase(pod *corev1.Pod) string {
	if pod.DeletionTimestamp != nil {
		return "Terminating"
	}
	return string(pod.Status.Phase)
}

func backend(pod *corev1.Pod, port int) portolan.Backend {
	return portolan.Backend{Namespace: pod.Namespace, Pod: pod.Name, UID: string(pod.UID), Port: port}
}

// selected is all ready pods that a label selector matches, newest first.
func (c *Cluster) selected(ctx context.Context, t portolan.Target, selector string) (portolan.Backends, error) {
	return c.ready(ctx, t, selector, func(pod *corev1.Pod) (int, error) { return containerPort(pod, t) })
}

// ready lists the ready pods of a selector, newest first, with the port that the
// given function finds in each.
func (c *Cluster) ready(ctx context.Context, t portolan.Target, selector string, port func(*corev1.Pod) (int, error)) (portolan.Backends, error) {
	var list corev1.PodList
	if err := c.read(ctx, &list, selector, core(t.Namespace, "pods")...); err != nil {
		return portolan.Backends{}, err
	}
	pods := list.Items
	slices.SortStableFunc(pods, func(a, b corev1.Pod) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	var found portolan.Backends
	var portless error
	for i := range pods {
		if !podReady(&pods[i]) {
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
	case len(pods) == 0:
		return found, notReady(t, "no pod matches "+selector)
	}
	return found, notReady(t, fmt.Sprintf("%d pods match, the newest, %s, is %s", len(pods), pods[0].Name, podPhase(&pods[0])))
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

// workloadSelector reads the pod selector of a deployment, stateful set, daemon
// set, replica set or job.
func (c *Cluster) workloadSelector(ctx context.Context, t portolan.Target) (string, error) {
	var (
		deployment appsv1.Deployment
		stateful   appsv1.StatefulSet
		daemon     appsv1.DaemonSet
		replica    appsv1.ReplicaSet
		job        batchv1.Job
	)
	kinds := map[portolan.WorkloadType]struct {
		into     runtime.Object
		group    string
		selector **metav1.LabelSelector
	}{
		portolan.Deployment:  {&deployment, "apps/v1", &deployment.Spec.Selector},
		portolan.StatefulSet: {&stateful, "apps/v1", &stateful.Spec.Selector},
		portolan.DaemonSet:   {&daemon, "apps/v1", &daemon.Spec.Selector},
		portolan.ReplicaSet:  {&replica, "apps/v1", &replica.Spec.Selector},
		portolan.Job:         {&job, "batch/v1", &job.Spec.Selector},
	}
	kind, ok := kinds[t.Kind]
	if !ok {
		return "", &portolan.Fault{
			Kind: portolan.Failed, Code: "kind-unsupported",
			Message: fmt.Sprintf("a %s cannot be forwarded to yet", t.Kind),
		}
	}
	if err := c.read(ctx, kind.into, "", group(kind.group, t.Namespace, string(t.Kind)+"s", t.Name)...); err != nil {
		return "", c.missing(ctx, err, t)
	}
	selector, err := metav1.LabelSelectorAsSelector(*kind.selector)
	if err != nil || selector.Empty() {
		return "", &portolan.Fault{
			Kind: portolan.Failed, Code: "no-selector",
			Message: label(t) + " does not say which pods are its own",
			Hint:    "forward to a pod or to a label selector",
		}
	}
	return selector.String(), nil
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
	if names := c.names(ctx, collection(t.Kind, t.Namespace)); len(names) > 0 {
		f.Hint = "it has: " + listed(names)
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
