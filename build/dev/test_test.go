package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestFollow(t *testing.T) {
	tests := []struct {
		name           string
		stream         string
		passed, failed int
		skipped        string
		printed        string
	}{
		{
			name: "a passing test keeps its output to itself",
			stream: `{"Action":"output","Package":"p","Test":"TestA","Output":"noise\n"}
				{"Action":"pass","Package":"p","Test":"TestA"}
				{"Action":"output","Package":"p","Output":"ok  \tp\n"}
				{"Action":"pass","Package":"p"}`,
			passed:  1,
			printed: "ok  \tp\n",
		},
		{
			name: "a failing test shows its output and counts once",
			stream: `{"Action":"output","Package":"p","Test":"TestA","Output":"a_test.go:7: no\n"}
				{"Action":"fail","Package":"p","Test":"TestA"}
				{"Action":"fail","Package":"p"}`,
			failed:  1,
			printed: "a_test.go:7: no\n",
		},
		{
			name: "a package that does not build counts as a failure",
			stream: `{"Action":"build-output","ImportPath":"p","Output":"undefined: x\n"}
				{"Action":"fail","Package":"p","FailedBuild":"p"}`,
			failed:  1,
			printed: "undefined: x\n",
		},
		{
			name: "a skip says why",
			stream: `{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
				{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: no kubectl\n"}
				{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}
				{"Action":"skip","Package":"p","Test":"TestA"}
				{"Action":"pass","Package":"p"}`,
			skipped: "p TestA: a_test.go:7: no kubectl",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c counts
			var out bytes.Buffer
			if err := c.follow(strings.NewReader(tt.stream), &out); err != nil {
				t.Fatal(err)
			}
			if c.passed != tt.passed || c.failed != tt.failed || strings.Join(c.skipped, "\n") != tt.skipped {
				t.Errorf("got %+v", c)
			}
			if out.String() != tt.printed {
				t.Errorf("printed %q, want %q", out.String(), tt.printed)
			}
		})
	}
}

func TestReportEndsWithTheCounts(t *testing.T) {
	c := counts{passed: 2, skipped: []string{"p TestA: no cluster"}}
	c.fail("p TestB", []string{"b_test.go:7: no\n"})
	var out bytes.Buffer
	c.report(&out)
	want := "skipped: p TestA: no cluster\nfailed: p TestB\nb_test.go:7: no\n\n2 passed, 1 failed\n"
	if out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
