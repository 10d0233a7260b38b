package portolan

import "testing"

func TestProposeContext(t *testing.T) {
	mine := []KubeContext{
		{Name: "staging", Cluster: "arn:aws:eks:eu-west-1:123456789012:cluster/shop-staging"},
		{Name: "prod", Cluster: "gke_acme_europe-west1_shop"},
		{Name: "lab", Cluster: "lab-a"},
		{Name: "lab-admin", Cluster: "lab-a"},
		{Name: "adm", Cluster: "kubernetes"},
		{Name: "oc", Cluster: "api-acme:6443"},
		{Name: "nothing", Cluster: ""},
	}
	for _, tt := range []struct{ name, team, want string }{
		{"the tools name both alike", "arn:aws:eks:eu-west-1:123456789012:cluster/shop-staging", "staging"},
		{"the short name of an ARN", "shop-staging", "staging"},
		{"GKE", "gke_acme_europe-west1_shop", "prod"},
		{"GKE's short name", "shop", "prod"},
		{"kubeadm", "kubernetes-admin@kubernetes", "adm"},
		{"OpenShift", "shop/api-acme:6443/ann", "oc"},
		{"two contexts of one cluster", "lab-a", ""},
		{"unknown", "elsewhere", ""},
		{"no context named", "", ""},
	} {
		if got := ProposeContext(tt.team, mine); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
