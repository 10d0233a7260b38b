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
	pollCPU    = figure{"poll_cpu", "ms", Lower, none} // with the kernel, the runtime and net/http
	sources100 = figure{"sources100_cpu", "% of a core", Lower, 1}
)

const (
	manySources = 100
	watched     = time.Minute // for which polls come by their timer
)

// pollRows measures the processor's time of an engine with many sources whose polls
// find nothing, and what one poll is of it: less what the engine takes while paused.
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
		if err := e.followMany(ctx, hub); err != nil {
			return err
		}
		time.Sleep(watched + settling) // the first poll of each source plans
		polling, polls, err := e.watch(hub)
		if err != nil {
			return err
		}
		if err := e.api.Pause(ctx, true); err != nil {
			return err
		}
		time.Sleep(settling)
		idle, _, err := e.watch(hub)
		s.put(pollCPU, milliseconds(polling-idle)/float64(polls))
		s.put(sources100, 100*polling.Seconds()/watched.Seconds())
		return err
	})
	return []Row{pollCPU.alone(s[pollCPU.name]), sources100.alone(s[sources100.name])}, err
}

// watch returns the processor's time that the engine takes for a while, and how many
// requests it makes.
func (e *engine) watch(hub *demo.GitHub) (spent time.Duration, polls int, err error) {
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
