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

// Quit implements [api.API].
func (e *Engine) Quit(ctx context.Context) error {
	if e.cfg.Quit != nil {
		e.windows.close()
	}
	return e.Shutdown(ctx)
}

// WebLink implements [api.API].
func (e *Engine) WebLink(context.Context) (string, error) {
	if e.cfg.WebLink == nil {
		return "", &portolan.Fault{Kind: portolan.Unavailable, Code: "web-not-served",
			Message: "the running Portolan serves no pages to a browser",
			Hint:    "stop it with portolan agent stop, and start: portolan serve --web 127.0.0.1:0"}
	}
	return e.cfg.WebLink(), nil
}

// tellStart says what a person should know of the start: what was put right in the
// store, and, after an end that was none of ours, what runs again.
func (e *Engine) tellStart() {
	now := e.cfg.Now()
	var told []portolan.Notice
	for _, f := range e.cfg.Store.Recovered() {
		told = append(told, portolan.Notice{At: now, Code: f.Code, Message: f.Error()})
	}
	if n := e.wanted(); n > 0 && e.cfg.Store.Abandoned() {
		e.cfg.Log.Warn("resumed after a crash", "forwards", n)
		told = append(told, portolan.Notice{At: now, Code: "resumed", Message: resumed(n)})
	}
	if len(told) > 0 {
		e.publish(func() bool { return e.ledger.tell(told) })
	}
}

// wanted is the number of forwards that run because a person started them.
func (e *Engine) wanted() (n int) {
	if e.forwards == nil {
		return 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range e.ledger.forwards.rows {
		if e.ledger.forwards.rows[i].Local.Wanted {
			n++
		}
	}
	return n
}

func resumed(n int) string {
	return "resumed " + counted(n) + " after a crash: Portolan was not stopped properly the last time"
}
