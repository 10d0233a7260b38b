package kube

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/portolan-app/portolan/internal/portolan"
)

// workload is what a deployment, stateful set, daemon set, replica set or job says
// of its pods.
type workload struct {
	selector string
	rests    string // why it has none, where a person wants it so; else ""
}

// workload reads one. A job that has finished is a fault: no pod comes any more.
func (c *Cluster) workload(ctx context.Context, t portolan.Target) (workload, error) {
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
		replicas **int32
	}{
		portolan.Deployment:  {&deployment, "apps/v1", &deployment.Spec.Selector, &deployment.Spec.Replicas},
		portolan.StatefulSet: {&stateful, "apps/v1", &stateful.Spec.Selector, &stateful.Spec.Replicas},
		portolan.DaemonSet:   {&daemon, "apps/v1", &daemon.Spec.Selector, new(*int32)},
		portolan.ReplicaSet:  {&replica, "apps/v1", &replica.Spec.Selector, &replica.Spec.Replicas},
		portolan.Job:         {&job, "batch/v1", &job.Spec.Selector, &job.Spec.Parallelism},
	}
	kind, ok := kinds[t.Kind]
	if !ok {
		return workload{}, &portolan.Fault{
			Kind: portolan.Failed, Code: "kind-unsupported",
			Message: fmt.Sprintf("a %s cannot be forwarded to yet", t.Kind),
		}
	}
	if err := c.read(ctx, kind.into, "", group(kind.group, t.Namespace, string(t.Kind)+"s", t.Name)...); err != nil {
		return workload{}, c.missing(ctx, err, t)
	}
	if f := finished(t, &job); f != nil {
		return workload{}, f
	}
	selector, err := metav1.LabelSelectorAsSelector(*kind.selector)
	if err != nil || selector.Empty() {
		return workload{}, &portolan.Fault{
			Kind: portolan.Failed, Code: "no-selector",
			Message: label(t) + " does not say which pods are its own",
			Hint:    "forward to a pod or to a label selector",
		}
	}
	w := workload{selector: selector.String()}
	switch replicas := *kind.replicas; {
	case job.Spec.Suspend != nil && *job.Spec.Suspend:
		w.rests = "it is suspended"
	case replicas != nil && *replicas == 0:
		w.rests = "it is scaled to 0"
	}
	return w, nil
}

// finished is the fault of a job that has ended, or nil.
func finished(t portolan.Target, job *batchv1.Job) *portolan.Fault {
	for _, c := range job.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		word, known := map[batchv1.JobConditionType]string{batchv1.JobComplete: "has finished", batchv1.JobFailed: "has failed"}[c.Type]
		if !known {
			continue
		}
		return &portolan.Fault{
			Kind: portolan.Failed, Code: "job-finished",
			Message: label(t) + " " + word + because(c.Reason, c.Message) + ": none of its pods runs any more",
			Hint:    "a forward needs a running pod; run the job again",
		}
	}
	return nil
}

// ordinal is why a pod that is missing may come yet, or "": its name is that of a
// stateful set with a number, and between two pods of that name there is none.
func (c *Cluster) ordinal(ctx context.Context, t portolan.Target) string {
	i := strings.LastIndexByte(t.Name, '-')
	number, err := strconv.ParseInt(t.Name[i+1:], 10, 32)
	if t.Kind != portolan.Pod || i < 1 || err != nil {
		return ""
	}
	var set appsv1.StatefulSet
	if c.read(ctx, &set, "", group("apps/v1", t.Namespace, "statefulsets", t.Name[:i])...) != nil {
		return "" // there is none, or it may not be read
	}
	first, replicas := int64(0), int64(1) // what the API server fills in
	if set.Spec.Ordinals != nil {
		first = int64(set.Spec.Ordinals.Start)
	}
	if set.Spec.Replicas != nil {
		replicas = int64(*set.Spec.Replicas)
	}
	if number < first || number >= first+replicas {
		return fmt.Sprintf("stateful set %s is scaled to %d", t.Name[:i], replicas)
	}
	return fmt.Sprintf("stateful set %s has not made it yet", t.Name[:i])
}
