package engine

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/portolan-app/portolan/internal/github"
	"github.com/portolan-app/portolan/internal/portolan"
)

// Settings implements [api.API].
func (e *Engine) Settings(ctx context.Context) ([]portolan.Setting, error) {
	if err := e.running(ctx); err != nil {
		return nil, err
	}
	settings := e.cfg.Store.Peek().Settings
	settings.StartAtLogin = e.cfg.StartsAtLogin != nil && e.cfg.StartsAtLogin()
	return e.list(settings), nil
}

// list completes the table with what this program was built with.
func (e *Engine) list(s portolan.Settings) []portolan.Setting {
	list := s.List()
	for i := range list {
		if list[i].Name == portolan.ClientIDSetting {
			list[i].Default = e.cfg.ClientID
			list[i].Value = cmp.Or(list[i].Value, e.cfg.ClientID)
		}
	}
	return list
}

// SetSetting implements [api.API].
func (e *Engine) SetSetting(ctx context.Context, name, value string) (portolan.Setting, error) {
	if err := e.running(ctx); err != nil {
		return portolan.Setting{}, err
	}
	var after portolan.Settings
	var err error
	if name == portolan.StartAtLogin {
		after, err = e.setStartAtLogin(ctx, value)
	} else {
		err = e.update(func(s *portolan.State) error {
			err := s.Settings.Set(name, value)
			if err == nil && name == portolan.CAFileSetting {
				_, err = github.LoadCAs(value)
			}
			after = s.Settings
			return err
		})
	}
	if err != nil {
		return portolan.Setting{}, err
	}
	if name == portolan.CAFileSetting {
		e.nudgeAll()
	}
	list := e.list(after)
	return list[slices.IndexFunc(list, func(s portolan.Setting) bool { return s.Name == name })], nil
}

// setStartAtLogin changes what the system does at login, and returns settings with
// that one.
func (e *Engine) setStartAtLogin(ctx context.Context, value string) (portolan.Settings, error) {
	var s portolan.Settings
	if err := s.Set(portolan.StartAtLogin, value); err != nil {
		return s, err
	}
	if e.cfg.StartAtLogin == nil {
		return s, &portolan.Fault{Kind: portolan.Failed, Code: "start-at-login",
			Message: "this engine is none that starts at login", Hint: "run: portolan agent start"}
	}
	return s, e.cfg.StartAtLogin(ctx, s.StartAtLogin)
}

// tune puts settings in force. The caller holds refreshing. A log level that was
// asked for when the engine was started stays until the setting changes.
func (e *Engine) tune(s portolan.Settings) {
	e.forwards.Tune(
		cmp.Or(time.Duration(s.Drain), portolan.DefaultDrain),
		cmp.Or(time.Duration(s.Hold), portolan.DefaultHold))
	e.forwards.UseStock(s.Mux == portolan.MuxStock)
	first, changed := !e.tuned, s.LogLevel != e.logging
	e.tuned, e.logging = true, s.LogLevel
	if e.cfg.Level == nil || !changed || first && e.cfg.Level.Level() != slog.LevelInfo {
		return
	}
	level := slog.LevelInfo
	if s.LogLevel != "" {
		_ = level.UnmarshalText([]byte(s.LogLevel)) // the table of settings takes no other
	}
	e.cfg.Level.Set(level)
}
