package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// The figures of an engine that has nothing to do.
var (
	idle0          = figure{"idle0", "MB", Lower, none}
	idle300Total   = figure{"idle300_total", "MB", Lower, none}
	idle300        = figure{"idle300", "MB more", Lower, 15}
	listening300   = figure{"listening300", "s", Lower, 1}
	idle300Dials   = figure{"idle300_upstream", "connections", Lower, 0}
	idle300Watches = figure{"idle300_watches", "watches", Lower, 0}
)

const (
	manyForwards = 300
	settling     = 3 * time.Second // until an engine is idle
)

// idleRows measures engines with 300 forwards started and none used, before and
// after the start.
func idleRows(ctx context.Context, program, dir string, runs int) ([]Row, error) {
	s := samples{}
	for range runs {
		if err := idleOnce(ctx, program, dir, s); err != nil {
			return nil, err
		}
	}
	var rows []Row
	for _, f := range []figure{idle0, idle300Total, idle300, listening300, idle300Dials, idle300Watches} {
		rows = append(rows, f.alone(s[f.name]))
	}
	return rows, nil
}

// idleOnce is one engine with its cluster.
func idleOnce(ctx context.Context, program, dir string, s samples) error {
	kubeconfig, file := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "many.json")
	if err := os.WriteFile(file, manyEntries(), 0o600); err != nil {
		return err
	}
	cluster := demo.NewCluster(demo.ClusterConfig{})
	if err := addService(cluster, "bench"); err != nil {
		return err
	}
	return during(ctx, cluster.Run, func(ctx context.Context) error {
		if err := os.WriteFile(kubeconfig, cluster.Kubeconfig("bench"), 0o600); err != nil {
			return err
		}
		e, err := startEngine(ctx, program, dir, "KUBECONFIG="+kubeconfig)
		if err != nil {
			return err
		}
		defer e.stop()
		time.Sleep(settling)
		before, err := residence(e)
		if err != nil {
			return err
		}
		if _, err := e.do(ctx, "import", file, "--env", "many"); err != nil {
			return err
		}
		took, err := e.do(ctx, "start", "--env", "many")
		if err != nil {
			return err
		}
		if err := e.allListen(ctx); err != nil {
			return err
		}
		s.put(listening300, took.Seconds())
		time.Sleep(settling)
		counts := cluster.Counts()
		after, err := residence(e)
		if err != nil {
			return err
		}
		for _, m := range before {
			s.put(idle0, m)
		}
		for i, m := range after {
			s.put(idle300Total, m)
			s.put(idle300, m-before[i])
		}
		s.put(idle300Dials, float64(counts.WebSocket+counts.SPDY))
		s.put(idle300Watches, float64(watches(counts)))
		return nil
	})
}

// residence is the engine's memory: one value, or none where the system does not
// tell.
func residence(e *engine) ([]float64, error) {
	if runtime.GOOS != "linux" {
		return nil, nil
	}
	m, err := e.memory()
	return []float64{m}, err
}

func watches(c demo.Counts) (n int) {
	for request, count := range c.Requests {
		if strings.HasPrefix(request, "watch ") {
			n += count
		}
	}
	return n
}

// manyEntries is an environment file of forwards with ports of the engine's
// choice.
func manyEntries() []byte {
	entries := make([]portolan.Entry, manyForwards)
	for i := range entries {
		entries[i] = portolan.Entry{
			Alias: fmt.Sprintf("forward-%03d", i), Service: "bench", Namespace: "default", Context: "bench",
			RemotePort: portolan.Port{Number: echoPort},
		}
	}
	return portolan.Encode(entries)
}

// allListen checks from outside that every forward is a port that accepts. The
// connections end before a byte has been sent.
func (e *engine) allListen(ctx context.Context) error {
	addresses, err := e.addresses(ctx)
	if err != nil {
		return err
	}
	if len(addresses) != manyForwards {
		return fmt.Errorf("%d of %d forwards listen", len(addresses), manyForwards)
	}
	for _, a := range addresses {
		listener, err := net.Listen("tcp", a)
		if err == nil {
			return errors.Join(fmt.Errorf("nothing listens on %s", a), listener.Close())
		}
	}
	return nil
}

// during runs use while a server runs, and ends the server after it.
func during(ctx context.Context, server func(ctx context.Context, ready func()) error, use func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- server(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		return err
	}
	err := use(ctx)
	stop()
	return errors.Join(err, <-ended)
}
