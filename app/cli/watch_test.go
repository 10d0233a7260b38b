package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portolan-app/portolan/internal/api"
	"github.com/portolan-app/portolan/internal/portolan"
)

// watch runs status --watch over three revisions, and ends it as Ctrl-C does.
func watch(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		engine := &fake{view: team()}
		for i := range int64(2) {
			next := team()
			next.Revision += i + 1
			next.Forwards = next.Forwards[:1]
			engine.later = append(engine.later, next)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan int)
		go func() {
			ended <- Run(ctx, Deps{Stdout: &stdout, Stderr: &stderr, Env: func(string) string { return "" },
				Connect: func(context.Context, Options) (api.API, error) { return engine, nil }},
				append([]string{"status", "--watch"}, args...))
		}()
		synctest.Wait()
		cancel()
		if code := <-ended; code != 0 || stderr.Len() > 0 {
			t.Errorf("exit code %d, %s", code, &stderr)
		}
	})
	return stdout.String()
}

func TestWatchText(t *testing.T) {
	got := watch(t)
	if n := strings.Count(got, "--- 2000-01-01T00:00:00Z\nPortolan 1.2.3 is running"); n != 3 {
		t.Errorf("%d statuses, want 3:\n%s", n, got)
	}
}

func TestWatchJSON(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(watch(t, "--output", "json")), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3", len(lines))
	}
	for i, line := range lines {
		var status struct {
			Revision int64
			Forwards []struct{ Phase portolan.Phase }
		}
		if err := json.Unmarshal([]byte(line), &status); err != nil || status.Revision != int64(7+i) || status.Forwards[0].Phase != portolan.Ready {
			t.Errorf("line %d: %v, %v", i, status, err)
		}
	}
}

// On a terminal the counters are asked for every second, without a change.
func TestWatchFollowsCounters(t *testing.T) {
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		engine := &fake{view: team()}
		p := &program{Deps: Deps{Connect: func(context.Context, Options) (api.API, error) { return engine, nil }},
			out: &screen{w: &out, fd: -1, ansi: true}, format: "text"}
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		if err := p.runStatus(ctx, true); err == nil {
			t.Error("the watch ended by itself")
		}
	})
	screens := strings.Split(out.String(), "\x1b[H\x1b[2J")[1:]
	if len(screens) != 3 {
		t.Fatalf("%d screens, want one now and one each second:\n%q", len(screens), screens)
	}
	for i, screen := range screens {
		if want := fmt.Sprintf("shop/api-0  %d", 2+i); !strings.Contains(screen, want) {
			t.Errorf("screen %d does not hold %q:\n%s", i, want, screen)
		}
	}
}
