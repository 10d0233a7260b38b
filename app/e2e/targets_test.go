package e2e_test

import (
	"strings"
	"testing"

	"github.com/portolan-app/portolan/internal/portolan"
)

// TestTargets reaches a pod by everything that leads to one.
func TestTargets(t *testing.T) {
	t.Parallel()
	b := beds(t)
	for kind, name := range map[portolan.WorkloadType]string{
		portolan.Pod: "bare", portolan.Deployment: "deployed", portolan.StatefulSet: "stateful",
		portolan.DaemonSet: "daemon", portolan.ReplicaSet: "replicas", portolan.Job: "job",
	} {
		b.deploy(t, kind, name, 1)
	}
	b.service(t, "headless", "deployed", true)
	p := serve(t, b, b.kubeconfig())
	cases := []struct {
		name, workload string
		fields         []string
	}{
		{"service-by-name", "deployed", []string{"service=deployed", "remote-port=http"}},
		{"service-by-number", "deployed", []string{"service=deployed", "remote-port=80"}},
		{"service-headless", "deployed", []string{"service=headless", "remote-port=http"}},
		{"pod-by-name", "bare", []string{"workload-type=pod", "pod-name=bare", "remote-port=8080"}},
		{"pod-of-a-set", "stateful", []string{"workload-type=pod", "pod-name=stateful-0", "remote-port=http"}},
		{"pod-by-selector", "stateful", []string{"workload-type=pod", "target=app=stateful", "remote-port=http"}},
		{"deployment", "deployed", []string{"workload-type=deployment", "service=deployed", "remote-port=http"}},
		{"statefulset", "stateful", []string{"workload-type=statefulset", "service=stateful", "remote-port=http"}},
		{"daemonset", "daemon", []string{"workload-type=daemonset", "service=daemon", "remote-port=http"}},
		{"replicaset", "replicas", []string{"workload-type=replicaset", "service=replicas", "remote-port=8080"}},
		{"job", "job", []string{"workload-type=job", "service=job", "remote-port=http"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p.start(c.name, c.fields...)
			greeted(t, "http://"+p.address(c.name)+"/", onlyPod(t, b, c.workload).name)
		})
	}
}

// TestWhatIsNotThere holds that a start says at once what is wrong with a target,
// and what there is in its place.
func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	b := beds(t)
	b.deploy(t, portolan.Deployment, "here", 1)
	p := serve(t, b, b.kubeconfig())
	for name, c := range map[string]struct{ fields, says []string }{
		"service": {[]string{"service=heer", "remote-port=80"}, []string{"no service heer", "here"}},
		"port":    {[]string{"service=here", "remote-port=htpp"}, []string{"no port htpp", "http (80)"}},
		"pod":     {[]string{"workload-type=pod", "pod-name=here-0", "remote-port=80"}, []string{"no pod here-0"}},
	} {
		p.add(name, c.fields...)
		out, err := p.command("start", "e2e/"+name).CombinedOutput()
		if err == nil {
			t.Errorf("%s starts", name)
		}
		for _, say := range c.says {
			if !strings.Contains(string(out), say) {
				t.Errorf("%s: the start does not say %q:\n%s", name, say, out)
			}
		}
	}
}
