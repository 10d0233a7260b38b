package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/portolan-app/portolan/internal/portolan"
)

// realCluster is a cluster that somebody runs, with a namespace of our own in it.
// All is done with kubectl, as its user would.
type realCluster struct {
	dir    string // of the files made here
	file   string // a kubeconfig with the one context, as it was at the start
	name   string // of the context
	space  string // the namespace
	image  string
	marked bool // the namespace was made, and is to be removed
}

// label marks every namespace that the suite makes.
const label = "portolan-e2e"

// openCluster makes the namespace.
func openCluster(ctx context.Context, name string) (*realCluster, error) {
	image := os.Getenv(imageVariable)
	if image == "" {
		image = busybox
	}
	dir, err := os.MkdirTemp("", "portolan-e2e")
	if err != nil {
		return nil, err
	}
	c := &realCluster{dir: dir, file: filepath.Join(dir, "kubeconfig"), name: name, image: image,
		space: "portolan-e2e-" + strings.ToLower(rand.Text()[:8])}
	config, err := output(exec.CommandContext(ctx, "kubectl", "config", "view", "--context", name, "--minify", "--flatten", "--raw"))
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	if err := os.WriteFile(c.file, config, 0o600); err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.marked = true
	space := &corev1.Namespace{}
	space.APIVersion, space.Kind, space.Name, space.Labels = "v1", "Namespace", c.space, map[string]string{label: "true"}
	if err := c.create(ctx, space); err != nil {
		return nil, errors.Join(err, c.close())
	}
	fmt.Printf("e2e: context %s, namespace %s, image %s\n", name, c.space, image)
	return c, nil
}

// close removes what was made. It needs no context that may have ended.
func (c *realCluster) close() error {
	var err error
	if c.marked {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		_, err = c.kubectl(ctx, nil, "delete", "namespace", c.space, "--ignore-not-found", "--wait=false")
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

// kubectl runs it in our context and namespace.
func (c *realCluster) kubectl(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "kubectl", append([]string{"--kubeconfig", c.file, "--context", c.name, "--namespace", c.space}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	return output(cmd)
}

// output is what a command prints; an error has what it complains about.
func output(cmd *exec.Cmd) ([]byte, error) {
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, complaints.Bytes())
	}
	return out, nil
}

func (c *realCluster) create(ctx context.Context, objects ...runtime.Object) error {
	for _, object := range objects {
		manifest, err := json.Marshal(object)
		if err != nil {
			return err
		}
		if _, err := c.kubectl(ctx, manifest, "create", "--filename", "-"); err != nil {
			return err
		}
	}
	return nil
}

func (c *realCluster) must(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := c.kubectl(t.Context(), nil, args...)
	check(t, err)
	return out
}

// A place is what one test has of a cluster: its names are its own, since all
// workloads share one namespace.
type place struct{ *realCluster }

func (c *realCluster) bed(*testing.T) bed { return place{c} }

func (c place) kubeconfig() string { return c.file }
func (c place) context() string    { return c.name }
func (c place) namespace() string  { return c.space }

func (c place) deploy(t *testing.T, kind portolan.WorkloadType, name string, replicas int) {
	t.Helper()
	c.deployPods(t, kind, name, replicas, podSpec(c.image))
	eventually(t, fmt.Sprintf("%d ready pods of %s", replicas, name), func() bool { return c.ready(t, name) == replicas })
}

func (c place) deploySteered(t *testing.T, name string) {
	t.Helper()
	c.deployPods(t, portolan.Deployment, name, 1, steered(podSpec(c.image)))
	eventually(t, "a pod of "+name, func() bool { return len(c.pods(t, name)) == 1 })
	c.setReady(t, c.pods(t, name)[0].name, true)
	onlyPod(t, c, name)
}

func (c place) setReady(t *testing.T, pod string, ready bool) {
	t.Helper()
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	c.must(t, "patch", "pod", pod, "--subresource", "status", "--patch",
		fmt.Sprintf(`{"status":{"conditions":[{"type":%q,"status":%q}]}}`, gate, status))
	eventually(t, fmt.Sprintf("pod %s with ready: %v", pod, ready), func() bool {
		is := c.must(t, "get", "pod", pod, "--output", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`)
		return string(is) == string(status)
	})
}

// deployPods puts a workload with a service, until the test ends.
func (c place) deployPods(t *testing.T, kind portolan.WorkloadType, name string, replicas int, pods corev1.PodSpec) {
	t.Helper()
	object, err := workload(kind, name, replicas, pods)
	check(t, err)
	c.service(t, name, name, false)
	check(t, c.create(t.Context(), object))
	t.Cleanup(func() {
		_, err := c.kubectl(context.Background(), nil, "delete", string(kind)+"/"+name, "service/"+name, "--wait=false", "--ignore-not-found")
		if err != nil {
			t.Error(err)
		}
	})
}

// ready counts pods.
func (c place) ready(t *testing.T, workload string) (n int) {
	t.Helper()
	for _, p := range c.pods(t, workload) {
		if p.ready {
			n++
		}
	}
	return n
}

func (c place) service(t *testing.T, name, workload string, headless bool) {
	t.Helper()
	check(t, c.create(t.Context(), service(name, workload, headless)))
}

func (c place) scale(t *testing.T, kind portolan.WorkloadType, name string, replicas int) {
	t.Helper()
	c.must(t, "scale", string(kind)+"/"+name, "--replicas", strconv.Itoa(replicas))
}

func (c place) roll(t *testing.T, name string) {
	t.Helper()
	c.must(t, "rollout", "restart", "deployment/"+name)
	c.must(t, "rollout", "status", "deployment/"+name, "--timeout", patience.String())
}

func (c place) pods(t *testing.T, workload string) []pod {
	t.Helper()
	var list corev1.PodList
	check(t, json.Unmarshal(c.must(t, "get", "pods", "--selector", "app="+workload, "--output", "json"), &list))
	return alive(&list)
}

func (c place) kill(t *testing.T, name string) {
	t.Helper()
	c.must(t, "delete", "pod", name, "--wait=false")
}

// restricted makes a service account and asks for a token of it (TokenRequest).
func (c place) restricted(t *testing.T, rights []right) string {
	t.Helper()
	name := "may-" + strings.ToLower(rand.Text()[:8])
	check(t, c.create(t.Context(), account(name, rights)...))
	token := strings.TrimSpace(string(c.must(t, "create", "token", name, "--duration", "1h")))
	config, err := clientcmd.LoadFromFile(c.file)
	check(t, err)
	config.AuthInfos = map[string]*clientcmdapi.AuthInfo{name: {Token: token}}
	config.Contexts[c.name].AuthInfo = name
	file := filepath.Join(t.TempDir(), "kubeconfig")
	check(t, clientcmd.WriteToFile(*config, file))
	return file
}
