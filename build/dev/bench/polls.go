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
	manyPolls   = 200
	manySources = 100
)

// pollRows measures the time of the processor that polls take which find nothing:
// of one source when asked for, and of many by their timer.
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
		spent, err := e.spends(func() error { return e.poll(ctx, manyPolls) })
		if err != nil {
			return err
		}
		s.put(pollCPU, milliseconds(spent)/manyPolls)
		if err := e.followMany(ctx, hub); err != nil {
			return err
		}
		time.Sleep(settling)
		// Each source has polled once after this time, and a few twice.
		spent, err = e.spends(func() error { time.Sleep(time.Minute); return nil })
		s.put(sources100, 100*spent.Seconds()/time.Minute.Seconds())
		return err
	})
	return []Row{pollCPU.alone(s[pollCPU.name]), sources100.alone(s[sources100.name])}, err
}

// poll syncs, and expects nothing new.
func (e *engine) poll(ctx context.Context, times int) error {
	for range times {
		results, err := e.api.Sync(ctx, nil)
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.Fault != nil || r.Changed {
				return fmt.Errorf("a poll that should find nothing: %+v", r)
			}
		}
	}
	return nil
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

// spends is the processor's time that the engine takes while something is done.
func (e *engine) spends(do func() error) (time.Duration, error) {
	before, err := e.cpu()
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := e.cpu()
	return after - before, err
}

// cpu is the processor's time that the engine has taken, of all its threads and in
// user and system mode: fields 14 and 15 of /proc/PID/stat, in hundredths of a
// second (proc_pid_stat(5); USER_HZ is 100 on every Linux that Go runs on).
func (e *engine) cpu() (time.Duration, error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(e.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), ") ") // the program's name may have blanks
	fields := strings.Fields(rest)
	var ticks int
	for _, i := range []int{14 - 3, 15 - 3} {
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			return 0, fmt.Errorf("reading /proc/PID/stat: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}
