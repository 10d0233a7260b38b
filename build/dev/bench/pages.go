package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The figures of the pages with 10,000 forwards. They are the time of the page's
// own thread, which another process on the machine does not lengthen.
var (
	pagesScroll = figure{"pages_scroll_task", "ms", Lower, 50} // the longest task while the list scrolls
	pagesSearch = figure{"pages_search", "ms", Lower, 50}      // from a key to the frame with what it finds, the slowest key
	pagesChange = figure{"pages_change", "ms", Lower, 100}     // from a press to the frame with the engine's answer
)

// pagesGroup measures the built pages in Chromium, because WebKit tells nobody how
// long its tasks take.
func pagesGroup(ctx context.Context, o options) ([]Row, error) {
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			browser = found
			break
		}
	}
	if browser == "" {
		fmt.Fprintln(o.log, "there is no Chromium here, so the pages are not measured")
		return nil, nil
	}
	s := samples{}
	for range o.runs {
		cmd := exec.CommandContext(ctx, "node", filepath.Join("frontend", "measure.mjs")) //nolint:gosec // the front end's own measurement
		cmd.Env = append(os.Environ(), "CHROMIUM="+browser)
		cmd.Stderr = o.log
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("measure the pages: %w", err)
		}
		var found struct{ Scroll, Search, Change float64 }
		if err := json.Unmarshal(out, &found); err != nil {
			return nil, fmt.Errorf("measure the pages: %w", err)
		}
		s.put(pagesScroll, found.Scroll)
		s.put(pagesSearch, found.Search)
		s.put(pagesChange, found.Change)
	}
	return []Row{pagesScroll.alone(s[pagesScroll.name]), pagesSearch.alone(s[pagesSearch.name]), pagesChange.alone(s[pagesChange.name])}, nil
}
