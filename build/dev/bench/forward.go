package main

import (
	"context"
	"errors"
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
	stalls      int           // times that a reader stalls
	fill        time.Duration // how long the stalled reader has been stalled by then
	live        int           // connections that are live at once
	rollouts    int
	soak        int           // connections in all
	rest        time.Duration // after them; then only the few spares of a busy forward are kept
}

// full is the bench's scale: 5 pairs in about six minutes on two cores.
var full = scale{
	connections: 1000, far: 30, window: 2 * time.Second, farWindow: 6 * time.Second, crowd: 20, exchanges: 200, stalls: 3, fill: time.Second, live: 100, rollouts: 5,
	soak: 10_000, rest: 12 * time.Second,
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

	d := duel{options: o, home: home}
	stop, err := d.open(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	fmt.Fprintf(o.log, "%s beside %s; bed: %s; %d CPUs\n", ours.name, theirs.name, d.bed, runtime.NumCPU())
	rows, err := d.fight(ctx, ours, theirs)
	for _, part := range []struct {
		figures []figure
		measure func() ([]Row, error)
		bed     bool // needs what no real cluster lets it do or see
	}{
		{[]figure{rollout, rolloutGaps}, func() ([]Row, error) { return d.rolls(ctx, ours) }, false},
		{ofMany, func() ([]Row, error) { return idleRows(ctx, program, home, o.runs) }, true},
		{ofSoak, func() ([]Row, error) { return d.soaks(ctx, ours) }, true},
	} {
		if err != nil {
			return rows, err
		}
		if part.bed && o.cluster || !o.wants(part.figures...) {
			continue
		}
		var more []Row
		more, err = part.measure()
		rows = append(rows, more...)
	}
	if len(rows) == 0 {
		err = errors.Join(err, fmt.Errorf("no figure is called %s", o.only))
	}
	return rows, err
}

// duel is two contenders in turn at the same places.
type duel struct {
	options
	home string
	bed  string // for people
	near place
	far  *place                                   // nil: there is none
	swap func(context.Context) (time.Time, error) // replaces the pod; when the new one was ready
}

// open makes the places, until stop.
func (d *duel) open(ctx context.Context) (stop func(), err error) {
	if d.cluster {
		c, err := openCluster(ctx, d.home, d.image)
		if err != nil {
			return nil, err
		}
		d.bed, d.near, d.swap = "the cluster of context "+c.context, c.place(), c.swap
		return c.close, nil
	}
	b, err := startBed(ctx, d.home)
	if err != nil {
		return nil, err
	}
	d.bed, d.near, d.far = "a cluster in a process of its own", b.near, &b.far
	return func() { _ = b.stop() }, nil // it has done its work
}

// fight runs A B A B, after one start of each that does not count: it warms the
// caches of the machine, and kubectl's own.
func (d duel) fight(ctx context.Context, ours, theirs contender) ([]Row, error) {
	sides := []struct {
		contender
		samples
	}{{ours, samples{}}, {theirs, samples{}}}
	if len(d.parts()) == 0 {
		return nil, nil
	}
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
	for _, f := range []figure{stall, live100} {
		if values := sides[0].samples[f.name]; d.wants(f) || len(values) > 0 {
			rows = append(rows, f.alone(values))
		}
	}
	return rows, nil
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

// part is what is measured in one process of a contender, so that nothing is left
// behind for the next.
type part func(ctx context.Context, c contender, s samples) error

// parts are those that measure what is asked for.
func (d duel) parts() (wanted []part) {
	for _, p := range []struct {
		part
		figures []figure
	}{
		{d.connects, []figure{listening, firstByte, connectP50, connectP99}},
		{d.loads, []figure{download1, download16, upload1, cpuPerGiB}},
		{d.stalls, []figure{stall, stallLost}},
		{d.isolates, []figure{refused}},
		{d.halfCloses, []figure{halfClose}},
		{d.lives, []figure{live100}},
		{d.goesFar, []figure{connectFar, far16}},
	} {
		if d.wants(p.figures...) {
			wanted = append(wanted, p.part)
		}
	}
	return wanted
}

// round measures everything once.
func (d duel) round(ctx context.Context, c contender, s samples) error {
	for _, measure := range d.parts() {
		if err := measure(ctx, c, s); err != nil {
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
		wanted := d.wants(load.figure) || load.figure == download1 && d.wants(cpuPerGiB)
		if !wanted {
			continue
		}
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

// stalls has a crowd converse, first alone and then beside a reader that does not
// read. The ratio of two 99th percentiles is far from steady, so that the median of a
// few counts as one.
func (d duel) stalls(ctx context.Context, c contender, s samples) error {
	var ratios []float64
	lost := 0
	for range d.scale.stalls {
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
			ratios, lost = append(ratios, beside.p99/without.p99), max(lost, beside.lost)
			return nil
		}, echoPort, sourcePort)
		if err != nil {
			return err
		}
	}
	s.put(stall, median(ratios))
	s.put(stallLost, float64(lost))
	return nil
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
