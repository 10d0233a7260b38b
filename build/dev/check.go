package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// check is lint and test, in one table.
func check(ctx context.Context, _ []string) error {
	return runTests(ctx, slices.Concat(setupStages(), lintStages(systems)), "")
}

// lint is what check does without running a test. With --without, nothing is
// compiled for that system.
func lint(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("lint", flag.ContinueOnError)
	without := flags.String("without", "", "a system that nothing is compiled for, such as darwin")
	if err := flags.Parse(args); err != nil {
		return err
	}
	some := slices.DeleteFunc(slices.Clone(systems), func(system string) bool { return system == *without })
	return runAll(ctx, slices.Concat(setupStages(), lintStages(some)))
}

// systems are what the program is compiled for here.
var systems = []string{"linux", "windows", "darwin"}

func lintStages(systems []string) []Stage {
	// Parallel: its lock is one for the machine, and a second clone is no reason to fail.
	golangci := []string{"go", "tool", "-modfile=build/tools/go.mod", "golangci-lint", "run", "--allow-parallel-runners", "./..."}
	stages := []Stage{
		{"gofmt", gofmt},
		tool("go vet", Command{Args: []string{"go", "vet", "./..."}}),
	}
	for _, system := range systems {
		if system != "linux" { // which the stages around these do
			stages = append(stages, vetFor(system), testsOf(system))
		}
	}
	return append(stages,
		programsStage(systems),
		tool("golangci-lint", Command{Args: golangci}),
		tool("layers", Command{Args: []string{"go", "test", "./internal"}}),
		tool("go vet, window", Command{Args: []string{"go", "vet", "-tags", windowTags + ",stage", "./app/..."}}),
		Stage{"generated files", generated},
		Stage{"types of the wire", wireTypesCurrent},
		tool("go mod tidy", Command{Args: []string{"go", "mod", "tidy", "-diff"}}),
		tool("biome, tsc and knip", npm("run", "check")),
		tool("front end build", npm("run", "build")),
	)
}

// vetFor type-checks what another system would build.
func vetFor(system string) Stage {
	env := []string{"GOOS=" + system, "CGO_ENABLED=0"}
	return tool("go vet, "+system, Command{Env: env, Args: []string{"go", "vet", "./..."}})
}

// testsOf compiles and links the test programs of another system, which nothing
// here can run. What vet has compiled is not compiled again.
func testsOf(system string) Stage {
	env := []string{"GOOS=" + system, "CGO_ENABLED=0"}
	return tool("tests compile, "+system, Command{Env: env, Args: []string{"go", "test", "-c", "-o", os.DevNull, "./..."}})
}

// programsStage builds the program for each of the systems, with the compiled
// packages that vet has left, and reads in it that it is what it should be.
func programsStage(systems []string) Stage {
	return Stage{"programs", func(ctx context.Context) error { return programs(ctx, systems) }}
}

func programs(ctx context.Context, systems []string) error {
	dir, err := os.MkdirTemp("", "portolan-programs")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, system := range systems {
		t := target{system, runtime.GOARCH}
		program := filepath.Join(dir, system+t.exe())
		if err := (Command{Env: t.env(), Args: []string{"go", "build", "-buildvcs=false", "-o", program, "."}}).Run(ctx); err != nil {
			return err
		}
		if err := inspect(t, program); err != nil {
			return err
		}
	}
	windows := target{"windows", runtime.GOARCH} // the one window that is built without cgo
	return windowStage(windows, filepath.Join(dir, "window.exe")).Run(ctx)
}

// sources are the folders that hold what people write.
var sources = []string{"app", "build", "frontend", "internal"}

// gofmt lists the files that gofmt would change.
func gofmt(ctx context.Context) error {
	var out bytes.Buffer
	args := []string{"gofmt", "-l", "main.go"}
	err := eachSource(func(path string) error {
		if strings.HasSuffix(path, ".go") {
			args = append(args, path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := (Command{Out: &out, Args: args}).Run(ctx); err != nil {
		return err
	}
	if out.Len() > 0 {
		return errors.New("run gofmt -w on " + strings.Join(strings.Fields(out.String()), " "))
	}
	return nil
}

// bindings writes frontend/src/wailsjs: with that tag Wails makes the program write
// down what its window offers to the page, instead of opening it. The command
// line tool of Wails does no more than this, and takes a minute to compile.
var bindings = Command{
	Env:  []string{"tsoutputtype=interfaces"},
	Args: []string{"go", "run", "-buildvcs=false", "-tags", "bindings", "."},
}

// generated runs `go generate` and [bindings], and fails if a file came out different, which
// means that the committed one was out of date. The new one stays, to be
// committed.
func generated(ctx context.Context) error {
	before, err := fingerprints()
	if err != nil {
		return err
	}
	if err := (Command{Args: []string{"go", "generate", "./..."}}).Run(ctx); err != nil {
		return err
	}
	if err := bindings.Run(ctx); err != nil {
		return err
	}
	if err := plainFiles("frontend/src/wailsjs"); err != nil {
		return err
	}
	after, err := fingerprints()
	if err != nil {
		return err
	}
	var changed []string
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if before[path] != after[path] {
			changed = append(changed, path)
		}
	}
	if changed != nil {
		return fmt.Errorf("was out of date: %s", strings.Join(changed, ", "))
	}
	return nil
}

// plainFiles takes from the files of a folder the right to be executed, which Wails
// gives to all that it writes.
func plainFiles(folder string) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o644) //nolint:gosec // source files, which git keeps like this
	})
}

// fingerprints hashes every source file.
func fingerprints() (map[string][sha256.Size]byte, error) {
	sums := map[string][sha256.Size]byte{}
	err := eachSource(func(path string) error {
		data, err := os.ReadFile(path)
		sums[path] = sha256.Sum256(data)
		return err
	})
	return sums, err
}

// eachSource visits the regular files below [sources], without what builds and
// npm put there.
func eachSource(visit func(path string) error) error {
	for _, root := range sources {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && slices.Contains([]string{"node_modules", "dist", "out"}, entry.Name()):
				return filepath.SkipDir
			case entry.Type().IsRegular():
				return visit(path)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
