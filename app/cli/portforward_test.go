package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portolan-app/portolan/internal/portolan"
)

// The rules are those of kubectl port-forward.
func TestParsePortForward(t *testing.T) {
	number := func(n int) portolan.Port { return portolan.Port{Number: n} }
	name := func(n string) portolan.Port { return portolan.Port{Name: n} }
	one := func(local, remote portolan.Port) []PortPair { return []PortPair{{local, remote}} }
	for _, test := range []struct {
		args  string
		kind  portolan.WorkloadType
		name  string
		ports []PortPair
		fails string // part of the message
	}{
		{args: "api-0 5432", kind: portolan.Pod, name: "api-0", ports: one(number(5432), number(5432))},
		{args: "po/api-0 8080:80", kind: portolan.Pod, name: "api-0", ports: one(number(8080), number(80))},
		{args: "svc/api :80", kind: portolan.Service, name: "api", ports: one(portolan.Port{}, number(80))},
		{args: "service/api 0:80", kind: portolan.Service, name: "api", ports: one(portolan.Port{}, number(80))},
		{args: "services/api http", kind: portolan.Service, name: "api", ports: one(name("http"), name("http"))},
		{args: "deploy/api 8443:https", kind: portolan.Deployment, name: "api", ports: one(number(8443), name("https"))},
		{args: "deployments.apps/api 1", kind: portolan.Deployment, name: "api", ports: one(number(1), number(1))},
		{args: "sts/db 1 2:3", kind: portolan.StatefulSet, name: "db", ports: []PortPair{{number(1), number(1)}, {number(2), number(3)}}},
		{args: "DS/x 1", kind: portolan.DaemonSet, name: "x", ports: one(number(1), number(1))},
		{args: "rs/x 1", kind: portolan.ReplicaSet, name: "x", ports: one(number(1), number(1))},
		{args: "jobs.v1.batch/x 1", kind: portolan.Job, name: "x", ports: one(number(1), number(1))},
		{args: "node/x 1", fails: "cannot forward to a node"},
		{args: "svc/ 1", fails: "is not TYPE/NAME"},
		{args: "svc/a/b 1", fails: "is not TYPE/NAME"},
		{args: "svc/a 0", fails: "remote port"},
		{args: "svc/a 65536", fails: "remote port"},
		{args: "svc/a 1:", fails: "remote port"},
		{args: "svc/a 1:2:3", fails: "remote port"},
		{args: "svc/a -1:2", fails: "local port"},
		{args: "svc/a 70000:2", fails: "local port"},
		{args: "svc/a http:2", fails: "local port"},
	} {
		t.Run(test.args, func(t *testing.T) {
			f := PortForward{Addresses: []string{"localhost", "::1"}}
			err := parsePortForward(&f, strings.Fields(test.args))
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("error %v, want one with %q", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.Kind != test.kind || f.Name != test.name || !cmp.Equal(f.Ports, test.ports) {
				t.Errorf("got %s/%s %v", f.Kind, f.Name, f.Ports)
			}
		})
	}
	f := PortForward{Addresses: []string{"example.org"}}
	if err := parsePortForward(&f, []string{"svc/a", "1"}); err == nil {
		t.Error("a host name was accepted as an address")
	}
}
