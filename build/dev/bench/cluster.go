package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	_ "embed" // the workload
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// busybox is the image of the workload unless another is named: public, and small.
const busybox = "registry.k8s.io/e2e-test-images/busybox:1.37.0-1"

// serveAll has busybox serve the ports.
const serveAll = `command:
        - sh
        - -c
        - |
          tcpsvd -c 500 0.0.0.0 7000 cat &
          tcpsvd -c 500 0.0.0.0 7001 sh -c 'head -c 8 >/dev/null; exec cat /dev/zero' &
          exec tcpsvd -c 500 0.0.0.0 7002 sh -c 'exec cat >/dev/null'`

//go:embed workload.yaml
var workload string

// rolling is how long a pod of the workload may take to be ready.
const rolling = 2 * time.Minute

// realCluster is the cluster of the current context, with the workload in a namespace
// of its own. All is done with kubectl, as its user would.
type realCluster struct {
	context    string
	kubeconfig string // for that one context and namespace
	namespace  string
}

// openCluster runs the workload; close takes it away.
func openCluster(ctx context.Context, dir, image string) (*realCluster, error) {
	context, err := kubectl(ctx, "", "config", "current-context")
	if err != nil {
		return nil, err
	}
	config, err := kubectl(ctx, "", "config", "view", "--minify", "--flatten", "--raw")
	if err != nil {
		return nil, err
	}
	c := &realCluster{context: context, kubeconfig: filepath.Join(dir, "real"), namespace: "portolan-bench-" + strings.ToLower(rand.Text()[:8])}
	if err := os.WriteFile(c.kubeconfig, []byte(config), 0o600); err != nil {
		return nil, err
	}
	command := ""
	if image == busybox {
		command = serveAll
	}
	manifest := strings.NewReplacer("IMAGE", image, "COMMAND", command).Replace(workload)
	for _, step := range []struct {
		stdin string
		args  []string
	}{
		{"", []string{"config", "set-context", "--current", "--namespace", c.namespace}},
		{"", []string{"create", "namespace", c.namespace}},
		{manifest, []string{"create", "--filename", "-"}},
		{"", []string{"rollout", "status", "deploy/bench", "--timeout", rolling.String()}},
	} {
		if _, err := c.kubectl(ctx, step.stdin, step.args...); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// close removes the namespace, also where the bench was interrupted.
func (c *realCluster) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := c.kubectl(ctx, "", "delete", "namespace", c.namespace, "--ignore-not-found", "--wait=false"); err != nil {
		fmt.Fprintln(os.Stderr, "bench: the namespace stays:", err)
	}
}

func (c *realCluster) place() place { return place{c.kubeconfig, "svc/bench", ""} }

// swap deletes the pod, and returns when its successor was ready.
func (c *realCluster) swap(ctx context.Context) (ready time.Time, err error) {
	old, err := c.kubectl(ctx, "", "get", "pods", "--selector", "app=bench", "--output", "name")
	if err != nil {
		return ready, err
	}
	ctx, cancel := context.WithTimeout(ctx, rolling)
	defer cancel()
	watch := exec.CommandContext(ctx, "kubectl", "--kubeconfig", c.kubeconfig, "get", "pods", "--selector", "app=bench", "--watch", //nolint:gosec // the bench's own
		"--output", `jsonpath=pod/{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\n"}`)
	seen, err := watch.StdoutPipe()
	if err != nil {
		return ready, err
	}
	if err := watch.Start(); err != nil {
		return ready, err
	}
	defer func() {
		cancel()
		_ = watch.Wait() // that it was killed is known
	}()
	if _, err := c.kubectl(ctx, "", "delete", "pods", "--selector", "app=bench", "--wait=false"); err != nil {
		return ready, err
	}
	for lines := bufio.NewScanner(seen); lines.Scan(); {
		if name, state, _ := strings.Cut(lines.Text(), " "); state == "True" && !slices.Contains(strings.Fields(old), name) {
			return time.Now(), nil
		}
	}
	return ready, errors.New("no other pod was ready in time")
}

// kubectl runs it for the cluster alone.
func (c *realCluster) kubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	return kubectl(ctx, stdin, append([]string{"--kubeconfig", c.kubeconfig}, args...)...)
}

// kubectl is what it prints.
func kubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "kubectl", args...) //nolint:gosec // the bench's own
	var complaints bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(stdin), &complaints
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, complaints.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}
