package portolan

import (
	"slices"
	"strings"
)

// KubeContext is one context of this machine's kubeconfig files.
type KubeContext struct {
	Name      string `json:"name"`
	Cluster   string `json:"cluster"`             // the name of its cluster entry
	Server    string `json:"server,omitempty"`    // URL of the API server
	Namespace string `json:"namespace,omitempty"` // "" = "default"
	Current   bool   `json:"current"`             // kubectl's current-context
}

// ContextUse is one context that entries of an environment name, and what stands
// for it on this machine.
type ContextUse struct {
	Environment string `json:"environment"`
	Team        string `json:"team"`               // as the files name it; "" = none, which is the current-context
	Forwards    int    `json:"forwards"`           // how many entries name it
	Mine        string `json:"mine,omitempty"`     // what it is mapped to; "" = it is used as it is
	Missing     bool   `json:"missing,omitempty"`  // this machine has no such context
	Proposal    string `json:"proposal,omitempty"` // where it is missing: the context whose cluster matches
}

// ProposeContext returns the one of this machine's contexts whose cluster is the
// one that team, a context's name, was made for, or "" where none or several are.
//
// A context's name often holds its cluster's: kubectl's tools for EKS and GKE
// name both alike, kubeadm writes user@cluster and OpenShift
// namespace/server/user. So a context that a person renamed is still found.
func ProposeContext(team string, mine []KubeContext) string {
	for _, names := range []func(string) []string{whole, parts} {
		var fits []string
		for _, c := range mine {
			if overlap(names(team), names(c.Cluster)) {
				fits = append(fits, c.Name)
			}
		}
		if len(fits) == 1 {
			return fits[0]
		}
	}
	return ""
}

// whole are the cluster names that a context or cluster name spells out.
func whole(name string) []string {
	names := []string{name}
	if _, cluster, ok := strings.Cut(name, "@"); ok {
		names = append(names, cluster)
	}
	if words := strings.Split(name, "/"); len(words) == 3 {
		names = append(names, words[1])
	}
	return names
}

// parts are the short names within: the last word of an ARN
// (arn:aws:eks:REGION:ACCOUNT:cluster/NAME) or of GKE's gke_PROJECT_ZONE_NAME.
func parts(name string) []string {
	names := whole(name)
	if i := strings.LastIndexByte(name, '/'); strings.HasPrefix(name, "arn:") && i >= 0 {
		names = append(names, name[i+1:])
	}
	if words := strings.Split(name, "_"); len(words) == 4 && words[0] == "gke" {
		names = append(names, words[3])
	}
	return names
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(name string) bool { return name != "" && slices.Contains(b, name) })
}
