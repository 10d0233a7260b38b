package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/portolan-app/portolan/internal/portolan"
)

// paths says where everything is, and whether it is there and nobody else's.
func (cfg Config) paths(context.Context) []portolan.Check {
	checks := []portolan.Check{
		directory("home", cfg.Home),
		file("store", filepath.Join(cfg.Home, "portolan.db"), "it is made when the engine first starts"),
		file("socket", cfg.Socket, "nothing listens there"),
	}
	if cfg.Log != "" {
		checks = append(checks, file("log", cfg.Log, "it is made when the agent first starts"))
	}
	return checks
}

// directory wants a directory that this user may write to and others may not
// read.
func directory(name, path string) portolan.Check {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ok("paths", name, "%s; it is made when the engine first starts", path)
	case err != nil:
		return unusable(name, path, err)
	case !info.IsDir():
		return unusable(name, path, errors.New("it is no directory"))
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return portolan.Check{Area: "paths", Name: name, Outcome: portolan.CheckWarning,
			Message: fmt.Sprintf("%s can be read by others: its mode is %04o", path, mode),
			Hint:    "chmod 700 '" + path + "'"}
	}
	probe, err := os.CreateTemp(path, ".doctor-*")
	if err != nil {
		return unusable(name, path, err)
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return unusable(name, path, err)
	}
	return ok("paths", name, "%s", path)
}

// file says where a file is; that it is not there yet is no fault.
func file(name, path, absent string) portolan.Check {
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ok("paths", name, "%s; %s", path, absent)
	case err != nil:
		return unusable(name, path, err)
	}
	return ok("paths", name, "%s", path)
}

func unusable(name, path string, err error) portolan.Check {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		err = e.Err
	}
	return portolan.Check{Area: "paths", Name: name, Outcome: portolan.CheckFailed,
		Message: fmt.Sprintf("%s cannot be used: %v", path, err),
		Hint:    "give this user the right to it and room on that disk, or name another directory with --home or PORTOLAN_HOME"}
}
