package demo

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// history is how many events are kept for watches; a watch that is further
// behind gets 410, as in a real server whose etcd was compacted.
const history = 1000

// event is one change: after is the object as it is now (or was last), before
// what it replaced.
type event struct {
	version       int
	kind          string // ADDED, MODIFIED, DELETED
	plural        string
	before, after *unstructured.Unstructured
}

// Put creates or replaces an object, given as a typed object of k8s.io/api or
// as unstructured. Kind, apiVersion, resourceVersion, and, where they are
// absent, uid and creationTimestamp, are filled in. EndpointSlices follow at
// once.
func (c *Cluster) Put(plural string, object runtime.Object) error {
	kind, u, err := understandObject(plural, object)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.putLocked(kind, u)
	c.reconcileLocked(plural, u.GetNamespace())
	return nil
}

// understandObject is a copy of object as it is stored, and its row of the
// table.
func understandObject(plural string, object runtime.Object) (resource, *unstructured.Unstructured, error) {
	kind, ok := findResource(plural)
	if !ok {
		return resource{}, nil, fmt.Errorf("the demo cluster has no resource %q", plural)
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return resource{}, nil, fmt.Errorf("reading an object for %s: %w", plural, err)
	}
	u := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(content)}
	if u.GetName() == "" || (u.GetNamespace() == "") != kind.clusterWide {
		return resource{}, nil, fmt.Errorf("an object for %s has the name %q and the namespace %q", plural, u.GetName(), u.GetNamespace())
	}
	return kind, u, nil
}

// putLocked stores u, which belongs to the cluster from now on.
func (c *Cluster) putLocked(kind resource, u *unstructured.Unstructured) {
	u.SetAPIVersion(kind.groupVersion())
	u.SetKind(kind.kind)
	before := c.getLocked(kind.plural, u.GetNamespace(), u.GetName())
	if u.GetUID() == "" {
		u.SetUID(uuid.NewUUID())
		if before != nil {
			u.SetUID(before.GetUID())
		}
	}
	if stamp := u.GetCreationTimestamp(); stamp.IsZero() {
		u.SetCreationTimestamp(metav1.NewTime(time.Now().Truncate(time.Second)))
	}
	change := "ADDED"
	if before != nil {
		change = "MODIFIED"
	}
	if c.objects[kind.plural] == nil {
		c.objects[kind.plural] = map[string]*unstructured.Unstructured{}
	}
	c.objects[kind.plural][u.GetNamespace()+"/"+u.GetName()] = u
	c.publishLocked(event{kind: change, plural: kind.plural, before: before, after: u})
}

// Delete removes an object at once, without a grace period, and reports whether
// it was there. What it owns goes with it, and a pod's processes and listeners
// with the pod.
func (c *Cluster) Delete(plural, namespace, name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.getLocked(plural, namespace, name) == nil {
		return false
	}
	c.deleteLocked(plural, namespace, name)
	c.reconcileLocked("pods", namespace)
	return true
}

func (c *Cluster) deleteLocked(plural, namespace, name string) {
	before := c.getLocked(plural, namespace, name)
	delete(c.objects[plural], namespace+"/"+name)
	c.publishLocked(event{kind: "DELETED", plural: plural, before: before, after: before.DeepCopy()})
	if plural == "pods" {
		c.stopPodLocked(before)
	}
	mine := func(o metav1.OwnerReference) bool { return o.UID == before.GetUID() }
	c.workloads = slices.DeleteFunc(c.workloads, func(w *workload) bool { return mine(w.owner) })
	for _, dependent := range []string{"replicasets", "pods"} {
		for _, u := range c.listLocked(dependent, func(u *unstructured.Unstructured) bool {
			return slices.ContainsFunc(u.GetOwnerReferences(), mine)
		}) {
			c.deleteLocked(dependent, u.GetNamespace(), u.GetName())
		}
	}
}

// Expire forgets the history: every watch from a version up to now gets 410
// Gone, the running ones included, and has to list again.
func (c *Cluster) Expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	c.floor = c.version
	c.log = nil
	c.wakeLocked()
}

// publishLocked gives e's object the next version and tells the watches.
func (c *Cluster) publishLocked(e event) {
	c.version++
	e.version = c.version
	e.after.SetResourceVersion(strconv.Itoa(c.version))
	c.log = append(c.log, e)
	if len(c.log) > history {
		c.floor = c.log[0].version
		c.log = slices.Delete(c.log, 0, 1)
	}
	c.wakeLocked()
}

func (c *Cluster) wakeLocked() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// getLocked is the stored object, or nil. It must not be changed.
func (c *Cluster) getLocked(plural, namespace, name string) *unstructured.Unstructured {
	return c.objects[plural][namespace+"/"+name]
}

// listLocked is what match accepts of plural, sorted by namespace and name.
func (c *Cluster) listLocked(plural string, match func(*unstructured.Unstructured) bool) []*unstructured.Unstructured {
	var list []*unstructured.Unstructured
	for _, u := range c.objects[plural] {
		if match(u) {
			list = append(list, u)
		}
	}
	slices.SortFunc(list, func(a, b *unstructured.Unstructured) int {
		return strings.Compare(a.GetNamespace()+"/"+a.GetName(), b.GetNamespace()+"/"+b.GetName())
	})
	return list
}

// Names lists the names of a namespace's objects in order, for a look from
// outside.
func (c *Cluster) Names(plural, namespace string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, key := range slices.Sorted(maps.Keys(c.objects[plural])) {
		if name, ok := strings.CutPrefix(key, namespace+"/"); ok {
			names = append(names, name)
		}
	}
	return names
}
