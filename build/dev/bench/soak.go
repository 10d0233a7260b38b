package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
)

// The figures of a forward that has been used very often: what it has more than one
// that has been used a little.
var (
	soakGoroutines  = figure{"soak_goroutines", "more", Lower, 5}
	soakDescriptors = figure{"soak_descriptors", "more", Lower, 5}
	soakMemory      = figure{"soak_memory", "MB more", Lower, 5}
	soakLost        = figure{"soak_lost", "connections lost", Lower, 0}
	soakFaulty      = figure{"soak_lost", "connections lost by faults", Lower, none}

	ofSoak = []figure{soakGoroutines, soakDescriptors, soakMemory, soakLost}
)

const (
	soakClients = 4
	faultEvery  = 3 * time.Second
	soakPause   = 10 * time.Millisecond // of a client, where the time counts and not the number
)

// state is what a process holds.
type state struct{ goroutines, descriptors, memory float64 }

// soaks measures a process after many connections beside another after few. Both
// rest before they are looked at.
func (d duel) soaks(ctx context.Context, c contender) ([]Row, error) {
	if runtime.GOOS != "linux" {
		return nil, nil
	}
	var rows []Row
	err := withCluster(ctx, d.home, func(ctx context.Context, cluster *demo.Cluster, kubeconfig string) error {
		p := place{kubeconfig, "svc/bench", "pod/bench"}
		few, _, err := d.soak(ctx, c, p, func(n int64, _ time.Duration) bool { return n >= int64(d.scale.soak/10) })
		if err != nil {
			return err
		}
		lost, enough := soakLost, func(n int64, _ time.Duration) bool { return n >= int64(d.scale.soak) }
		if d.options.soak > 0 {
			lost, enough = soakFaulty, func(_ int64, took time.Duration) bool { return took >= d.options.soak }
			faults, stop := context.WithCancel(ctx)
			var failing sync.WaitGroup
			failing.Go(func() { provoke(faults, cluster, d.options.soak-2*faultEvery) })
			defer failing.Wait()
			defer stop()
		}
		many, broken, err := d.soak(ctx, c, p, enough)
		rows = []Row{
			soakGoroutines.row(many.goroutines-few.goroutines, 1), soakDescriptors.row(many.descriptors-few.descriptors, 1),
			soakMemory.row(many.memory-few.memory, 1), lost.row(float64(broken), 1),
		}
		return err
	})
	return rows, err
}

// soak connects until it is enough, and lets the process rest.
func (d duel) soak(ctx context.Context, c contender, p place, enough func(n int64, took time.Duration) bool) (after state, lost int64, err error) {
	f, err := c.start(ctx, d.home, p, echoPort)
	if err != nil {
		return after, 0, err
	}
	defer f.end()
	var done, broken atomic.Int64
	var clients sync.WaitGroup
	begin := time.Now()
	for range soakClients {
		clients.Go(func() {
			for ctx.Err() == nil && !enough(done.Add(1), time.Since(begin)) {
				if _, err := connect(ctx, f.addresses[echoPort], 1); err != nil {
					broken.Add(1)
				}
				if d.options.soak > 0 {
					time.Sleep(soakPause)
				}
			}
		})
	}
	clients.Wait()
	fmt.Fprintf(d.log, "soak: %d connections in %v, %d lost\n", done.Load(), time.Since(begin).Round(time.Second), broken.Load())
	time.Sleep(d.scale.rest)
	after, err = f.autopsy()
	return after, broken.Load(), err
}

// autopsy ends the process in the way that makes it list its goroutines.
func (f *forwarder) autopsy() (state, error) {
	memory, err := memoryOf(f.cmd.Process.Pid)
	if err != nil {
		return state{}, err
	}
	open, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(f.cmd.Process.Pid), "fd"))
	if err != nil {
		return state{}, err
	}
	if err := f.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return state{}, err
	}
	<-f.drained
	_ = f.cmd.Wait() // that it was killed is known
	goroutines := bytes.Count(f.stderr.Bytes(), []byte("\ngoroutine "))
	if goroutines == 0 {
		err = errors.New("the process did not list its goroutines")
	}
	return state{float64(goroutines), float64(len(open)), memory}, err
}

// provoke makes one fault after the other, for as long as limit.
func provoke(ctx context.Context, cluster *demo.Cluster, limit time.Duration) {
	broken := func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "the bench wants it so", http.StatusServiceUnavailable)
		return true
	}
	faults := []func(){
		func() { cluster.KillStreams("default", "bench") },
		func() { cluster.Delete("pods", "default", "bench"); _ = addPod(cluster, "bench") },
		func() { cluster.SetHook(broken) },
		func() { cluster.SetHook(nil) },
		func() { cluster.Delete("pods", "default", "bench") },
		func() { _ = addPod(cluster, "bench") },
		func() { cluster.Deny("create", "pods/portforward") },
		func() { cluster.Allow("create", "pods/portforward") },
	}
	begin := time.Now()
	for i := 0; time.Since(begin) < limit || i%len(faults) != 0; i++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(faultEvery):
			faults[i%len(faults)]()
		}
	}
}
