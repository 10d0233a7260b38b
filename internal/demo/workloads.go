package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
)

// Workload is a controller with pods that are all alike. While the cluster runs,
// a pod that is deleted is replaced: under a new name, or for a StatefulSet
// under its own, and always with a new UID.
type Workload struct {
	Kind            string // Deployment (also if empty), StatefulSet, DaemonSet, ReplicaSet or Job
	Namespace, Name string
	Labels          map[string]string // of the pods, and the workload's selector
	Replicas        int
	Ports           []Port

	// After is how long a lost pod is missing before its replacement is ready.
	After time.Duration
}

// workload is a Workload in the cluster's care.
type workload struct {
	Workload
	owner metav1.OwnerReference
	hash  string    // the part of a Deployment's pod names that all share
	lost  time.Time // when a pod was first seen missing; zero if none is
}

// AddWorkload puts a workload with its pods, ready at once.
func (c *Cluster) AddWorkload(spec Workload) error {
	if spec.Kind == "" {
		spec.Kind = "Deployment"
	}
	w := &workload{Workload: spec, hash: rand.String(9)}
	if err := c.putWorkload(w); err != nil {
		return err
	}
	for missing := range w.Replicas {
		if err := c.addPod(w.pod(w.podName(missing))); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workloads = append(c.workloads, w)
	return nil
}

// Scale changes how many pods a workload has. Those that are too many go at once,
// the last by name first.
func (c *Cluster) Scale(kind, namespace, name string, replicas int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.workloads, func(w *workload) bool {
		return w.Kind == kind && w.Namespace == namespace && w.Name == name
	})
	if i < 0 {
		return fmt.Errorf("the demo cluster has no %s %s/%s", kind, namespace, name)
	}
	w := c.workloads[i]
	w.Replicas = replicas
	row, _ := findResource(strings.ToLower(kind) + "s")
	object := c.getLocked(row.plural, namespace, name).DeepCopy()
	if err := unstructured.SetNestedField(object.Object, int64(replicas), "spec", "replicas"); err != nil {
		return err
	}
	c.putLocked(row, object)
	owned := c.ownedLocked(w)
	for len(owned) > replicas {
		last := owned[len(owned)-1]
		owned = owned[:len(owned)-1]
		c.deleteLocked("pods", namespace, last.GetName())
	}
	c.reconcileLocked("pods", namespace)
	return nil
}

// putWorkload puts the controller's object, for a Deployment its ReplicaSet too,
// and notes which of them owns the pods.
func (c *Cluster) putWorkload(w *workload) error {
	replicas := int32(w.Replicas)
	selector := &metav1.LabelSelector{MatchLabels: w.Labels}
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: w.Labels}}
	meta := metav1.ObjectMeta{Namespace: w.Namespace, Name: w.Name, Labels: w.Labels}
	replicaSet := &appsv1.ReplicaSet{
		ObjectMeta: meta, Spec: appsv1.ReplicaSetSpec{Replicas: &replicas, Selector: selector, Template: template},
		Status: appsv1.ReplicaSetStatus{Replicas: replicas, ReadyReplicas: replicas},
	}
	var plural string
	var object runtime.Object
	switch w.Kind {
	case "Deployment":
		deployment := &appsv1.Deployment{
			ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector, Template: template},
			Status: appsv1.DeploymentStatus{Replicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas},
		}
		if err := c.Put("deployments", deployment); err != nil {
			return err
		}
		replicaSet.Name += "-" + w.hash
		replicaSet.OwnerReferences = []metav1.OwnerReference{c.reference("deployments", "Deployment", w.Namespace, w.Name)}
		plural, object = "replicasets", replicaSet
	case "ReplicaSet":
		plural, object = "replicasets", replicaSet
	case "StatefulSet":
		plural, object = "statefulsets", &appsv1.StatefulSet{
			ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{Replicas: &replicas, Selector: selector, Template: template, ServiceName: w.Name},
		}
	case "DaemonSet":
		plural, object = "daemonsets", &appsv1.DaemonSet{ObjectMeta: meta, Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template}}
	case "Job":
		plural, object = "jobs", &batchv1.Job{ObjectMeta: meta, Spec: batchv1.JobSpec{Selector: selector, Template: template}}
	default:
		return fmt.Errorf("the demo cluster knows no workload of the kind %q", w.Kind)
	}
	if err := c.Put(plural, object); err != nil {
		return err
	}
	kind, _ := findResource(plural)
	w.owner = c.reference(plural, kind.kind, w.Namespace, object.(metav1.Object).GetName())
	return nil
}

