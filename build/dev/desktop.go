package main

import (
	"context"
	"path/filepath"
)

// desktopTest builds both programs and tests the window of the second as a person
// sees it: on a display, a bus and a home of its own. The arguments are the
// tests', such as -rounds 20, or -pictures with a folder for what is on the screen.
func desktopTest(ctx context.Context, args []string) error {
	out := filepath.Join("build", "out", "window")
	program, window := filepath.Join(out, "portolan"), filepath.Join(out, "portolan-desktop")
	test := Command{Args: append([]string{"go", "test", "-tags", "stage", "-count=1", "-timeout=5m", "-v", "./app/desktop/stage"}, args...)}
	return runAll(ctx, append(setupStages(),
		tool("front end", npm("run", "build")),
		tool("portolan", Command{Args: []string{"go", "build", "-buildvcs=false", "-o", program, "."}}),
		windowStage(host(), window),
		tool("window", test),
	))
}
