package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// test runs all tests and ends with one line of counts. With --screenshots the
// browser also takes the pictures of build/screenshots.
func test(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	screenshots := flags.Bool("screenshots", false, "take the pictures of build/screenshots anew")
	if err := flags.Parse(args); err != nil {
		return err
	}
	folder := ""
	if *screenshots {
		folder = filepath.Join("build", "screenshots")
	}
	return runTests(ctx, setupStages(), folder)
}

// runTests runs the stages before and then all tests. Pictures of the pages go to
// a folder, unless it is "".
func runTests(ctx context.Context, before []Stage, pictures string) error {
	var c counts
	program := filepath.Join("build", "out", "portolan"+host().exe())
	err := runAll(ctx, append(before,
		Stage{"go test", func(ctx context.Context) error { return goTest(ctx, &c) }},
		Stage{"front end test", func(ctx context.Context) error { return c.vitest(ctx, nil) }},
		tool("front end build", npm("run", "build")),
		Stage{"program", func(ctx context.Context) error { return compile(ctx, host(), program) }},
		Stage{"browser test", func(ctx context.Context) error { return browserTest(ctx, &c, program, pictures) }},
	))
	c.report(os.Stdout)
	return err
}

// browserTest runs the suite of frontend/e2e: the pages in a real browser, on the
// engine in memory and on the program's own.
func browserTest(ctx context.Context, c *counts, program, pictures string) error {
	browser := chromium()
	if browser == "" {
		if os.Getenv("CI") == "true" {
			return errors.New("there is no Chromium")
		}
		c.skipped = append(c.skipped, "frontend/e2e: there is no Chromium")
		return nil
	}
	paths := map[string]string{"PORTOLAN_PROGRAM": program, "PORTOLAN_SCREENSHOTS": pictures}
	return c.inBrowser(ctx, browser, paths)
}

// pictures takes a picture of every state of the pages, for those who look at how
// they are made; words name the states that are wanted.
func pictures(ctx context.Context, words []string) error {
	browser := chromium()
	if browser == "" {
		return errors.New("there is no Chromium")
	}
	var c counts
	folder := filepath.Join("build", "out", "pictures")
	args := []string{"screenshots"}
	if len(words) > 0 {
		args = append(args, "--testNamePattern", strings.Join(words, " "))
	}
	return runAll(ctx, []Stage{
		tool("front end build", npm("exec", "--", "vite", "build")),
		{folder, func(ctx context.Context) error {
			return c.inBrowser(ctx, browser, map[string]string{"PORTOLAN_PICTURES": folder}, args...)
		}},
	})
}

// inBrowser runs tests of frontend/e2e. They are told of the paths by the names of
// variables; a path that is "" is not.
func (c *counts) inBrowser(ctx context.Context, browser string, paths map[string]string, args ...string) error {
	env := []string{"PORTOLAN_CHROMIUM=" + browser}
	for name, path := range paths {
		if path == "" {
			continue
		}
		absolute, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		env = append(env, name+"="+absolute)
	}
	return c.vitest(ctx, env, append([]string{"--config", "e2e/vitest.config.ts"}, args...)...)
}

// chromium is the browser of the tests, or "".
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	return ""
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

// vitest runs tests of the front end. Its JSON report has the counts, and beside it
// goes the one for the eye.
func (c *counts) vitest(ctx context.Context, env []string, args ...string) error {
	file, err := os.CreateTemp("", "portolan-vitest-*.json")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	defer func() { _ = file.Close() }()
	vitest := npm(append([]string{"exec", "--", "vitest", "run",
		"--reporter=default", "--reporter=json", "--outputFile=" + file.Name()}, args...)...)
	vitest.Env = env
	failed := vitest.Run(ctx)
	data, err := io.ReadAll(file)
	if err != nil {
		return errors.Join(failed, err)
	}
	var report struct{ NumPassedTests, NumFailedTests int }
	if err := json.Unmarshal(data, &report); err != nil {
		return errors.Join(failed, fmt.Errorf("vitest's report: %w", err))
	}
	c.passed += report.NumPassedTests
	c.failed += report.NumFailedTests
	return failed
}

// counts are the outcomes of single tests.
type counts struct {
	passed, failed int      // a package that does not build or exits early counts as one failed test
	skipped        []string // "package Test: why"
	failures       []string // "package Test", and below it the end of what it printed
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
			printed[name] = append(printed[name], e.Output)
			fmt.Fprint(out, e.Output)
		case e.Action == "fail" && e.Test == "" && !blamed[e.Package]:
			c.fail(name, printed[name])
		case e.Test == "":
		case e.Action == "pass":
			c.passed++
			delete(printed, name)
		case e.Action == "fail":
			c.fail(name, printed[name])
			blamed[e.Package] = true
			fmt.Fprint(out, strings.Join(printed[name], ""))
		case e.Action == "skip":
			c.skipped = append(c.skipped, name+": "+reason(printed[name]))
		}
	}
}

// fail keeps the end of what a failed test printed for the report: where only the
// last lines of a long log are shown, the browser's tests push the first away.
func (c *counts) fail(name string, printed []string) {
	const lines = 30
	c.failed++
	printed = printed[max(0, len(printed)-lines):]
	c.failures = append(c.failures, name+"\n"+strings.Join(printed, ""))
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

// report prints why each skipped test was skipped, the failed Go tests once more
// and, last, the counts.
func (c *counts) report(out io.Writer) {
	for _, s := range c.skipped {
		fmt.Fprintln(out, "skipped:", s)
	}
	for _, f := range c.failures {
		fmt.Fprintln(out, "failed:", f)
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", c.passed, c.failed)
}
