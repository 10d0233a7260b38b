package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// scale is how much traffic one run makes.
type scale struct {
	connections int           // one after the other
	far         int           // the same, to the far cluster
	window      time.Duration // of a download or upload
	farWindow   time.Duration // of the downloads from the far cluster
	crowd       int           // connections beside the stalled reader
	exchanges   int           // of each of them
	fill        time.Duration // how long the stalled reader has been stalled by then
	live        int           // connections that are live at once
	rollouts    int
}

// full is the bench's scale: 5 pairs in about four minutes on two cores.
var full = scale{
	connections: 200, far: 30, window: 2 * time.Second, farWindow: 6 * time.Second, crowd: 20, exchanges: 200, fill: time.Second, live: 100, rollouts: 5,
}

const mib = 1 << 20

// The figures beside a peer. Their targets are those of the forward engine.
var (
	listening  = figure{"listening", "ms", Lower, none}
	firstByte  = figure{"first_byte", "ms", Lower, none}
	connectP50 = figure{"connect_p50", "ms", Lower, 0.6}
	connectP99 = figure{"connect_p99", "ms", Lower, 0.6}
	connectFar = figure{"connect_rtt50", "ms", Lower, 0.35}
	download1  = figure{"download", "MiB/s", Higher, 1.3}
	download16 = figure{"download16", "MiB/s", Higher, 1.5}
	upload1    = figure{"upload", "MiB/s", Higher, 1.3}
	far16      = figure{"download16_rtt50", "MiB/s", Higher, 2}
	cpuPerGiB  = figure{"cpu_per_gib", "s", Lower, 0.7}
	stallLost  = figure{"stall_lost", "connections", Lower, none}
	refused    = figure{"refused", "connections lost", Lower, 0}
	halfClose  = figure{"halfclose", "MiB of a reply lost", Lower, 0}

	besidePeer = []figure{
		listening, firstByte, connectP50, connectP99, connectFar, download1, download16, upload1, far16, cpuPerGiB,
		stallLost, refused, halfClose,
	}
)

// These have no peer. Stall's ratio to the same connections without a stalled
// reader is the figure, and beside kubectl's stalled reader nothing lives to be
// measured; kubectl ends with its pod; and it has one upgraded connection for all
// that are live.
var (
	stall       = figure{"stall", "× without", Lower, 1.2}
	live100     = figure{"live100", "MB more", Lower, 10}
	rollout     = figure{"rollout", "ms", Lower, 1000}
	rolloutGaps = figure{"rollout_gaps", "connections refused", Lower, 0}
)

// samples are one side's values by figure, one for each run.
type samples map[string][]float64

func (s samples) put(f figure, value float64) { s[f.name] = append(s[f.name], value) }

// forwardGroup measures `portolan port-forward` beside its peer.
func forwardGroup(ctx context.Context, o options) ([]Row, error) {
	program, err := filepath.Abs(o.program)
	if err != nil {
		return nil, err
	}
	theirs, err := peer(ctx, o.peer)
	if err != nil {
		return nil, err
	}
	version, err := exec.CommandContext(ctx, program, "version").Output() //nolint:gosec // the program that is measured
	if err != nil {
		return nil, fmt.Errorf("asking %s for its version: %w", o.program, err)
	}
	ours := contender{name: strings.TrimSpace(string(version)), command: []string{program, "port-forward"}}
	home, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(home) }()

	d := duel{options: o, home: home, near: place{target: o.target, pod: o.target}}
	bed := o.target + " of the current context"
	if o.target == "" {
		bed = "a cluster in a process of its own"
		b, err := startBed(ctx, home)
		if err != nil {
			return nil, err
		}
		defer func() { _ = b.stop() }() // it has done its work
		d.near, d.far = b.near, &b.far
	}
	fmt.Fprintf(o.log, "%s beside %s; bed: %s; %d CPUs\n", ours.name, theirs.name, bed, runtime.NumCPU())
	rows, err := d.fight(ctx, ours, theirs)
	if err != nil || o.target != "" {
		return rows, err
	}
	rolled, err := d.rolls(ctx, ours)
	return append(rows, rolled...), err
}

// duel is two contenders in turn at the same places.
type duel struct {
	options
	home string
	near place
	far  *place // nil: there is none
}

// fight runs A B A B, after one start of each that does not count: it warms the
// caches of the machine, and kubectl's own.
func (d duel) fight(ctx context.Context, ours, theirs contender) ([]Row, error) {
	sides := []struct {
		contender
		samples
	}{{ours, samples{}}, {theirs, samples{}}}
	for _, side := range sides {
		if _, err := d.with(ctx, side.contender, d.near, func(*forwarder) error { return nil }, echoPort); err != nil {
			return nil, err
		}
	}
	for i := range d.runs {
		for _, side := range sides {
			fmt.Fprintf(d.log, "run %d of %d: %s\n", i+1, d.runs, side.name)
			if err := d.round(ctx, side.contender, side.samples); err != nil {
				return nil, fmt.Errorf("%s: %w", side.name, err)
			}
		}
	}
	var rows []Row
	for _, f := range besidePeer {
		if a, b := sides[0].samples[f.name], sides[1].samples[f.name]; len(a)+len(b) > 0 {
			rows = append(rows, f.beside(theirs.name, a, b))
		}
	}
	return append(rows, stall.alone(sides[0].samples[stall.name]), live100.alone(sides[0].samples[live100.name])), nil
}

