package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// build makes the headless program with the front end inside: ./portolan, or with
// --all one for each of [targets] in build/out.
func build(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	all := flags.Bool("all", false, "for every system, into build/out")
	if err := flags.Parse(args); err != nil {
		return err
	}
	stages := []Stage{{"npm packages", npmPackages}, tool("front end", npm("run", "build"))}
	if !*all {
		return runAll(ctx, append(stages, buildStage(host(), "portolan"+host().exe())))
	}
	for _, t := range targets {
		stages = append(stages, buildStage(t, filepath.Join("build", "out", "portolan-"+t.os+"-"+t.arch+t.exe())))
	}
	return runAll(ctx, stages)
}

// buildStage makes one program and reads in it that it is what it should be.
func buildStage(t target, program string) Stage {
	return Stage{"build, " + t.String(), func(ctx context.Context) error {
		if err := compile(ctx, t, program); err != nil {
			return err
		}
		return inspect(t, program)
	}}
}

// compile builds the program without cgo, so that it runs wherever the kernel
// does, in a container and over SSH, and can be built on any system. Where git
// does not answer, the go tool does not ask it either: it would fail in a tree
// that is somebody else's. PORTOLAN_CLIENT_ID is the client id of the GitHub App for
// a sign-in with a code; without it the program has none of its own.
func compile(ctx context.Context, t target, program string) error {
	name, stamp := "devel", "false"
	if out, err := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty").Output(); err == nil {
		name, stamp = strings.TrimSpace(string(out)), "auto"
	}
	flags := "-s -w -X github.com/portolan-app/portolan/app.version=" + name
	if id := os.Getenv("PORTOLAN_CLIENT_ID"); id != "" {
		flags += " -X github.com/portolan-app/portolan/app.clientID=" + id
	}
	return Command{
		Env:  t.env(),
		Args: []string{"go", "build", "-trimpath", "-buildvcs=" + stamp, "-ldflags", flags, "-o", program, "."},
	}.Run(ctx)
}

// npm is a command of the front end.
func npm(args ...string) Command {
	return Command{Dir: "frontend", Args: append([]string{"npm"}, args...)}
}
