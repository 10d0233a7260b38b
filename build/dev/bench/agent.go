package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/demo"
	"github.com/portolan-app/portolan/internal/portolan"
)

// The figures of the agent's start, and of a face that is told of a change
// beside 10,000 forwards.
var (
	agentStart      = figure{"agent_start", "ms", Lower, none}
	agentStartShell = figure{"agent_start_shell", "ms", Lower, none}
	changes10k      = figure{"changes10k_status", "ms", Lower, 20}
	stored10k       = figure{"changes10k_stored", "ms", Lower, 20}
)

// agentGroup measures the agent: its start, and how soon it tells of a change. What
// it takes when idle is among the figures of forward.
func agentGroup(ctx context.Context, o options) ([]Row, error) {
	program, err := filepath.Abs(o.program)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var rows []Row
	for _, part := range []struct {
		what    string
		measure func(ctx context.Context, program, dir string, runs int) ([]Row, error)
	}{
		{"agents that start", startRows},
		{"changes beside 10,000 forwards", changeRows},
	} {
		fmt.Fprintln(o.log, part.what)
		more, err := part.measure(ctx, program, dir, o.runs)
		rows = append(rows, more...)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// startRows measures an agent from its process's start to its first answer, in a
// home that another has left, once by itself and once with a shell to ask for its
// environment.
func startRows(ctx context.Context, program, dir string, runs int) ([]Row, error) {
	s := samples{}
	home, err := os.MkdirTemp(dir, "home")
	if err != nil {
		return nil, err
	}
	for i := range 1 + runs {
		for _, way := range []struct {
			figure
			shell string
		}{{agentStart, ""}, {agentStartShell, "/bin/sh"}} {
			e, err := startEngineIn(ctx, program, home, "KUBECONFIG="+os.DevNull, "SHELL="+way.shell)
			if err != nil {
				return nil, err
			}
			if i > 0 { // the first warms the caches of the machine
				s.put(way.figure, milliseconds(e.ready))
			}
			e.stop()
		}
	}
	return []Row{agentStart.alone(s[agentStart.name]), agentStartShell.alone(s[agentStartShell.name])}, nil
}

// changeRows measures how soon a face that waits for changes is told of one,
// beside the 10,000 forwards of the big repository.
func changeRows(ctx context.Context, program, dir string, runs int) ([]Row, error) {
	s := samples{}
	err := withCluster(ctx, dir, func(ctx context.Context, _ *demo.Cluster, kubeconfig string) error {
		return following(ctx, program, dir, kubeconfig, func(ctx context.Context, e *engine, _ *demo.GitHub, _ *team) error {
			ports, err := freePorts(ctx, runs)
			if err != nil {
				return err
			}
			if _, err := e.startMany(ctx, dir, "own", ports); err != nil {
				return err
			}
			return changeAll(ctx, e, ports, s)
		})
	})
	return []Row{changes10k.alone(s[changes10k.name]), stored10k.alone(s[stored10k.name])}, err
}

// changeAll makes the first use of each of the own forwards, each a change of a
// status, and as often starts, edits and stops one of the team's, each a change of
// what is stored.
func changeAll(ctx context.Context, e *engine, ports []int, s samples) error {
	f, err := newFace(ctx, e)
	if err != nil {
		return err
	}
	for i, port := range ports {
		use := func() error { return touch(ctx, port) }
		if err := f.told(ctx, changes10k, use, used, s); err != nil {
			return err
		}
		if err := f.commands(ctx, i, s); err != nil {
			return err
		}
	}
	return nil
}

// used reports whether a forward has had its first connection.
func used(f portolan.ForwardView) bool {
	return f.Status.Phase == portolan.Connecting || f.Status.Phase == portolan.Ready
}

// touch makes one connection to a local port and uses it.
func touch(ctx context.Context, port int) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprint("127.0.0.1:", port))
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte("x"))
	return errors.Join(err, conn.Close())
}

// face holds the view of an engine and waits for its changes.
type face struct {
	*engine
	view portolan.View
}

func newFace(ctx context.Context, e *engine) (*face, error) {
	f := &face{engine: e}
	c, err := e.api.Changes(ctx, 0)
	f.view.Apply(c)
	return f, err
}

// quiet is how long nothing has changed before the next change is made.
const quiet = 100 * time.Millisecond

// told makes a change and puts how long it takes until the waiting face has a
// forward of which done reports that it shows the change.
func (f *face) told(ctx context.Context, of figure, change func() error, done func(portolan.ForwardView) bool, s samples) error {
	if err := f.settle(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		at  time.Time
		err error
	}
	told := make(chan answer, 1)
	go func() {
		at, err := f.await(ctx, done)
		told <- answer{at, err}
	}()
	time.Sleep(10 * time.Millisecond) // it waits by then
	begin := time.Now()
	if err := change(); err != nil {
		cancel()
		<-told
		return err
	}
	end := <-told
	s.put(of, milliseconds(end.at.Sub(begin)))
	return end.err
}

// await takes changes in until one shows a forward as it shall be, and returns
// when that was.
func (f *face) await(ctx context.Context, done func(portolan.ForwardView) bool) (time.Time, error) {
	for {
		c, err := f.api.Changes(ctx, f.view.Revision)
		at := time.Now()
		if err != nil {
			return at, err
		}
		shows := slices.ContainsFunc(c.Forwards, done)
		f.view.Apply(c)
		if shows {
			return at, nil
		}
	}
}

// settle takes in what still changes, until nothing has for a while.
func (f *face) settle(ctx context.Context) error {
	for {
		until, cancel := context.WithTimeout(ctx, quiet)
		c, err := f.api.Changes(until, f.view.Revision)
		cancel()
		switch {
		case err == nil:
			f.view.Apply(c)
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			return nil
		default:
			return err
		}
	}
}

// commands starts, edits and stops a forward of the team's.
func (f *face) commands(ctx context.Context, i int, s samples) error {
	name := fmt.Sprintf("service-%02d-%03d", i%bigFiles, bigEntries/2)
	at := slices.IndexFunc(f.view.Forwards, func(f portolan.ForwardView) bool { return f.Key == name })
	if at < 0 {
		return fmt.Errorf("there is no forward %s", name)
	}
	id := f.view.Forwards[at].ID
	one := api.Selection{Names: []string{string(id)}}
	text := json.RawMessage(fmt.Sprintf(`"Edited in round %d"`, i))
	for _, c := range []struct {
		command func() error
		shows   func(portolan.ForwardView) bool
	}{
		{func() error { _, err := f.api.Start(ctx, one); return err }, func(f portolan.ForwardView) bool { return f.Local.Wanted }},
		{func() error {
			_, err := f.api.Edit(ctx, id, api.Fields{"description": text}, false)
			return err
		}, func(f portolan.ForwardView) bool { return f.Edited }},
		{func() error { _, err := f.api.Stop(ctx, one); return err }, func(f portolan.ForwardView) bool { return !f.Local.Wanted }},
	} {
		shows := func(f portolan.ForwardView) bool { return f.ID == id && c.shows(f) }
		if err := f.told(ctx, stored10k, c.command, shows, s); err != nil {
			return err
		}
	}
	return nil
}