// with runs a contender for as long as use needs it, and returns its CPU time.
func (d duel) with(ctx context.Context, c contender, p place, use func(*forwarder) error, ports ...int) (time.Duration, error) {
	f, err := c.start(ctx, d.home, p, ports...)
	if err != nil {
		return 0, err
	}
	err = use(f)
	return f.end(), err
}

// round measures everything once, each part in a process of its own, so that
// none leaves something behind for the next.
func (d duel) round(ctx context.Context, c contender, s samples) error {
	for _, part := range []func(context.Context, contender, samples) error{
		d.connects, d.loads, d.stalls, d.isolates, d.halfCloses, d.lives, d.goesFar,
	} {
		if err := part(ctx, c, s); err != nil {
			return err
		}
	}
	return nil
}

func (d duel) connects(ctx context.Context, c contender, s samples) error {
	_, err := d.with(ctx, c, d.near, func(f *forwarder) error {
		first, err := connect(ctx, f.addresses[echoPort], 1)
		if err != nil {
			return fmt.Errorf("the first connection: %w", err)
		}
		took, err := connect(ctx, f.addresses[echoPort], d.scale.connections)
		if err != nil {
			return fmt.Errorf("new connections: %w", err)
		}
		s.put(listening, milliseconds(f.listening))
		s.put(firstByte, milliseconds(f.listening)+first[0])
		s.put(connectP50, percentile(took, 50))
		s.put(connectP99, percentile(took, 99))
		return nil
	}, echoPort)
	return err
}

// loads measures how much goes through in a time.
func (d duel) loads(ctx context.Context, c contender, s samples) error {
	for _, load := range []struct {
		figure
		carry   func(ctx context.Context, address string, window time.Duration) (int64, error)
		port    int
		streams int
	}{{download1, pull, sourcePort, 1}, {download16, pull, sourcePort, 16}, {upload1, push, sinkPort, 1}} {
		var n int64
		cpu, err := d.with(ctx, c, d.near, func(f *forwarder) (err error) {
			n, err = carry(ctx, load.carry, f.addresses[load.port], load.streams, d.scale.window)
			return err
		}, load.port)
		if err != nil {
			return fmt.Errorf("%s: %w", load.name, err)
		}
		s.put(load.figure, float64(n)/mib/d.scale.window.Seconds())
		if load.figure == download1 {
			s.put(cpuPerGiB, cpu.Seconds()/(float64(n)/(1<<30)))
		}
	}
	return nil
}

// stalls has a crowd converse, first alone and then beside a reader that does
// not read.
func (d duel) stalls(ctx context.Context, c contender, s samples) error {
	_, err := d.with(ctx, c, d.near, func(f *forwarder) error {
		without := converse(ctx, f.addresses[echoPort], d.scale.crowd, d.scale.exchanges)
		if without.lost > 0 {
			return fmt.Errorf("%d of %d connections failed, with nobody stalled", without.lost, d.scale.crowd)
		}
		stalled, err := ask(ctx, f.addresses[sourcePort], time.Minute)
		if err != nil {
			return fmt.Errorf("the stalled reader: %w", err)
		}
		defer stalled.Close()
		time.Sleep(d.scale.fill) // every buffer on the way is full then
		beside := converse(ctx, f.addresses[echoPort], d.scale.crowd, d.scale.exchanges)
		s.put(stall, beside.p99/without.p99)
		s.put(stallLost, float64(beside.lost))
		return nil
	}, echoPort, sourcePort)
	return err
}

// goesFar measures what a round trip of 50 ms costs.
func (d duel) goesFar(ctx context.Context, c contender, s samples) error {
	if d.far == nil {
		return nil
	}
	_, err := d.with(ctx, c, *d.far, func(f *forwarder) error {
		took, err := connect(ctx, f.addresses[echoPort], d.scale.far)
		if err != nil {
			return fmt.Errorf("new connections to the far cluster: %w", err)
		}
		s.put(connectFar, percentile(took, 50))
		n, err := carry(ctx, pull, f.addresses[sourcePort], 16, d.scale.farWindow)
		if err != nil {
			return fmt.Errorf("16 downloads from the far cluster: %w", err)
		}
		s.put(far16, float64(n)/mib/d.scale.farWindow.Seconds())
		return nil
	}, echoPort, sourcePort)
	return err
}
