package main

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
)

// build makes the headless program with the front end inside.
func build(ctx context.Context, _ []string) error {
	program := "portolan" + exe()
	return runAll(ctx, []Stage{
		{"npm packages", npmPackages},
		tool("front end", npm("run", "build")),
		{"go build", func(ctx context.Context) error { return compile(ctx, program) }},
		{"static", func(context.Context) error { return static(program) }},
	})
}

// compile builds the program without cgo, so that it runs wherever the kernel
// does, in a container and over SSH. Where git does not answer, the go tool does
// not ask it either: it would fail in a tree that is somebody else's.
func compile(ctx context.Context, program string) error {
	name, stamp := "devel", "false"
	if out, err := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty").Output(); err == nil {
		name, stamp = strings.TrimSpace(string(out)), "auto"
	}
	flags := "-s -w -X github.com/portolan-app/portolan/app.version=" + name
	return Command{
		Env:  []string{"CGO_ENABLED=0"},
		Args: []string{"go", "build", "-trimpath", "-buildvcs=" + stamp, "-ldflags", flags, "-o", program, "."},
	}.Run(ctx)
}

// static fails if a Linux program asks for a dynamic loader or a shared library.
func static(program string) error {
	if runtime.GOOS != "linux" {
		return nil // nothing is static elsewhere: the system's own library is the door to the kernel
	}
	f, err := elf.Open(program)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, segment := range f.Progs {
		if segment.Type == elf.PT_INTERP {
			return errors.New(program + " asks for a dynamic loader")
		}
	}
	libraries, err := f.ImportedLibraries()
	if err == nil && len(libraries) > 0 {
		err = fmt.Errorf("%s needs %s", program, strings.Join(libraries, ", "))
	}
	return err
}

// npm is a command of the front end.
func npm(args ...string) Command {
	return Command{Dir: "frontend", Args: append([]string{"npm"}, args...)}
}
