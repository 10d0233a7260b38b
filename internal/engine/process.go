package engine

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/portolan-app/portolan/internal/portolan"
)

// SetLogLevel implements [api.API].
func (e *Engine) SetLogLevel(ctx context.Context, text string) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return &portolan.Fault{Kind: portolan.Usage, Code: "log-level",
			Message: fmt.Sprintf("there is no log level %q", text), Hint: "it is debug, info, warn or error"}
	}
	if e.cfg.Level == nil {
		return &portolan.Fault{Kind: portolan.Failed, Code: "log-level-fixed",
			Message: "the log level of this engine is fixed", Hint: "start it anew with --log-level " + text}
	}
	e.cfg.Level.Set(level)
	e.cfg.Log.Log(ctx, level, "log level changed", "level", level)
	return nil
}

// Shutdown implements [api.API].
func (e *Engine) Shutdown(context.Context) error {
	if e.cfg.Quit == nil {
		return &portolan.Fault{Kind: portolan.Failed, Code: "not-stoppable",
			Message: "this engine ends with the command that runs it", Hint: "end that command"}
	}
	e.cfg.Log.Info("asked to stop")
	e.cfg.Quit()
	return nil
}

// tellResumed says, after an end that was none of ours, what runs again.
func (e *Engine) tellResumed() {
	if !e.cfg.Abandoned {
		return
	}
	wanted := 0
	e.mu.Lock()
	for _, f := range e.inForce {
		if f.Local.Wanted {
			wanted++
		}
	}
	e.mu.Unlock()
	if e.cfg.OnDemand || wanted == 0 {
		return
	}
	n := portolan.Notice{At: e.cfg.Now(), Code: "resumed", Message: resumed(wanted)}
	e.cfg.Log.Warn("resumed after a crash", "forwards", wanted)
	e.publish(func() { e.notices = append(e.notices, n) })
}

func resumed(n int) string {
	forwards := "1 forward"
	if n != 1 {
		forwards = fmt.Sprintf("%d forwards", n)
	}
	return "resumed " + forwards + " after a crash: Portolan was not stopped properly the last time"
}