// reference is an owner reference to an object that is there.
func (c *Cluster) reference(plural, kind, namespace, name string) metav1.OwnerReference {
	c.mu.Lock()
	defer c.mu.Unlock()
	var uid types.UID
	if object := c.getLocked(plural, namespace, name); object != nil {
		uid = object.GetUID()
	}
	group, _ := findResource(plural)
	controller := true
	return metav1.OwnerReference{APIVersion: group.groupVersion(), Kind: kind, Name: name, UID: uid, Controller: &controller}
}

// podName is a fresh name; a StatefulSet's is the ordinal that is missing.
func (w *workload) podName(ordinal int) string {
	if w.Kind == "StatefulSet" {
		return fmt.Sprintf("%s-%d", w.Name, ordinal)
	}
	return w.owner.Name + "-" + rand.String(5)
}

func (w *workload) pod(name string) Pod {
	return Pod{Namespace: w.Namespace, Name: name, Labels: w.Labels, Ports: w.Ports, owner: &w.owner}
}

// control replaces lost pods until ctx ends.
func (c *Cluster) control(ctx context.Context) error {
	for {
		c.mu.Lock()
		changed := c.changed
		due, next := c.dueLocked(time.Now())
		c.mu.Unlock()
		for _, pod := range due {
			if err := c.addPod(pod); err != nil {
				return fmt.Errorf("replacing a lost pod: %w", err)
			}
		}
		var timer <-chan time.Time
		if next > 0 {
			timer = time.After(next)
		}
		select {
		case <-changed:
		case <-timer:
		case <-ctx.Done():
			return nil
		}
	}
}

// dueLocked is which pods to add now, and when to look again; 0 for after the
// next change.
func (c *Cluster) dueLocked(now time.Time) (due []Pod, next time.Duration) {
	for _, w := range c.workloads {
		missing := c.missingLocked(w)
		if len(missing) == 0 {
			w.lost = time.Time{}
			continue
		}
		if w.lost.IsZero() {
			w.lost = now
		}
		if wait := w.lost.Add(w.After).Sub(now); wait > 0 {
			if next == 0 || wait < next {
				next = wait
			}
			continue
		}
		w.lost = time.Time{}
		for _, ordinal := range missing {
			due = append(due, w.pod(w.podName(ordinal)))
		}
	}
	return due, next
}

// ownedLocked is w's pods. A terminating one does not count, except under the name
// of a StatefulSet's, which is not free yet.
func (c *Cluster) ownedLocked(w *workload) []*unstructured.Unstructured {
	return c.listLocked("pods", func(pod *unstructured.Unstructured) bool {
		mine := func(o metav1.OwnerReference) bool { return o.UID == w.owner.UID }
		return slices.ContainsFunc(pod.GetOwnerReferences(), mine) && (w.Kind == "StatefulSet" || pod.GetDeletionTimestamp() == nil)
	})
}

// missingLocked are the ordinals for which w has no pod.
func (c *Cluster) missingLocked(w *workload) []int {
	owned := c.ownedLocked(w)
	var missing []int
	for ordinal := range w.Replicas {
		there := ordinal < len(owned)
		if w.Kind == "StatefulSet" {
			there = slices.ContainsFunc(owned, func(pod *unstructured.Unstructured) bool { return pod.GetName() == w.podName(ordinal) })
		}
		if !there {
			missing = append(missing, ordinal)
		}
	}
	return missing
}
