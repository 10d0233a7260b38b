package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// as makes this test binary behave as the program that it names.
const as = "PORTOLAN_BENCH_TEST_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(as) {
	case "bench":
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	case "silent":
		fmt.Fprintln(os.Stderr, "no such cluster")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// small is a scale for tests: it measures nothing.
var small = scale{connections: 5, far: 2, window: 300 * time.Millisecond, farWindow: 2 * time.Second, crowd: 2, exchanges: 3, stalls: 1, fill: 10 * time.Millisecond, live: 2, rollouts: 1, soak: 50}

// TestForwardGroup runs the bed and two of the client-go peers, one of them as
// the program.
func TestForwardGroup(t *testing.T) {
	t.Setenv(as, "bench")
	var log strings.Builder
	o := options{runs: 1, scale: small, peer: "client-go", log: &log}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := startBed(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.stop(); err != nil {
			t.Errorf("the bed ended with %v", err)
		}
	}()
	theirs, err := peer(t.Context(), "client-go")
	if err != nil || !strings.HasPrefix(theirs.name, "client-go v") {
		t.Fatalf("the peer is %q, %v", theirs.name, err)
	}
	ours := contender{name: "portolan", command: []string{self, "peer"}, pods: true}
	d := duel{options: o, home: t.TempDir(), near: b.near, far: &b.far}
	rows, err := d.fight(t.Context(), ours, theirs)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
		// Client-go's forwarder may let the others stall: then there is no value.
		if r.Value == nil && r.Name != stall.name || r.N != 1 {
			t.Errorf("%s was not measured: %+v", r.Name, r)
		}
	}
	want := []string{"listening", "first_byte", "connect_p50", "connect_p99", "connect_rtt50", "download", "download16",
		"upload", "download16_rtt50", "cpu_per_gib", "stall_lost", "refused", "halfclose", "stall", "live100"}
	if !slices.Equal(names, want) {
		t.Errorf("the rows are %v", names)
	}
	far := rows[slices.Index(names, "connect_rtt50")]
	if *far.Value < 50 {
		t.Errorf("a connection to the far cluster took %v ms, less than a round trip", *far.Value)
	}
}

func TestContenderThatEnds(t *testing.T) {
	t.Setenv(as, "silent")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, err = contender{name: "mute", command: []string{self}}.start(t.Context(), t.TempDir(), place{target: "svc/x"}, echoPort)
	if err == nil || !strings.Contains(err.Error(), "mute does not listen") || !strings.Contains(err.Error(), "no such cluster") {
		t.Errorf("the error is %v", err)
	}
}

func TestUnknownPeer(t *testing.T) {
	if _, err := peer(t.Context(), "telepathy"); err == nil {
		t.Error("a peer that does not exist was found")
	}
}

// TestSoak soaks client-go's forwarder, with faults while it lasts.
func TestSoak(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what a process holds")
	}
	t.Setenv(as, "bench")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := contender{name: "portolan", command: []string{self, "peer"}, pods: true}
	for _, length := range []time.Duration{0, time.Second} {
		d := duel{options: options{scale: small, soak: length, log: io.Discard}, home: t.TempDir()}
		rows, err := d.soaks(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Value == nil || r.N != 1 || !strings.HasPrefix(r.Name, "soak_") {
				t.Errorf("for %v: %+v", length, r)
			}
		}
		if len(rows) != len(ofSoak) {
			t.Errorf("%d rows", len(rows))
		}
	}
}

func TestOnly(t *testing.T) {
	if o := (options{}); !o.wants(stall) {
		t.Error("without a choice something is left out")
	}
	d := duel{options: options{only: "connect_p99,rollout"}}
	if !d.wants(rollout, rolloutGaps) || d.wants(stall) || d.wants(connectFar) || len(d.parts()) != 1 {
		t.Errorf("%d parts are measured", len(d.parts()))
	}
}
