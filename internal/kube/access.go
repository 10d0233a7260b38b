package kube

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Right is one verb on one resource, as a role grants it.
type Right struct {
	Verb     string
	Group    string // "" is the core group
	Resource string // with its subresource, as in "pods/portforward"
	Optional bool   // all works without it, with more requests
}

// String is "list on endpointslices.discovery.k8s.io".
func (r Right) String() string { return r.Verb + " on " + strings.Trim(r.Resource+"."+r.Group, ".") }

// wanting names the rights with which a target is found, for a person to ask for.
func wanting(t portolan.Target) string {
	var names []string
	for _, r := range Rights(t) {
		if r.Resource != "pods/portforward" && !r.Optional {
			names = append(names, r.String())
		}
	}
	return strings.Join(names, ", and ") + roleBy
}

// roleBy says who writes the Role that a hint speaks of.
const roleBy = " (`portolan doctor` writes the Role)"

// Rights are what a forward to the target needs in its namespace, and the watch
// that spares the cluster most of the look-ups. An API server
// of 1.35 and later asks for create on pods/portforward on the WebSocket leg too,
// older ones for get there and create on the SPDY leg.
func Rights(t portolan.Target) []Right {
	var rights []Right
	switch {
	case t.Selector != "":
		rights = []Right{listPods, watchPods}
	case t.Kind == portolan.Pod:
		rights = []Right{{Verb: "get", Resource: "pods"}, watchPods}
	case t.Kind == portolan.Service:
		rights = []Right{{Verb: "get", Resource: "services"}, listSlices, watchSlices}
	default:
		rights = []Right{{Verb: "get", Group: workloadGroup(t.Kind), Resource: string(t.Kind) + "s"}, listPods, watchPods}
	}
	return append(rights, Right{Verb: "get", Resource: "pods/portforward"}, Right{Verb: "create", Resource: "pods/portforward"})
}

// The rights without which there may be another way.
var (
	listPods    = Right{Verb: "list", Resource: "pods"}
	listSlices  = Right{Verb: "list", Group: "discovery.k8s.io", Resource: "endpointslices"} // a list of pods tells the same
	watchSlices = Right{Verb: "watch", Group: "discovery.k8s.io", Resource: "endpointslices", Optional: true}
	watchPods   = Right{Verb: "watch", Resource: "pods", Optional: true}
)

func workloadGroup(kind portolan.WorkloadType) string {
	if kind == portolan.Job {
		return "batch"
	}
	return "apps"
}

// Denied asks the API server which of the rights this user lacks in a namespace,
// "" being the context's own, and names the namespace that was meant. Every user
// may ask this about themselves (SelfSubjectAccessReview). An optional right is not
// asked for, and to be kept from endpointslices does not count where pods may be
// listed, which tell the same.
func (c *Cluster) Denied(ctx context.Context, namespace string, rights []Right) (meant string, denied []Right, err error) {
	meant = cmp.Or(namespace, c.namespace)
	for _, right := range rights {
		if right.Optional {
			continue
		}
		allowed, err := c.allowed(ctx, meant, right)
		if err != nil {
			return meant, nil, c.fault(err, "ask for its rights", meant)
		}
		if !allowed {
			denied = append(denied, right)
		}
	}
	if i := slices.Index(denied, listSlices); i >= 0 {
		instead, err := c.allowed(ctx, meant, listPods)
		if err != nil {
			return meant, nil, c.fault(err, "ask for its rights", meant)
		}
		if instead {
			denied = slices.Delete(denied, i, i+1)
		}
	}
	return meant, denied, nil
}

func (c *Cluster) allowed(ctx context.Context, namespace string, right Right) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, restTimeout)
	defer cancel()
	resource, subresource, _ := strings.Cut(right.Resource, "/")
	review := authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace,
			Verb: right.Verb, Group: right.Group, Resource: resource, Subresource: subresource},
	}}
	review.SetGroupVersionKind(authorizationv1.SchemeGroupVersion.WithKind("SelfSubjectAccessReview"))
	var answer authorizationv1.SelfSubjectAccessReview
	err := c.rest.Post().AbsPath("apis/authorization.k8s.io/v1/selfsubjectaccessreviews").Body(&review).Do(ctx).Into(&answer)
	return answer.Status.Allowed, err
}

// Role writes the Role to ask for as YAML: all rights that forwards into a
// namespace need, whether they are missing or not, and the optional ones.
func Role(namespace string, rights []Right) string {
	verbs := map[[2]string][]string{} // by group and resource
	for _, r := range rights {
		key := [2]string{r.Group, r.Resource}
		if !slices.Contains(verbs[key], r.Verb) {
			verbs[key] = append(verbs[key], r.Verb)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: portolan\n  namespace: %q\nrules:\n", namespace)
	for _, key := range slices.SortedFunc(maps.Keys(verbs), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		slices.Sort(verbs[key])
		fmt.Fprintf(&b, "- apiGroups: [%q]\n  resources: [%q]\n  verbs: [\"%s\"]\n", key[0], key[1], strings.Join(verbs[key], `", "`))
	}
	return b.String()
}
