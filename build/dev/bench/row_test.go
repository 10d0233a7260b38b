package main

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name string
		row  Row
		want bool
	}{
		{"measured, no target", Row{Value: f(7), Better: Lower, N: 5}, true},
		{"not measured, no target", Row{Better: Lower, N: 5}, false},
		{"no runs", Row{Value: f(7), Better: Lower}, false},
		{"lower, below", Row{Value: f(0.9), Better: Lower, Target: f(1), N: 5}, true},
		{"lower, at it", Row{Value: f(1), Better: Lower, Target: f(1), N: 5}, true},
		{"lower, above", Row{Value: f(1.01), Better: Lower, Target: f(1), N: 5}, false},
		{"higher, above", Row{Value: f(1.4), Better: Higher, Target: f(1.3), N: 5}, true},
		{"higher, at it", Row{Value: f(1.3), Better: Higher, Target: f(1.3), N: 5}, true},
		{"higher, below", Row{Value: f(1.2), Better: Higher, Target: f(1.3), N: 5}, false},
		{"the ratio counts, good", Row{Value: f(900), Ratio: f(0.5), Peer: "p", Better: Lower, Target: f(0.6), N: 5}, true},
		{"the ratio counts, bad", Row{Value: f(0.1), Ratio: f(0.7), Peer: "p", Better: Lower, Target: f(0.6), N: 5}, false},
		{"a good value without the ratio", Row{Value: f(0.1), Peer: "p", Better: Lower, Target: f(0.6), N: 5}, false},
		{"a peer that failed, no target", Row{Value: f(0.1), Peer: "p", Better: Lower, N: 5}, true},
		{"a ratio without a value", Row{Ratio: f(0.5), Peer: "p", Better: Lower, Target: f(0.6), N: 5}, false},
		{"no number", Row{Value: &nan, Better: Lower, Target: f(1), N: 5}, false},
		{"infinite", Row{Value: &inf, Better: Higher, Target: f(1), N: 5}, false},
		{"neither lower nor higher", Row{Value: f(1), Better: "sideways", Target: f(1), N: 5}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := judge(test.row); got != test.want {
				t.Errorf("judge(%+v) = %t", test.row, got)
			}
		})
	}
}

func TestRows(t *testing.T) {
	lower, open := figure{"lower", "ms", Lower, 0.6}, figure{"open", "ms", Lower, none}
	tests := []struct {
		name string
		row  Row
		want string
	}{
		{"beside a slower peer", lower.beside("kubectl v1", []float64{1, 9, 2}, []float64{4, 8, 2}),
			`{"name":"lower","value":2,"unit":"ms","better":"lower","peer":"kubectl v1","ratio":0.5,"target":0.6,"n":3,"ok":true}`},
		{"beside a faster peer", lower.beside("kubectl v1", []float64{4}, []float64{1}),
			`{"name":"lower","value":4,"unit":"ms","better":"lower","peer":"kubectl v1","ratio":4,"target":0.6,"n":1,"ok":false}`},
		{"a peer at zero", open.beside("kubectl v1", []float64{4}, []float64{0}),
			`{"name":"open","value":4,"unit":"ms","better":"lower","peer":"kubectl v1","ratio":null,"target":null,"n":1,"ok":true}`},
		{"a peer without values", lower.beside("kubectl v1", []float64{4}, nil),
			`{"name":"lower","value":4,"unit":"ms","better":"lower","peer":"kubectl v1","ratio":null,"target":0.6,"n":0,"ok":false}`},
		{"alone", open.alone([]float64{1, 2, 4, 3}),
			`{"name":"open","value":2.5,"unit":"ms","better":"lower","peer":"","ratio":null,"target":null,"n":4,"ok":true}`},
		{"alone and not measured", open.alone(nil),
			`{"name":"open","value":null,"unit":"ms","better":"lower","peer":"","ratio":null,"target":null,"n":0,"ok":false}`},
		{"one run beyond the limit", lower.highest([]float64{0.1, 0.7, 0.1}),
			`{"name":"lower","value":0.7,"unit":"ms","better":"lower","peer":"","ratio":null,"target":0.6,"n":3,"ok":false}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := writeJSON(&out, []Row{test.row}); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSuffix(out.String(), "\n"); got != test.want {
				t.Errorf("the row is\n%s, want\n%s", got, test.want)
			}
		})
	}
}

func TestTable(t *testing.T) {
	rows := []Row{
		figure{"fast", "ms", Lower, 0.6}.beside("kubectl v1", []float64{1.2345}, []float64{1234}),
		figure{"slow", "MiB/s", Higher, 3}.alone(nil),
	}
	var out bytes.Buffer
	if err := writeTable(&out, rows); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"FIGURE VALUE UNIT PEER'S RATIO TARGET N OK PEER",
		"fast 1.23 ms 1234 0.001 ≤ 0.6× 1 yes kubectl v1",
		"slow – MiB/s – – ≥ 3 0 no",
	}
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if got := strings.Join(strings.Fields(line), " "); got != want[i] {
			t.Errorf("line %d is %q, want %q", i, got, want[i])
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"window"}, {"--output", "xml"}, {"--runs", "0"}, {"sync", "--nonsense"}} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), args, &stdout, &stderr)
		if code != 64 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "usage: ") {
			t.Errorf("bench %v: exit code %d, prints %q and %q", args, code, &stdout, &stderr)
		}
	}
}
