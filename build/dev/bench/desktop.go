package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/portolan-app/portolan/internal/displaytest"
)

// The figures of the window. It is started where an agent runs.
var (
	windowPaint  = figure{"window_paint", "s", Lower, 0.8}        // from its start to the first frame of its page
	windowMemory = figure{"window_memory", "MB", Lower, none}     // of all its processes
	windowBundle = figure{"window_bundle", "kB gzip", Lower, 350} // what the page loads
)

// desktopGroup measures the window beside the program, on a display of its own.
func desktopGroup(ctx context.Context, o options) ([]Row, error) {
	program := filepath.Join(filepath.Dir(o.program), "portolan-desktop")
	if _, err := os.Stat(program); err != nil {
		fmt.Fprintln(o.log, "no window is built here, so none is measured")
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	display, err := displaytest.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer display.Close()
	e, err := startEngine(ctx, o.program, dir)
	if err != nil {
		return nil, err
	}
	defer e.stop()
	w := windowUnder{program: program, display: display, env: append(e.env, display.Env...), home: e.home}
	s := samples{}
	for range o.runs {
		if err := w.once(ctx, s); err != nil {
			return nil, err
		}
	}
	bundle, err := bundleSize(filepath.Join("frontend", "dist"))
	rows := []Row{windowPaint.alone(s[windowPaint.name]), windowMemory.alone(s[windowMemory.name]), windowBundle.row(bundle, 1)}
	if err != nil {
		return rows, err
	}
	pages, err := pagesGroup(ctx, o)
	return append(rows, pages...), err
}

// windowUnder is the window to measure.
type windowUnder struct {
	program, home string
	display       *displaytest.Display
	env           []string
}

// once opens the window and closes it. That its page has been painted it says by
// keeping the colour of it, as it does at its first start in a home.
func (w windowUnder) once(ctx context.Context, s samples) error {
	mark := filepath.Join(w.home, "window.json")
	if err := os.Remove(mark); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	cmd := exec.CommandContext(ctx, w.program) //nolint:gosec // the program that is measured
	cmd.Env = w.env
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for {
		if _, err := os.Stat(mark); err == nil {
			break
		}
		if time.Since(began) > patience {
			return errors.New("the window shows no page")
		}
		time.Sleep(2 * time.Millisecond)
	}
	s.put(windowPaint, time.Since(began).Seconds())
	time.Sleep(settling)
	s.put(windowMemory, float64(familyMemory(cmd.Process.Pid))/1024)
	return w.display.CloseWindow(ctx, "Portolan")
}

// familyMemory is the proportional set size of a process and all below it, in kB
// (proc_pid_smaps_rollup(5)).
func familyMemory(pid int) (kb int) {
	at := "/proc/" + strconv.Itoa(pid)
	rollup, err := os.ReadFile(at + "/smaps_rollup")
	if err != nil {
		return 0 // it has ended
	}
	for line := range strings.Lines(string(rollup)) {
		if fields := strings.Fields(line); fields[0] == "Pss:" {
			kb, _ = strconv.Atoi(fields[1])
		}
	}
	threads, _ := filepath.Glob(at + "/task/*/children")
	for _, thread := range threads {
		children, _ := os.ReadFile(thread)
		for _, child := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				kb += familyMemory(id)
			}
		}
	}
	return kb
}

// bundleSize is what the scripts and styles below a directory take compressed, in
// kB.
func bundleSize(dir string) (float64, error) {
	var size int
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".js" && filepath.Ext(path) != ".css" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(data); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		size += packed.Len()
		return nil
	})
	if err == nil && size == 0 {
		err = errors.New("the front end is not built")
	}
	return float64(size) / 1000, err
}
