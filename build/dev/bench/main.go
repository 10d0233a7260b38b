// Command bench measures the program, beside its peer where it has one:
//
//	go run ./build/dev bench [forward|sync|agent|desktop] [--only FIGURES] [--output json]
//
// Contender and peer run in turn, A B A B, each run a process of its own, in
// the same bed and within the same minutes; a figure is the median of the
// runs. Machines differ, and so do their hours: the ratio is what can be
// compared, not the value. [judge] says of each figure whether it is good.
//
// The bed is a cluster in a process of its own, so that its work is nobody's. With
// --cluster it is the one that KUBECONFIG names.
// The program starts itself for that, as "bench bed", and where no kubectl is
// installed as "bench peer", which is client-go's forwarder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A group is a set of figures that are measured together.
type group struct {
	name    string
	measure func(ctx context.Context, o options) ([]Row, error)
}

var groups = []group{
	{"forward", forwardGroup},
	{"sync", syncGroup},
	{"agent", agentGroup},
	{"desktop", desktopGroup},
}

// options are what the command line says.
type options struct {
	program string // the program to measure
	cluster bool   // on the current context's cluster instead of the bed
	image   string // of the workload there
	peer    string // auto, kubectl or client-go
	runs    int    // of each contender
	only    string // figures of forward, separated by commas; "" = all
	soak    time.Duration
	scale   scale
	log     io.Writer // progress and remarks, for people
}

// wants reports whether one of the figures is asked for.
func (o options) wants(figures ...figure) bool {
	return o.only == "" || slices.ContainsFunc(figures, func(f figure) bool {
		return slices.Contains(strings.Split(o.only, ","), f.name)
	})
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command; it returns the exit code. A figure that misses its target
// is no failure, one that could not be measured is.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := dispatch(ctx, args, stdout, stderr)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return 64
	}
	fmt.Fprintln(stderr, "bench:", err)
	return 1
}

// errUsage is a command line that was not understood; why has been printed.
var errUsage = errors.New("usage")

func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "bed":
			return serveBed(ctx, os.Stdin, stdout)
		case "peer":
			return forwardAsClientGo(ctx, args[1:], stdout)
		}
	}
	o := options{scale: full, log: stderr}
	var output string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.program, "program", "portolan", "the program to measure")
	flags.BoolVar(&o.cluster, "cluster", false, "measure forward on the cluster of the current context, with kubectl and in a namespace of its own")
	flags.StringVar(&o.image, "image", busybox, "the workload's there: "+
		"its port 7000 echoes, 7001 sends as many bytes as a big-endian uint64 asks for, and 7002 reads them; "+
		"on 7009 nobody listens; busybox is told to")
	flags.StringVar(&o.peer, "peer", "auto", "beside whom: kubectl, client-go, or auto: kubectl where there is one")
	flags.IntVar(&o.runs, "runs", 5, "of each contender")
	flags.StringVar(&o.only, "only", "", "measure these `FIGURES` of forward alone, such as connect_p99,download")
	flags.DurationVar(&o.soak, "soak", 0, "soak for so long, with faults, in place of 10,000 connections")
	flags.StringVar(&output, "output", "table", "table, or json: one object a line")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: go run ./build/dev bench [flags] [forward|sync|agent|desktop]...")
		flags.PrintDefaults()
	}
	names, err := parse(flags, args)
	if err != nil {
		return errUsage
	}
	chosen := slices.DeleteFunc(slices.Clone(groups), func(g group) bool {
		return len(names) > 0 && !slices.Contains(names, g.name)
	})
	if len(chosen) < len(names) || len(chosen) == 0 || o.runs < 1 || output != "table" && output != "json" {
		flags.Usage()
		return errUsage
	}
	return measure(ctx, o, chosen, output == "json", stdout)
}

// parse reads flags and names in any order.
func parse(flags *flag.FlagSet, args []string) (names []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return names, nil
		}
		names, args = append(names, flags.Arg(0)), flags.Args()[1:]
	}
}

func measure(ctx context.Context, o options, chosen []group, asJSON bool, stdout io.Writer) error {
	var failed error
	var all []Row
	for _, g := range chosen {
		rows, err := g.measure(ctx, o)
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", g.name, err))
		}
		all = append(all, rows...)
		if asJSON {
			if err := writeJSON(stdout, rows); err != nil {
				return err
			}
		}
	}
	if asJSON {
		return failed
	}
	return errors.Join(failed, writeTable(stdout, all))
}
