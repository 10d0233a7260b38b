package demo

import (
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// resource is one row of the table of what the API server knows.
type resource struct {
	group, plural, kind, short string
	clusterWide                bool
}

// resources all have the version v1.
var resources = []resource{
	{"", "namespaces", "Namespace", "ns", true},
	{"", "pods", "Pod", "po", false},
	{"", "services", "Service", "svc", false},
	{"discovery.k8s.io", "endpointslices", "EndpointSlice", "", false},
	{"apps", "deployments", "Deployment", "deploy", false},
	{"apps", "replicasets", "ReplicaSet", "rs", false},
	{"apps", "statefulsets", "StatefulSet", "sts", false},
	{"apps", "daemonsets", "DaemonSet", "ds", false},
	{"batch", "jobs", "Job", "", false},
}

// findResource is the row of plural.
func findResource(plural string) (resource, bool) {
	i := slices.IndexFunc(resources, func(r resource) bool { return r.plural == plural })
	if i < 0 {
		return resource{}, false
	}
	return resources[i], true
}

// groupVersion is what an object of this resource has as its apiVersion.
func (r resource) groupVersion() string {
	return strings.TrimPrefix(r.group+"/v1", "/")
}

// serveVersion answers GET /version.
func serveVersion(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"major": "1", "minor": "34", "gitVersion": "v1.34.0-demo", "platform": "demo"})
}

// serveCoreVersions answers GET /api.
func serveCoreVersions(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
}

// serveGroups answers GET /apis.
func serveGroups(w http.ResponseWriter, _ *http.Request) {
	list := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	for _, r := range resources {
		known := func(g metav1.APIGroup) bool { return g.Name == r.group }
		if r.group == "" || slices.ContainsFunc(list.Groups, known) {
			continue
		}
		version := metav1.GroupVersionForDiscovery{GroupVersion: r.groupVersion(), Version: "v1"}
		list.Groups = append(list.Groups, metav1.APIGroup{
			Name: r.group, PreferredVersion: version, Versions: []metav1.GroupVersionForDiscovery{version},
		})
	}
	writeJSON(w, http.StatusOK, list)
}

// serveResources answers GET /api/v1 and /apis/GROUP/v1.
func serveResources(w http.ResponseWriter, r *http.Request) {
	group := r.PathValue("group")
	list := metav1.APIResourceList{
		TypeMeta:     metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
		GroupVersion: resource{group: group}.groupVersion(),
	}
	for _, known := range resources {
		if known.group != group {
			continue
		}
		list.APIResources = append(list.APIResources, metav1.APIResource{
			Name: known.plural, SingularName: strings.ToLower(known.kind), Kind: known.kind,
			Namespaced: !known.clusterWide, ShortNames: strings.Fields(known.short),
			Verbs: metav1.Verbs{"get", "list", "watch"},
		})
	}
	if list.APIResources == nil {
		writeStatus(w, http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource")
		return
	}
	writeJSON(w, http.StatusOK, list)
}
