package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// e2e runs the acceptance suite of app/e2e against the cluster that KUBECONFIG
// names. All that it makes there is in one namespace of its own, which it removes.
func e2e(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("e2e", flag.ContinueOnError)
	at := flags.String("context", "", "the context of KUBECONFIG; its current one where absent")
	run := flags.String("run", "", "only tests whose name matches, as for go test")
	image := flags.String("image", os.Getenv("PORTOLAN_E2E_IMAGE"),
		"an image that serves echo on 7000, source on 7001 and HTTP on 8080; busybox where absent [$PORTOLAN_E2E_IMAGE]")
	node := flags.String("node", os.Getenv("PORTOLAN_E2E_NODE"),
		"a shell command that stops and starts what runs on the node, such as 'docker exec kind-control-plane systemctl' [$PORTOLAN_E2E_NODE]")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *at == "" {
		current, err := kubectl(ctx, "config", "current-context")
		if err != nil {
			return fmt.Errorf("no context to test on: %w; set KUBECONFIG, or --context", err)
		}
		*at = current
	}
	version, err := kubectl(ctx, "--context", *at, "--request-timeout", "10s", "version")
	if err != nil {
		return fmt.Errorf("the cluster of context %s does not answer: %w", *at, err)
	}
	fmt.Printf("context %s\n%s\n", *at, version)
	program := filepath.Join("build", "out", "e2e.test"+host().exe())
	if err := (Command{Args: []string{"go", "test", "-c", "-o", program, "./app/e2e"}}).Run(ctx); err != nil {
		return err
	}
	return Command{
		Env:  []string{"PORTOLAN_E2E_CONTEXT=" + *at, "PORTOLAN_E2E_IMAGE=" + *image, "PORTOLAN_E2E_NODE=" + *node},
		Args: []string{program, "-test.v", "-test.timeout", "30m", "-test.run", *run},
	}.Run(ctx)
}

// kubectl is what it prints; an error is what it complains about.
func kubectl(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "kubectl", args...) //nolint:gosec // the arguments are this program's own
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if text := strings.TrimSpace(complaints.String()); err != nil && text != "" {
		err = errors.New(text)
	}
	return strings.TrimSpace(string(out)), err
}
