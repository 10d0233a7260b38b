package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/api"
)

// engine is a `portolan agent` with a home of its own.
type engine struct {
	program string
	home    string
	env     []string
	api     *api.Client
	ready   time.Duration // from the process's start to the API's first answer
	cmd     *exec.Cmd
	quit    context.CancelFunc
}

// lookAgain is how long a process that does not answer yet is left alone.
const lookAgain = time.Millisecond

// startEngine runs an agent in a fresh home below dir, with more in its
// environment, and waits until it answers. No session bus: the user's keychain
// stays out of reach. No shell, unless env names one: it would ask that for its
// environment and forget this one.
func startEngine(ctx context.Context, program, dir string, env ...string) (*engine, error) {
	home, err := os.MkdirTemp(dir, "home")
	if err != nil {
		return nil, err
	}
	return startEngineIn(ctx, program, home, env...)
}

// startEngineIn is startEngine in a home that is there.
func startEngineIn(ctx context.Context, program, home string, env ...string) (*engine, error) {
	ctx, quit := context.WithCancel(ctx)
	e := &engine{program: program, home: home, quit: quit, api: api.NewClient(api.SocketPath(home))}
	e.env = append(append(os.Environ(), "HOME="+home, "PORTOLAN_HOME="+home, "DBUS_SESSION_BUS_ADDRESS=disabled:", "SHELL="), env...)
	e.cmd = exec.CommandContext(ctx, program, "agent", "--log-level", "error")
	e.cmd.Env = e.env
	var complaints bytes.Buffer
	e.cmd.Stderr = &complaints
	begin := time.Now()
	if err := e.cmd.Start(); err != nil {
		quit()
		return nil, err
	}
	for {
		_, err := e.api.Version(ctx)
		e.ready = time.Since(begin)
		if err == nil {
			return e, nil
		}
		if e.ready > patience {
			e.stop()
			return nil, fmt.Errorf("portolan agent does not answer: %w: %s", err, complaints.Bytes())
		}
		time.Sleep(lookAgain)
	}
}

// stop kills the engine: its home goes too.
func (e *engine) stop() {
	e.quit()
	_ = e.cmd.Wait() // that it was killed is known
}

// do runs a command of the program against the engine and returns how long it
// took.
func (e *engine) do(ctx context.Context, args ...string) (time.Duration, error) {
	_, took, err := e.ask(ctx, args...)
	return took, err
}

func (e *engine) ask(ctx context.Context, args ...string) ([]byte, time.Duration, error) {
	cmd := exec.CommandContext(ctx, e.program, args...) //nolint:gosec // the program that is measured
	cmd.Env = e.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begin := time.Now()
	out, err := cmd.Output()
	took := time.Since(begin)
	if err != nil {
		return nil, 0, fmt.Errorf("portolan %s: %w: %s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, took, nil
}

// addresses lists where the forwards of an environment say that they listen.
func (e *engine) addresses(ctx context.Context, environment string) ([]string, error) {
	out, _, err := e.ask(ctx, "list", "--env", environment, "--output", "json")
	if err != nil {
		return nil, err
	}
	var forwards []struct{ Address string }
	if err := json.Unmarshal(out, &forwards); err != nil {
		return nil, fmt.Errorf("portolan list: %w", err)
	}
	var found []string
	for _, f := range forwards {
		if f.Address != "" {
			found = append(found, f.Address)
		}
	}
	return found, nil
}

// memory is the engine's, as [memoryOf] tells it.
func (e *engine) memory() (float64, error) { return memoryOf(e.cmd.Process.Pid) }

// memoryOf is the proportional set size of a process in MB, from
// /proc/PID/smaps_rollup: only Linux tells it.
func memoryOf(pid int) (float64, error) {
	name := filepath.Join("/proc", strconv.Itoa(pid), "smaps_rollup")
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if size, ok := strings.CutPrefix(line, "Pss:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(size), "kB")), 64)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, fmt.Errorf("%s tells no Pss", name)
}
