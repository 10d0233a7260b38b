package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/portolan-app/portolan/internal/demo"
)

// isolates has a crowd of live connections while a client knocks on a port that
// nobody listens on.
func (d duel) isolates(ctx context.Context, c contender, s samples) error {
	_, err := d.with(ctx, c, d.near, func(f *forwarder) error {
		var opening, talking sync.WaitGroup
		opening.Add(d.scale.crowd + 1) // the knock counts as one of those who open
		lost := make(chan struct{}, d.scale.crowd)
		for range d.scale.crowd {
			talking.Go(func() {
				if _, err := talk(ctx, f.addresses[echoPort], d.scale.exchanges, &opening); err != nil {
					lost <- struct{}{}
				}
			})
		}
		time.Sleep(d.scale.fill) // they are open then
		knock, err := dial(ctx, f.addresses[closedPort], answerTime)
		if err == nil {
			err = exchange(knock)
			_ = knock.Close()
		}
		opening.Done()
		talking.Wait()
		if err == nil {
			return errors.New("somebody answered on the port that nobody listens on")
		}
		s.put(refused, float64(len(lost)))
		return nil
	}, echoPort, closedPort)
	return err
}

// A client that closes its side while half of the reply is still to come: more
// than the buffers on the way take, and later than a container runtime waits.
const (
	replySize  = 64 * mib
	replyPause = 1500 * time.Millisecond
)

func (d duel) halfCloses(ctx context.Context, c contender, s samples) error {
	_, err := d.with(ctx, c, d.near, func(f *forwarder) error {
		conn, err := dial(ctx, f.addresses[sourcePort], time.Minute)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.Write(binary.BigEndian.AppendUint64(nil, replySize)); err != nil {
			return err
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			return err
		}
		time.Sleep(replyPause)
		n, _ := io.Copy(io.Discard, conn) // that it was cut shows in n
		s.put(halfClose, float64(replySize-n)/mib)
		return nil
	}, sourcePort)
	return err
}

// lives measures what live connections cost the whole process: buffers, TLS,
// goroutines and what the collector leaves lying about.
func (d duel) lives(ctx context.Context, c contender, s samples) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	_, err := d.with(ctx, c, d.near, func(f *forwarder) error {
		if _, err := connect(ctx, f.addresses[echoPort], 1); err != nil {
			return err
		}
		before, err := memoryOf(f.cmd.Process.Pid)
		if err != nil {
			return err
		}
		for range d.scale.live {
			conn, err := dial(ctx, f.addresses[echoPort], time.Minute)
			if err != nil {
				return err
			}
			defer conn.Close()
			if err := exchange(conn); err != nil {
				return err
			}
		}
		after, err := memoryOf(f.cmd.Process.Pid)
		s.put(live100, after-before)
		return err
	}, echoPort)
	return err
}

// rolls measures what a client sees while the pod is replaced again and again.
func (d duel) rolls(ctx context.Context, c contender) ([]Row, error) {
	s := samples{}
	roll := func(p place, swap func(context.Context) (time.Time, error)) error {
		_, err := d.with(ctx, c, p, func(f *forwarder) error {
			return d.roll(ctx, f.addresses[echoPort], swap, s)
		}, echoPort)
		return err
	}
	for range d.runs {
		var err error
		if d.swap != nil {
			err = roll(d.near, d.swap)
		} else {
			err = withCluster(ctx, d.home, func(_ context.Context, cluster *demo.Cluster, kubeconfig string) error {
				return roll(place{kubeconfig, "svc/bench", "pod/bench"}, func(context.Context) (time.Time, error) {
					cluster.Delete("pods", "default", "bench")
					ready := time.Now()
					return ready, addPod(cluster, "bench")
				})
			})
		}
		if err != nil {
			return nil, fmt.Errorf("replacing the pod: %w", err)
		}
	}
	return []Row{rollout.row(percentile(s[rollout.name], 95), len(s[rollout.name])), rolloutGaps.highest(s[rolloutGaps.name])}, nil
}

// roll replaces the pod a few times, and connects all the while.
func (d duel) roll(ctx context.Context, echo string, swap func(context.Context) (time.Time, error), s samples) error {
	var gaps atomic.Int64
	// next is when a connection was first answered.
	next := func(ctx context.Context) (time.Time, error) {
		for end := time.Now().Add(patience); time.Now().Before(end) && ctx.Err() == nil; {
			conn, err := dial(ctx, echo, answerTime)
			if err != nil && ctx.Err() == nil {
				gaps.Add(1)
				fmt.Fprintln(d.log, "a gap:", err)
			}
			if err != nil {
				continue
			}
			err = exchange(conn)
			_ = conn.Close()
			if err == nil {
				return time.Now(), nil
			}
		}
		return time.Time{}, errors.New("no connection was answered any more")
	}
	for range d.scale.rollouts {
		if _, err := next(ctx); err != nil {
			return err
		}
		during, stop := context.WithCancel(ctx)
		var load sync.WaitGroup
		load.Go(func() {
			for during.Err() == nil {
				_, _ = next(during)
			}
		})
		ready, err := swap(ctx)
		stop()
		if err != nil {
			return err
		}
		answered, err := next(ctx)
		if err != nil {
			return err
		}
		load.Wait()
		s.put(rollout, milliseconds(max(0, answered.Sub(ready))))
	}
	s.put(rolloutGaps, float64(gaps.Load()))
	return nil
}
