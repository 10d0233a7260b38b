package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// build makes the headless program with the front end inside: ./portolan, with
// --desktop also ./portolan-desktop, which has a window, or with --all one for
// each of [targets] in build/out.
func build(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	all := flags.Bool("all", false, "for every system, into build/out")
	desktop := flags.Bool("desktop", false, "also the program with a window")
	if err := flags.Parse(args); err != nil {
		return err
	}
	stages := []Stage{{"npm packages", npmPackages}, tool("front end", npm("run", "build"))}
	if *desktop {
		stages = append([]Stage{{"system packages", systemPackages}}, stages...)
	}
	if !*all {
		stages = append(stages, buildStage(host(), "portolan"+host().exe()))
		if *desktop {
			stages = append(stages, windowStage(host(), "portolan-desktop"+host().exe()))
		}
		return runAll(ctx, stages)
	}
	for _, t := range targets {
		stages = append(stages, buildStage(t, filepath.Join("build", "out", "portolan-"+t.os+"-"+t.arch+t.exe()), "-trimpath"))
	}
	return runAll(ctx, stages)
}

// buildStage makes one program and reads in it that it is what it should be.
func buildStage(t target, program string, more ...string) Stage {
	return Stage{"build, " + t.String(), func(ctx context.Context) error {
		if err := compile(ctx, t, program, more...); err != nil {
			return err
		}
		return inspect(t, program)
	}}
}

// compile builds the program without cgo, so that it runs wherever the kernel
// does, in a container and over SSH, and can be built on any system. Where git
// does not answer, the go tool does not ask it either: it would fail in a tree
// that is somebody else's. Programs that are for other machines are given
// -trimpath; without it, this shares what vet and tests compile.
func compile(ctx context.Context, t target, program string, more ...string) error {
	flags, stamp := version(ctx)
	args := []string{"go", "build", stamp, "-ldflags", flags, "-o", program}
	return Command{Env: t.env(), Args: append(append(args, more...), ".")}.Run(ctx)
}

// version is what the linker is told of it, and whether the go tool may ask git.
// PORTOLAN_CLIENT_ID is the client id of the GitHub App for a sign-in with a code;
// without it the program has none of its own.
func version(ctx context.Context) (ldflags, stamp string) {
	name, stamp := "devel", "-buildvcs=false"
	if out, err := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty").Output(); err == nil {
		name, stamp = strings.TrimSpace(string(out)), "-buildvcs=auto"
	}
	ldflags = "-s -w -X github.com/portolan-app/portolan/app.version=" + name
	if id := os.Getenv("PORTOLAN_CLIENT_ID"); id != "" {
		ldflags += " -X github.com/portolan-app/portolan/app.clientID=" + id
	}
	return ldflags, stamp
}

// windowStage makes the program with a window and reads in it that it is what it
// should be.
func windowStage(t target, program string) Stage {
	return Stage{"window, " + t.String(), func(ctx context.Context) error {
		if err := compileWindow(ctx, t, program); err != nil {
			return err
		}
		return inspectWindow(t, program)
	}}
}

// compileWindow builds the program with a window: with cgo, so only on its own
// system, except for Windows.
func compileWindow(ctx context.Context, t target, program string) error {
	flags, stamp := version(ctx)
	env := []string{"GOOS=" + t.os, "GOARCH=" + t.arch, "CGO_ENABLED=1"}
	switch t.os {
	case "windows":
		env, flags = t.env(), flags+" -H windowsgui"
	case "darwin": // what wails build sets: its Objective-C names types of this framework
		env = append(env, "CGO_LDFLAGS=-framework UniformTypeIdentifiers")
	}
	args := []string{"go", "build", stamp, "-tags", windowTags, "-ldflags", flags, "-o", program, "."}
	return Command{Env: env, Args: args}.Run(ctx)
}

// windowTags are what Wails wants of a release: not its development server, which
// asks nobody who they are; webkit2_41 is of Linux alone.
const windowTags = "desktop,production,webkit2_41"

// npm is a command of the front end.
func npm(args ...string) Command {
	return Command{Dir: "frontend", Args: append([]string{"npm"}, args...)}
}
