// Package e2e_test is the acceptance suite: what a person is promised, tried with
// the program itself, from outside.
//
// The cases are the same on two beds. `go test` runs them against the demo's
// cluster, which lives in the test; `go run ./build/dev e2e` against the cluster
// that KUBECONFIG names. What one of the beds cannot do is skipped there, with the
// reason. The truth of a case is what the bed's own tools say (kubectl, the list of
// pods) and what a client of the forwarded port sees, never the engine's word alone.
package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/klog/v2"

	"github.com/portolan-app/portolan/app"
)

// The variables by which `go run ./build/dev e2e` tells what to run on.
const (
	contextVariable = "PORTOLAN_E2E_CONTEXT" // of KUBECONFIG; absent: the demo's cluster
	imageVariable   = "PORTOLAN_E2E_IMAGE"   // absent: busybox, told by a script to do the same
	nodeVariable    = "PORTOLAN_E2E_NODE"    // a shell command that "stop kubelet" or "start kubelet" is added to
)

// patience is how long something may take that should happen soon.
const patience = time.Minute

// beds makes the bed of a test; TestMain chooses how.
var beds func(t *testing.T) bed

// running ends when the suite is interrupted, and with it what tests have started.
var running = context.Background()

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		os.Exit(app.Main(os.Args[1:])) // started as portolan, by a test or by portolan itself
	}
	klog.SetSlogLogger(slog.New(slog.DiscardHandler)) // the demo's streaming code tells of every refused connection
	beds = demoBed
	if name := os.Getenv(contextVariable); name != "" {
		os.Exit(onCluster(m, name))
	}
	os.Exit(m.Run())
}

// onCluster runs the tests in a namespace of their own, and removes it whatever
// happens to them.
func onCluster(m *testing.M, name string) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := openCluster(ctx, name)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	beds, running = c.bed, ctx
	ended := make(chan int, 1)
	go func() { ended <- m.Run() }()
	select {
	case code = <-ended:
	case <-ctx.Done():
		err = errors.New("interrupted")
		code = 1
	}
	if err = errors.Join(err, c.close()); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return code
}
