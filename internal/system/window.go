package system

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// WindowProgram is the path of the program with the window: beside this one, in
// the bundle around it (macOS), or in PATH; "" where it is not installed.
func WindowProgram() string {
	name := "portolan-desktop"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	self, err := os.Executable()
	if err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		dir := filepath.Dir(self)
		candidates := []string{filepath.Join(dir, name)}
		if runtime.GOOS == "darwin" { // Portolan.app/Contents/Library/LoginItems/Portolan Agent.app/Contents/MacOS
			candidates = append(candidates, filepath.Join(dir, "../../../../../MacOS", name))
		}
		for _, path := range candidates {
			if found, err := exec.LookPath(path); err == nil {
				return found
			}
		}
	}
	found, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return found
}

// StartWindow starts a program with a window, away from this process, and reports
// its failure if that comes soon. Env is added to what it inherits.
func StartWindow(ctx context.Context, program string, args, env []string) error {
	cmd := Background{Program: program, Args: args, Env: env}.command(ctx)
	return launch(ctx, cmd)
}
