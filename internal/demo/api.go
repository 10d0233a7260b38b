package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// request is a request to the API server, understood.
type request struct {
	verb        string // get, list, watch, create
	kind        resource
	subresource string
	namespace   string
	name        string
}

// resource is the resource as RBAC names it, such as "pods/portforward".
func (r request) resource() string {
	return strings.TrimSuffix(r.kind.plural+"/"+r.subresource, "/")
}

// api is the API server's handler; node leads to the kubelet.
func (c *Cluster) api(node *pipeListener) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /version", serveVersion)
	mux.HandleFunc("GET /api", serveCoreVersions)
	mux.HandleFunc("GET /apis", serveGroups)
	mux.HandleFunc("GET /api/v1", serveResources)
	mux.HandleFunc("GET /apis/{group}/v1", serveResources)
	for _, prefix := range []string{"/api/v1", "/apis/{group}/v1"} {
		for _, path := range []string{"/{plural}", "/namespaces/{namespace}/{plural}"} {
			mux.HandleFunc("GET "+prefix+path, c.serveCollection)
			mux.HandleFunc("GET "+prefix+path+"/{name}", c.serveObject)
		}
	}
	mux.HandleFunc("POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", c.serveAccessReview)
	forward := c.portForward(node)
	mux.Handle("GET /api/v1/namespaces/{namespace}/pods/{name}/portforward", forward)
	mux.Handle("POST /api/v1/namespaces/{namespace}/pods/{name}/portforward", forward)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeStatus(w, http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		hook, token := c.hook, c.token
		c.mu.Unlock()
		if hook != nil && hook(w, r) {
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+token {
			writeStatus(w, http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "Unauthorized")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// authorize counts the request and answers 403 if one of verbs is denied.
func (c *Cluster) authorize(w http.ResponseWriter, r request, verbs ...string) bool {
	c.mu.Lock()
	c.counts.Requests[r.verb+" "+r.resource()]++
	denied := slices.IndexFunc(verbs, func(verb string) bool { return c.denied[verb+" "+r.resource()] })
	c.mu.Unlock()
	if denied < 0 {
		return true
	}
	name, scope := "", " at the cluster scope"
	if r.name != "" {
		name = fmt.Sprintf(" %q", r.name)
	}
	if r.namespace != "" {
		scope = fmt.Sprintf(" in the namespace %q", r.namespace)
	}
	writeStatus(w, http.StatusForbidden, metav1.StatusReasonForbidden, fmt.Sprintf(
		"%s%s is forbidden: User %q cannot %s resource %q in API group %q%s",
		r.kind.plural, name, "demo", verbs[denied], r.resource(), r.kind.group, scope))
	return false
}

// serveAccessReview says whether one right is denied, and whether the caller asked
// for one at all.
func (c *Cluster) serveAccessReview(w http.ResponseWriter, r *http.Request) {
	var review authorizationv1.SelfSubjectAccessReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Spec.ResourceAttributes == nil {
		writeStatus(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, "the review names no resource")
		return
	}
	asked := review.Spec.ResourceAttributes
	resource := strings.TrimSuffix(asked.Resource+"/"+asked.Subresource, "/")
	c.mu.Lock()
	c.counts.Requests["create selfsubjectaccessreviews"]++
	review.Status.Allowed = !c.denied[asked.Verb+" "+resource]
	c.mu.Unlock()
	writeJSON(w, http.StatusCreated, review)
}

// understand reads a request's path, or answers 404.
func understand(w http.ResponseWriter, r *http.Request, verb string) (request, bool) {
	kind, ok := findResource(r.PathValue("plural"))
	if !ok || kind.group != r.PathValue("group") {
		writeStatus(w, http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource")
		return request{}, false
	}
	return request{verb: verb, kind: kind, namespace: r.PathValue("namespace"), name: r.PathValue("name")}, true
}

func (c *Cluster) serveObject(w http.ResponseWriter, r *http.Request) {
	req, ok := understand(w, r, "get")
	if !ok || !c.authorize(w, req, req.verb) {
		return
	}
	c.mu.Lock()
	object := c.getLocked(req.kind.plural, req.namespace, req.name)
	c.mu.Unlock()
	if object == nil {
		writeNotFound(w, req.kind.plural, req.name)
		return
	}
	writeJSON(w, http.StatusOK, object.Object)
}

func (c *Cluster) serveCollection(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	verb := "list"
	watching, _ := strconv.ParseBool(query.Get("watch")) // what is no boolean is no watch
	if watching {
		verb = "watch"
	}
	req, ok := understand(w, r, verb)
	if !ok || !c.authorize(w, req, req.verb) {
		return
	}
	match, err := matcher(query, req.namespace)
	if err != nil {
		writeStatus(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
		return
	}
	if watching {
		c.watch(w, r, req.kind, match)
		return
	}
	c.mu.Lock()
	list := c.listLocked(req.kind.plural, match)
	version := c.version
	c.mu.Unlock()
	items := make([]map[string]any, len(list))
	for i, object := range list {
		items[i] = object.Object
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"kind": req.kind.kind + "List", "apiVersion": req.kind.groupVersion(),
		"metadata": map[string]any{"resourceVersion": strconv.Itoa(version)}, "items": items,
	})
}

// matcher is the namespace and the selectors of a query as a predicate. Field
// selectors may name metadata.name, metadata.namespace, status.phase and
// spec.nodeName.
func matcher(query url.Values, namespace string) (func(*unstructured.Unstructured) bool, error) {
	byLabel, err := labels.Parse(query.Get("labelSelector"))
	if err != nil {
		return nil, err
	}
	byField, err := fields.ParseSelector(query.Get("fieldSelector"))
	if err != nil {
		return nil, err
	}
	return func(u *unstructured.Unstructured) bool {
		if namespace != "" && u.GetNamespace() != namespace {
			return false
		}
		phase, _, _ := unstructured.NestedString(u.Object, "status", "phase")
		node, _, _ := unstructured.NestedString(u.Object, "spec", "nodeName")
		return byLabel.Matches(labels.Set(u.GetLabels())) && byField.Matches(fields.Set{
			"metadata.name": u.GetName(), "metadata.namespace": u.GetNamespace(),
			"status.phase": phase, "spec.nodeName": node,
		})
	}, nil
}

// failure is an error as the API server sends it.
func failure(code int, reason metav1.StatusReason, message string) metav1.Status {
	return metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure, Code: int32(code), Reason: reason, Message: message,
	}
}

func writeStatus(w http.ResponseWriter, code int, reason metav1.StatusReason, message string) {
	writeJSON(w, code, failure(code, reason, message))
}

func writeNotFound(w http.ResponseWriter, plural, name string) {
	status := failure(http.StatusNotFound, metav1.StatusReasonNotFound, fmt.Sprintf("%s %q not found", plural, name))
	status.Details = &metav1.StatusDetails{Name: name, Kind: plural}
	writeJSON(w, http.StatusNotFound, status)
}

// writeJSON answers with value. An error is the client's having gone away.
func writeJSON(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(value)
}
