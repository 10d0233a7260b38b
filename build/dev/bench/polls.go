package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// The figures of an engine that only asks whether there is something new.
var (
	pollCPU    = figure{"poll_cpu", "ms", Lower, 1}
	sources100 = figure{"sources100_cpu", "% of a core", Lower, 1}
)

const (
	manySources = 100
	watched     = time.Minute // for which polls come by their timer
)

// pollRows measures the time of the processor that polls by their timer take which
// find nothing: of one big source, and of many.
func pollRows(ctx context.Context, program, dir string) ([]Row, error) {
	if runtime.GOOS != "linux" {
		return []Row{pollCPU.alone(nil), sources100.alone(nil)}, nil
	}
	dir, err := os.MkdirTemp(dir, "polls")
	if err != nil {
		return nil, err
	}
	s := samples{}
	err = following(ctx, program, dir, os.DevNull, func(ctx context.Context, e *engine, hub *demo.GitHub, _ *team) error {
		spent, polls, err := e.watch(ctx, hub, 10*time.Second)
		if err != nil {
			return err
		}
		s.put(pollCPU, milliseconds(spent)/float64(polls))
		if err := e.followMany(ctx, hub); err != nil {
			return err
		}
		spent, _, err = e.watch(ctx, hub, time.Hour)
		s.put(sources100, 100*spent.Seconds()/watched.Seconds())
		return err
	})
	return []Row{pollCPU.alone(s[pollCPU.name]), sources100.alone(s[sources100.name])}, err
}

// watch lets the big source be polled at an interval and returns the processor's time
// that the engine took meanwhile, and how many requests it made.
func (e *engine) watch(ctx context.Context, hub *demo.GitHub, interval time.Duration) (spent time.Duration, polls int, err error) {
	view, err := e.api.View(ctx)
	if err != nil {
		return 0, 0, err
	}
	big := view.Sources[0].SourceConfig
	big.Interval = portolan.Duration(interval)
	if err := e.api.SetSource(ctx, big); err != nil {
		return 0, 0, err
	}
	time.Sleep(2*settling + min(interval, watched)) // the first poll after a change plans
	before, err := e.cpu()
	if err != nil {
		return 0, 0, err
	}
	asked := hub.Usage().Requests
	time.Sleep(watched)
	after, err := e.cpu()
	return after - before, hub.Usage().Requests - asked, err
}

// followMany follows files of the big repository, each as a source of its own.
func (e *engine) followMany(ctx context.Context, hub *demo.GitHub) error {
	for i := range manySources {
		add := api.AddSource{Repository: hub.URL(), Config: portolan.SourceConfig{
			Name: fmt.Sprint("team-", i), Path: bigName(i % bigFiles), Interval: portolan.Duration(time.Minute),
		}}
		if _, err := e.api.AddSource(ctx, add); err != nil {
			return err
		}
	}
	return nil
}

// cpu is the processor's time that the engine's threads have taken: the first field of
// their schedstat (Linux, Documentation/scheduler/sched-stats), in nanoseconds.
func (e *engine) cpu() (time.Duration, error) {
	names, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(e.cmd.Process.Pid), "task", "*", "schedstat"))
	if err != nil || names == nil {
		return 0, fmt.Errorf("the engine has no threads: %w", err)
	}
	var total time.Duration
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		field, _, _ := strings.Cut(string(data), " ")
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading %s: %w", name, err)
		}
		total += time.Duration(n)
	}
	return total, nil
}
