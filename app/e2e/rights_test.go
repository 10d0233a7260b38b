package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestRights holds how little a person must be allowed: each rung is enough for what
// it names, and with less the status says which verb is missing.
func TestRights(t *testing.T) {
	t.Parallel()
	var (
		getPod, listPods = right{"get", "pods"}, right{"list", "pods"}
		getService       = right{"get", "services"}
		listSlices       = right{"list", "endpointslices"}
		getDeployment    = right{"get", "deployments"}
		forward          = []right{{"get", "pods/portforward"}, {"create", "pods/portforward"}}
	)
	byPod := []string{"workload-type=pod", "pod-name=NAME-0", "remote-port=echo"}
	bySelector := []string{"workload-type=pod", "target=app=NAME", "remote-port=echo"}
	byService := []string{"service=NAME", "remote-port=echo"}
	bySet := []string{"workload-type=statefulset", "service=NAME", "remote-port=echo"}
	cases := []struct {
		name    string
		fields  []string
		rights  []right
		missing string // what the fault names; "" = this is enough
	}{
		{"a pod with get", byPod, append(forward, getPod), ""},
		{"a pod with list only", byPod, append(forward, listPods), "get on pods"},
		{"pods with list", bySelector, append(forward, listPods), ""},
		{"pods with get only", bySelector, append(forward, getPod), "list on pods"},
		{"a service with endpoint slices", byService, append(forward, getService, listSlices), ""},
		{"a service with pods", byService, append(forward, getService, listPods), ""},
		{"a service alone", byService, append(forward, getService), "list on pods"},
		{"a service without get", byService, append(forward, listSlices, listPods), "get on services"},
		{"a workload with pods", bySet, append(forward, right{"get", "statefulsets"}, listPods), ""},
		{"a workload of another kind", bySet, append(forward, getDeployment, listPods), "get on statefulsets"},
		{"connecting with create", byPod, []right{getPod, forward[1]}, ""}, // over SPDY, which asks for no other
		{"nothing about connecting", byPod, []right{getPod}, "get and create on pods/portforward"},
		{"nothing at all", byService, nil, "get on services"},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := beds(t)
			workload := fmt.Sprint("lent", i)
			b.deploy(t, portolan.StatefulSet, workload, 1)
			p := serve(t, b, b.restricted(t, c.rights))
			p.add("lent", strings.Split(strings.ReplaceAll(strings.Join(c.fields, " "), "NAME", workload), " ")...)
			_ = p.command("start", "e2e/lent").Run() // what a failure says is in the status
			if c.missing == "" {
				echo(t, p.dial("lent"), "allowed")
				p.inPhase("lent", portolan.Ready)
				return
			}
			if address := p.forward("lent").Status.Addresses; len(address) > 0 {
				p.refused("lent")
			}
			s := p.inPhase("lent", portolan.Denied)
			if !strings.Contains(s.Fault.Error(), c.missing) {
				t.Errorf("the fault does not name %q: %v", c.missing, s.Fault)
			}
			if status := p.run("status"); !strings.Contains(status, c.missing) {
				t.Errorf("`portolan status` does not name %q:\n%s", c.missing, status)
			}
		})
	}
}
