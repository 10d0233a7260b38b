package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// The figures of an engine that has nothing to do, and of asking it how it is.
var (
	idle0           = figure{"agent_idle0", "MB", Lower, 70}
	idle300Total    = figure{"agent_idle300", "MB", Lower, 70}
	idle300         = figure{"idle300", "MB more", Lower, 15}
	listening300    = figure{"listening300", "s", Lower, 1}
	picking300      = figure{"listening300_picked", "s", Lower, none}
	idle300Dials    = figure{"idle300_upstream", "connections", Lower, 0}
	idle300Watches  = figure{"idle300_watches", "watches", Lower, 0}
	idle300Requests = figure{"idle300_requests", "a minute", Lower, 0}
	status0         = figure{"status0", "ms", Lower, 50}
	status300       = figure{"status300", "ms", Lower, 50}

	ofMany = []figure{idle0, idle300Total, idle300, listening300, picking300, idle300Dials, idle300Watches, idle300Requests, status0, status300}
)

const (
	manyForwards = 300
	settling     = 2 * time.Second  // until an engine is idle
	idling       = 10 * time.Second // for which it is watched then
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
	for _, f := range ofMany {
		rows = append(rows, f.alone(s[f.name]))
	}
	return rows, nil
}

// idleOnce is one engine with its cluster.
func idleOnce(ctx context.Context, program, dir string, s samples) error {
	return withCluster(ctx, dir, func(ctx context.Context, cluster *demo.Cluster, kubeconfig string) error {
		e, err := startEngine(ctx, program, dir, "KUBECONFIG="+kubeconfig)
		if err != nil {
			return err
		}
		defer e.stop()
		if err := e.idle(ctx, cluster, dir, s); err != nil {
			return err
		}
		took, err := e.startMany(ctx, dir, "picked", make([]int, manyForwards))
		s.put(picking300, took.Seconds())
		return err
	})
}

// withCluster runs use while there is a cluster with the service that forwards
// lead to.
func withCluster(ctx context.Context, dir string, use func(ctx context.Context, cluster *demo.Cluster, kubeconfig string) error) error {
	cluster := demo.NewCluster(demo.ClusterConfig{})
	if err := addService(cluster, "bench"); err != nil {
		return err
	}
	return during(ctx, cluster.Run, func(ctx context.Context) error {
		kubeconfig := filepath.Join(dir, "kubeconfig")
		if err := os.WriteFile(kubeconfig, cluster.Kubeconfig("bench"), 0o600); err != nil {
			return err
		}
		return use(ctx, cluster, kubeconfig)
	})
}

// idle watches the engine before and after its forwards are started.
func (e *engine) idle(ctx context.Context, cluster *demo.Cluster, dir string, s samples) error {
	time.Sleep(settling)
	before, err := residence(e)
	if err != nil {
		return err
	}
	if err := e.statuses(ctx, status0, s); err != nil {
		return err
	}
	ports, err := freePorts(ctx, manyForwards)
	if err != nil {
		return err
	}
	took, err := e.startMany(ctx, dir, "many", ports)
	if err != nil {
		return err
	}
	s.put(listening300, took.Seconds())
	time.Sleep(settling)
	begin := cluster.Counts()
	time.Sleep(idling)
	end := cluster.Counts()
	after, err := residence(e)
	for i := range after {
		s.put(idle0, before[i])
		s.put(idle300Total, after[i])
		s.put(idle300, after[i]-before[i])
	}
	s.put(idle300Dials, float64(end.WebSocket+end.SPDY))
	s.put(idle300Watches, float64(requests(end, "watch ")))
	s.put(idle300Requests, float64(requests(end, "")-requests(begin, ""))/idling.Minutes())
	return errors.Join(err, e.statuses(ctx, status300, s))
}

// statuses asks several times for the status, each time with a new process.
func (e *engine) statuses(ctx context.Context, f figure, s samples) error {
	for range 5 {
		took, err := e.do(ctx, "status")
		if err != nil {
			return err
		}
		s.put(f, milliseconds(took))
	}
	return nil
}

// startMany gives the engine an environment with one forward for each local
// port, where 0 is one of its own choice, starts them and returns how long a
// person waits for the start.
func (e *engine) startMany(ctx context.Context, dir, environment string, ports []int) (time.Duration, error) {
	file := filepath.Join(dir, "many.json")
	if err := os.WriteFile(file, manyEntries(ports), 0o600); err != nil {
		return 0, err
	}
	if _, err := e.do(ctx, "import", file, "--env", environment); err != nil {
		return 0, err
	}
	took, err := e.do(ctx, "start", "--env", environment)
	if err != nil {
		return 0, err
	}
	return took, e.allListen(ctx, environment, len(ports))
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

// requests counts the requests whose verb and resource begin with prefix.
func requests(c demo.Counts, prefix string) (n int) {
	for request, count := range c.Requests {
		if strings.HasPrefix(request, prefix) {
			n += count
		}
	}
	return n
}

// freePorts are loopback ports that nothing listens on, and that the system gives
// to no connection meanwhile.
func freePorts(ctx context.Context, n int) ([]int, error) {
	var ports []int
	given := ephemeral()
	for port := 20000; len(ports) < n; port++ {
		if port >= given.low && port <= given.high {
			continue
		}
		if port > math.MaxUint16 {
			return nil, fmt.Errorf("%d of %d ports are free", len(ports), n)
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", fmt.Sprint("127.0.0.1:", port))
		if err != nil {
			continue // somebody has it
		}
		if err := listener.Close(); err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}

// portRange is from low to high, both included.
type portRange struct{ low, high int }

// ephemeral are the ports that the system gives to outgoing connections: what
// Linux says (ip-sysctl, ip_local_port_range), else those of RFC 6335, 6.
func ephemeral() portRange {
	r := portRange{49152, math.MaxUint16}
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		_, _ = fmt.Sscan(string(text), &r.low, &r.high)
	}
	return r
}

// manyEntries is an environment file with one forward for each local port.
func manyEntries(ports []int) []byte {
	entries := make([]portolan.Entry, len(ports))
	for i, port := range ports {
		entries[i] = portolan.Entry{
			Alias: fmt.Sprintf("forward-%03d", i), Service: "bench", Namespace: "default", Context: "bench",
			RemotePort: portolan.Port{Number: echoPort}, LocalPort: port,
		}
	}
	return portolan.Encode(entries)
}

// allListen checks from outside that each forward of an environment has an
// address that is taken. No connection is made: the forwards stay unused.
func (e *engine) allListen(ctx context.Context, environment string, count int) error {
	addresses, err := e.addresses(ctx, environment)
	if err != nil {
		return err
	}
	if len(addresses) != count {
		return fmt.Errorf("%d of %d forwards listen", len(addresses), count)
	}
	for _, a := range addresses {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a)
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
