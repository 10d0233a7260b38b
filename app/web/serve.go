package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/portolan-app/portolan/internal/api"
)

// Serve serves the pages and a to browsers until ctx ends, then closes the port and
// returns when every request has been answered or cut off. It may be called once.
func (s *Site) Serve(ctx context.Context, a api.API, log *slog.Logger) error {
	// Requests end with ctx: a long poll must not hold the process.
	server := &http.Server{
		Handler:           s.handler(a, log),
		TLSConfig:         s.tls,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	})
	serve := server.Serve
	if s.tls != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	err := serve(s.listener)
	if stop() {
		return err // the listener failed by itself
	}
	<-stopped
	return nil
}

// handler is the whole of the site.
func (s *Site) handler(a api.API, log *slog.Logger) http.Handler {
	return s.guard.around(s.pages, api.Handler(a, log), func(r *http.Request, why *refusal) {
		log.Info("refused a request to the pages", "code", why.code, "method", r.Method, "path", r.URL.Path,
			"host", r.Host, "origin", r.Header.Get("Origin"), "site", r.Header.Get("Sec-Fetch-Site"))
	})
}
