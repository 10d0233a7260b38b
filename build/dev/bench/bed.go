package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/portolan-app/portolan/internal/demo"
)

// The ports behind a target, in the bed and elsewhere.
const (
	echoPort   = 7000 // sends back what it gets
	sourcePort = 7001 // reads a big-endian uint64 and sends that many bytes
	sinkPort   = 7002 // reads a big-endian uint64 and then as many bytes
	closedPort = 7009 // nobody listens there
)

// halfTrip is what the far cluster adds to each direction: 50 ms a round trip.
const halfTrip = 25 * time.Millisecond

// bedGC lets the bed's small heap grow before it is swept: a hundred kilobytes a
// connection, which the streaming code leaves behind, would have it swept every
// fortieth, and that would be the slowest hundredth of everybody's connections.
const bedGC = 1000

// A place is a target that can be forwarded to.
type place struct {
	kubeconfig string // "" = KUBECONFIG, else the user's own
	target     string // as kubectl reads it
	pod        string // the same, for a peer that can resolve nothing
}

// bed is two clusters in one process of their own, alike but for the delay.
type bed struct {
	near, far place
	stop      func() error
}

// startBed starts this program as the bed, with its files in dir.
func startBed(ctx context.Context, dir string) (*bed, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "bed") //nolint:gosec // this program itself
	var complaints bytes.Buffer
	cmd.Stderr = &complaints // the streaming code logs each connection that breaks off, and most here do
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &bed{stop: func() error { return errors.Join(stdin.Close(), cmd.Wait()) }}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the bed did not start: %w: %s", errors.Join(err, b.stop()), complaints.Bytes())
	}
	var kubeconfigs struct{ Near, Far []byte }
	if err := json.Unmarshal(line, &kubeconfigs); err != nil {
		return nil, errors.Join(fmt.Errorf("the bed speaks nonsense: %w", err), b.stop())
	}
	b.near = place{filepath.Join(dir, "near"), "svc/bench", "pod/bench"}
	b.far = place{filepath.Join(dir, "far"), "svc/bench", "pod/bench"}
	err = errors.Join(os.WriteFile(b.near.kubeconfig, kubeconfigs.Near, 0o600), os.WriteFile(b.far.kubeconfig, kubeconfigs.Far, 0o600))
	if err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return b, nil
}

// serveBed is the bed's process. It prints its kubeconfigs in one line of JSON
// and ends with its standard input, so that it never outlives who started it.
func serveBed(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	debug.SetGCPercent(bedGC)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, stdin) // its end is the message
		stop()
	}()
	near := demo.NewCluster(demo.ClusterConfig{})
	far := demo.NewCluster(demo.ClusterConfig{Delay: halfTrip})
	var ready, running sync.WaitGroup
	ended := make(chan error, 2)
	for _, c := range []*demo.Cluster{near, far} {
		if err := addService(c, "bench"); err != nil {
			return err
		}
		ready.Add(1)
		running.Go(func() {
			ended <- c.Run(ctx, ready.Done)
			stop()
		})
	}
	listening := make(chan struct{})
	go func() { ready.Wait(); close(listening) }()
	select {
	case <-listening:
		err := json.NewEncoder(stdout).Encode(map[string][]byte{"near": near.Kubeconfig("bench"), "far": far.Kubeconfig("bench")})
		if err != nil {
			stop()
		}
	case <-ctx.Done():
	}
	running.Wait()
	return errors.Join(<-ended, <-ended)
}

// addService puts a service with one pod of the same name, and the ports above.
func addService(c *demo.Cluster, name string) error {
	return errors.Join(
		addPod(c, name),
		c.AddService("default", name, map[string]string{"app": name},
			corev1.ServicePort{Name: "echo", Port: echoPort}, corev1.ServicePort{Name: "source", Port: sourcePort},
			corev1.ServicePort{Name: "sink", Port: sinkPort}, corev1.ServicePort{Name: "closed", Port: closedPort}),
	)
}

func addPod(c *demo.Cluster, name string) error {
	return c.AddPod(demo.Pod{Namespace: "default", Name: name, Labels: map[string]string{"app": name}, Ports: []demo.Port{
		{Name: "echo", Number: echoPort, Backend: demo.Echo},
		{Name: "source", Number: sourcePort, Backend: source},
		{Name: "sink", Number: sinkPort, Backend: sink},
		{Name: "closed", Number: closedPort},
	}})
}

// sink is the backend of sinkPort.
func sink(_ context.Context, _ demo.PodRef, conn net.Conn) {
	var coming [8]byte
	if _, err := io.ReadFull(conn, coming[:]); err != nil {
		return
	}
	const most = 1<<63 - 1
	_, _ = io.CopyN(io.Discard, conn, int64(min(binary.BigEndian.Uint64(coming[:]), most)))
}

// source is the backend of sourcePort.
func source(_ context.Context, _ demo.PodRef, conn net.Conn) {
	var asked [8]byte
	if _, err := io.ReadFull(conn, asked[:]); err != nil {
		return
	}
	chunk := make([]byte, 64<<10)
	for left := binary.BigEndian.Uint64(asked[:]); left > 0; {
		n, err := conn.Write(chunk[:min(left, uint64(len(chunk)))])
		if err != nil {
			return
		}
		left -= uint64(n)
	}
}
