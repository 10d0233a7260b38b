package demo_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/portolan-app/portolan/internal/demo"
)

// TestKubectl has the real client list and forward, over each transport.
func TestKubectl(t *testing.T) {
	binary, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skipf("there is no kubectl on this machine to try the demo cluster with: %v", err)
	}
	cluster := startCluster(t, demo.ClusterConfig{})
	pod := webPod("web-1")
	pod.Ports[0].Backend = demo.Shop("test")
	check(t, cluster.AddPod(pod))
	check(t, cluster.AddService("shop", "web", pod.Labels,
		corev1.ServicePort{Name: "web", Port: 80, TargetPort: intstr.FromString("http")}))
	config := kubeconfigFile(t, cluster)
	home := t.TempDir() // for kubectl's discovery cache
	kubectl := func(ctx context.Context, env string, args ...string) *exec.Cmd {
		command := exec.CommandContext(ctx, binary, append([]string{"--kubeconfig", config, "--context", "demo-prod", "--namespace", "shop"}, args...)...)
		command.Env = append(os.Environ(), "HOME="+home, env)
		return command
	}
	out, err := kubectl(t.Context(), "", "get", "po,svc", "--output", "name").CombinedOutput()
	if got := strings.Fields(string(out)); err != nil || strings.Join(got, " ") != "pod/web-1 service/web" {
		t.Errorf("kubectl get: %v\n%s", err, out)
	}
	for name, env := range map[string]string{"websocket": "KUBECTL_PORT_FORWARD_WEBSOCKETS=true", "spdy": "KUBECTL_PORT_FORWARD_WEBSOCKETS=false"} {
		t.Run(name, func(t *testing.T) {
			before := cluster.Counts()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			command := kubectl(ctx, env, "port-forward", "svc/web", ":80", "--address", "127.0.0.1")
			stdout, err := command.StdoutPipe()
			check(t, err)
			check(t, command.Start())
			defer func() { cancel(); _ = command.Wait() }()
			line, err := bufio.NewReader(stdout).ReadString('\n')
			address := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(line)
			if address == "" {
				t.Fatalf("kubectl says %q (%v)", line, err)
			}
			answer, err := http.Get("http://" + address + "/")
			check(t, err)
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil || !strings.Contains(string(body), "web-1") {
				t.Errorf("the shop says %s (%v)", body, err)
			}
			after := cluster.Counts()
			if spdy := after.SPDY > before.SPDY; spdy != (name == "spdy") {
				t.Errorf("kubectl came over SPDY: %t", spdy)
			}
		})
	}
}
