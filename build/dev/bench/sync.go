package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/portolan-app/portolan/internal/demo"
)

// The figures of following a repository. The times are those that a person
// waits for `portolan sync`.
var (
	pollRequests   = figure{"poll_requests", "requests", Lower, 1}
	pollQuota      = figure{"poll_quota", "requests", Lower, 0}
	poll10k        = figure{"poll10k", "ms", Lower, none}
	changeRequests = figure{"change_requests", "requests", Lower, 4} // head, commit, tree and the file
	change10k      = figure{"change10k", "ms", Lower, 200}
	changeGrowth   = figure{"change10k_growth", "MB more", Lower, 30}
	followed10k    = figure{"followed10k", "MB", Lower, none}
	binarySize     = figure{"binary_size", "MiB", Lower, none}
)

// syncGroup measures following a repository.
func syncGroup(ctx context.Context, o options) ([]Row, error) {
	program, err := filepath.Abs(o.program)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	fmt.Fprintln(o.log, "following a repository of 10,000 entries")
	rows, err := followRows(ctx, program, dir, o.runs)
	if err != nil {
		return rows, err
	}
	for _, part := range []struct {
		what    string
		measure func() ([]Row, error)
	}{
		{"parse, plan and apply", func() ([]Row, error) { return planRows(o.runs) }},
		{"polls that find nothing, for a minute", func() ([]Row, error) { return pollRows(ctx, program, dir) }},
		{"a store of 50 sources with 200 revisions", func() ([]Row, error) { return storeRows(dir, o.runs) }},
	} {
		fmt.Fprintln(o.log, part.what)
		more, err := part.measure()
		rows = append(rows, more...)
		if err != nil {
			return rows, err
		}
	}
	return append(rows, binarySize.alone([]float64{float64(info.Size()) / mib})), nil
}

// followRows has an engine follow the big repository on a GitHub that counts.
func followRows(ctx context.Context, program, dir string, runs int) ([]Row, error) {
	s := samples{}
	err := following(ctx, program, dir, os.DevNull, func(ctx context.Context, e *engine, hub *demo.GitHub, t *team) error {
		before, err := residence(e)
		if err != nil {
			return err
		}
		for i := range runs {
			if err := followOnce(ctx, e, hub, t, i+1, s); err != nil {
				return err
			}
		}
		after, err := residence(e)
		for i := range after {
			s.put(followed10k, after[i])
			s.put(changeGrowth, after[i]-before[i])
		}
		return err
	})
	var rows []Row
	for _, f := range []figure{pollRequests, pollQuota, changeRequests} {
		rows = append(rows, f.highest(s[f.name]))
	}
	for _, f := range []figure{poll10k, change10k, followed10k, changeGrowth} {
		rows = append(rows, f.alone(s[f.name]))
	}
	return rows, err
}

// following runs use while an engine follows the big repository.
func following(ctx context.Context, program, dir, kubeconfig string, use func(context.Context, *engine, *demo.GitHub, *team) error) error {
	t, err := newTeam(filepath.Join(dir, "repository"))
	if err != nil {
		return err
	}
	// A token: without one GitHub counts a 304 too.
	const token = "ghp_bench"
	hub := demo.NewGitHub(demo.GitHubConfig{Dir: t.dir, Owner: "bench", Name: "forwards", Token: token})
	return during(ctx, hub.Run, func(ctx context.Context) error {
		address, err := url.Parse(hub.URL())
		if err != nil {
			return err
		}
		e, err := startEngine(ctx, program, dir,
			"PORTOLAN_GITHUB_TOKEN="+token, "PORTOLAN_GITHUB_HOST="+address.Host, "KUBECONFIG="+kubeconfig)
		if err != nil {
			return err
		}
		defer e.stop()
		// An interval that no poll of the engine's own falls into the counts.
		if _, err := e.do(ctx, "source", "add", hub.URL(), "--interval", "1h"); err != nil {
			return err
		}
		return use(ctx, e, hub, t)
	})
}

// followOnce syncs twice: once with nothing new, and once after a commit that
// changes one entry.
func followOnce(ctx context.Context, e *engine, hub *demo.GitHub, t *team, version int, s samples) error {
	before := hub.Usage()
	took, err := e.do(ctx, "sync")
	if err != nil {
		return err
	}
	after := hub.Usage()
	s.put(pollRequests, float64(after.Requests-before.Requests))
	s.put(pollQuota, float64(after.Quota-before.Quota))
	s.put(poll10k, milliseconds(took))
	if err := t.commit(map[string][]byte{bigName(7): bigFile(7, version)}); err != nil {
		return err
	}
	took, err = e.do(ctx, "sync")
	if err != nil {
		return err
	}
	s.put(changeRequests, float64(hub.Usage().Requests-after.Requests))
	s.put(change10k, milliseconds(took))
	return nil
}
