// Package app is the composition root: it builds each part once, hands them to
// one another and picks the face that was asked for. It is the only package that
// knows them all, and it decides nothing else.
package app

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/portolan-app/portolan/app/cli"
	"github.com/portolan-app/portolan/internal/keyring"
)

// version is set by the linker for a release; see build/dev.
var version = "dev"

// clientID is that of the GitHub App for a sign-in to github.com with a code. The
// linker sets it where a build has one; the setting github_client_id goes first.
var clientID = ""

// Main runs the program with the arguments after its name and returns its exit
// code; see the table in ARCHITECTURE.md.
func Main(args []string) int {
	if len(args) == 1 && args[0] == keyring.ChildArg {
		return keychainCall()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	env := environment()
	p := &program{env: env, version: version, commit: builtFrom()}
	return cli.Run(ctx, cli.Deps{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Env:     env,
		Version: p.version, Commit: p.commit,
		Device:      clientID != "",
		Connect:     p.connect,
		OneShot:     p.oneShot,
		Serve:       p.serve,
		Agent:       p.agent,
		StartAgent:  p.startAgent,
		StopAgent:   p.stopAgent,
		AtLogin:     p.atLogin,
		Demo:        p.demo,
		Doctor:      p.doctor,
		LogFile:     p.logFile,
		OpenLink:    openLink(env),
		PortForward: p.portForward,
		Window:      p.window(),
	}, args)
}

// builtFrom is the commit that the Go tool stamped into the binary, or "".
func builtFrom() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
