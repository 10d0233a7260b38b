package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// test runs all tests and ends with one line of counts.
func test(ctx context.Context, _ []string) error {
	return runTests(ctx, setupStages())
}

// runTests runs the stages before and then all tests.
func runTests(ctx context.Context, before []Stage) error {
	var c counts
	err := runAll(ctx, append(before,
		Stage{"go test", func(ctx context.Context) error { return goTest(ctx, &c) }},
		Stage{"front end test", func(ctx context.Context) error { return frontendTest(ctx, &c) }},
	))
	c.report(os.Stdout)
	return err
}

// goTest runs the Go tests with the race detector, in a random order.
func goTest(ctx context.Context, c *counts) error {
	events, results := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- c.follow(events, os.Stdout) }()
	err := Command{Out: results, Args: []string{"go", "test", "-json", "-race", "-shuffle=on", "./..."}}.Run(ctx)
	_ = results.Close()
	return errors.Join(err, <-done)
}

// frontendTest runs Vitest, whose JSON report has the counts.
func frontendTest(ctx context.Context, c *counts) error {
	var out bytes.Buffer
	vitest := npm("exec", "--", "vitest", "run", "--reporter=json")
	vitest.Out = &out
	err := vitest.Run(ctx)
	var report struct {
		NumPassedTests, NumFailedTests int
		TestResults                    []struct{ Name, Status, Message string }
	}
	if bad := json.Unmarshal(out.Bytes(), &report); bad != nil {
		_, _ = os.Stdout.Write(out.Bytes())
		return errors.Join(err, fmt.Errorf("vitest's report: %w", bad))
	}
	c.passed += report.NumPassedTests
	c.failed += report.NumFailedTests
	if err != nil {
		// Once more for the eye: the JSON report has no diffs.
		return errors.Join(err, npm("test").Run(ctx))
	}
	return nil
}

// counts are the outcomes of single tests.
type counts struct {
	passed, failed int      // a package that does not build or exits early counts as one failed test
	skipped        []string // "package Test: why"
}

// An event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action, Package, Test, Output string
}

// follow counts the tests of a `go test -json` stream. It prints each package's
// own lines at once, and what a test printed only if it failed.
func (c *counts) follow(stream io.Reader, out io.Writer) error {
	printed := map[string][]string{} // by package and test
	blamed := map[string]bool{}      // packages in which some test has failed
	decoder := json.NewDecoder(stream)
	for {
		var e event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			_, _ = io.Copy(io.Discard, stream) // let the writer end
			return fmt.Errorf("go test's report: %w", err)
		}
		name := e.Package + " " + e.Test
		switch {
		case e.Action == "output" && e.Test != "":
			printed[name] = append(printed[name], e.Output)
		case e.Action == "output" || e.Action == "build-output":
			fmt.Fprint(out, e.Output)
		case e.Action == "fail" && e.Test == "" && !blamed[e.Package]:
			c.failed++
		case e.Test == "":
		case e.Action == "pass":
			c.passed++
			delete(printed, name)
		case e.Action == "fail":
			c.failed++
			blamed[e.Package] = true
			fmt.Fprint(out, strings.Join(printed[name], ""))
		case e.Action == "skip":
			c.skipped = append(c.skipped, name+": "+reason(printed[name]))
		}
	}
}

// reason is what a skipped test said, without go test's own lines.
func reason(printed []string) string {
	var said []string
	for _, line := range printed {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

// report prints why each skipped test was skipped and, last, the counts.
func (c *counts) report(out io.Writer) {
	for _, s := range c.skipped {
		fmt.Fprintln(out, "skipped:", s)
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", c.passed, c.failed)
}
