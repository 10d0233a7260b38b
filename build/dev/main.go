// Command dev does the project's chores, the same on every system:
//
//	go run ./build/dev VERB
//
// It uses the standard library only, so that it starts on a machine that has
// nothing but Go; what else a verb needs, [setup] installs or names.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// A verb is one chore.
type verb struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string) error
}

// verbs is what `dev` can do, in the order of its help.
var verbs = []verb{
	{"setup", "install what is missing: apt packages (Debian), npm packages", setup},
	{"demo", "run `portolan demo` from source: a pretend team and cluster", portolan("demo")},
	{"run", "run `portolan serve` from source", portolan("serve")},
	{"test", "all tests: Go with the race detector, the front end, the pages in a browser; --screenshots: their pictures too", test},
	{"pictures", "build/out/pictures: every page, dialog and state in light, dark and three sizes; [WORDS]: only states whose name has them", pictures},
	{"lint", "everything that check does, without the tests: [--without SYSTEM]", lint},
	{"check", "lint and test: what must be green before a merge", check},
	{"generate", "the front end's types of the wire, from the Go nouns", generate},
	{"e2e", "the acceptance suite on the cluster of KUBECONFIG: [--run REGEXP] [--image NAME]; --help", e2e},
	{"bench", "figures, beside kubectl: [forward|sync|agent|desktop] [--output json]", bench},
	{"build", "./portolan, static and headless; --desktop: also ./portolan-desktop; --all: the first for every system", build},
	{"desktop-test", "the real window, on a display of its own (Linux)", desktopTest},
}

func main() {
	if err := atRoot(); err != nil {
		fail(err)
	}
	ctx, stop := interruptible()
	defer stop()
	if len(os.Args) > 1 {
		for _, v := range verbs {
			if v.name == os.Args[1] {
				if err := v.run(ctx, os.Args[2:]); err != nil {
					fail(err)
				}
				return
			}
		}
	}
	usage()
	os.Exit(64)
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: go run ./build/dev VERB")
	for _, v := range verbs {
		fmt.Fprintf(os.Stderr, "  %-12s %s\n", v.name, v.summary)
	}
}

func fail(err error) {
	if !errors.Is(err, errReported) {
		fmt.Fprintln(os.Stderr, "dev:", err)
	}
	os.Exit(1)
}

// atRoot fails unless the working directory is the module's root: every path
// here is relative to it.
func atRoot() error {
	if _, err := os.Stat("build/dev/main.go"); err != nil {
		return errors.New("run this at the root of the repository")
	}
	return nil
}

// errInterrupted is the cause of a context that Ctrl-C has ended.
var errInterrupted = errors.New("interrupted")

// interruptible returns a context that SIGINT and SIGTERM end. The cause tells
// them apart: a terminal sends SIGINT to children too, a SIGTERM is for us alone.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if s := <-signals; s == os.Interrupt {
			cancel(errInterrupted)
		} else {
			cancel(errors.New("terminated"))
		}
	}()
	return ctx, func() { cancel(nil) }
}
