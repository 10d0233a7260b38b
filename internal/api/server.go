package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/portolan-app/portolan/internal/portolan"
)

// Level is the version of the wire. Client and server must agree on it.
const Level = 1

const (
	levelHeader = "Portolan-API"
	maxRequest  = 16 << 20 // an import of 10,000 entries, with room
	maxSocket   = 100      // sun_path holds 108 bytes on Linux, 104 on macOS
)

// SocketPath is where the engine of that home listens: in the home itself, or,
// where that path is too long for a Unix socket, in a private directory named by
// a hash of the home.
func SocketPath(home string) string {
	path := filepath.Join(home, "portolan.sock")
	if len(path) <= maxSocket {
		return path
	}
	sum := sha256.Sum256([]byte(home))
	return filepath.Join(os.TempDir(), "portolan-"+hex.EncodeToString(sum[:6]), "s")
}

// Listen opens the socket at path, readable by this user only. A socket left by
// a dead process is replaced: the caller holds the home's lock, so no living one
// can be using it.
func Listen(path string) (net.Listener, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, socketFault(path, err)
	}
	if err := private(dir); err != nil {
		return nil, socketFault(path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, socketFault(path, err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, socketFault(path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, socketFault(path, err)
	}
	return l, nil
}

func socketFault(path string, err error) error {
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "socket-unusable",
		Message: fmt.Sprintf("cannot listen on %s: %v", path, err),
		Hint:    "check the directory's owner and free space, or set PORTOLAN_HOME to another directory",
	}
}

// Serve answers requests on l until ctx ends, then closes l and returns when
// every request has been answered or cut off.
func Serve(ctx context.Context, l net.Listener, a API, log *slog.Logger) error {
	mux := http.NewServeMux()
	for path, r := range routes(a) {
		mux.Handle("POST /"+path, checked(r, log.With("method", path)))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeFault(w, versionFault("no method "+r.Method+" "+r.URL.Path))
	})
	// Requests end with ctx: a long poll must not hold the process.
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(l)
	if stop() {
		return err // the listener failed by itself
	}
	<-stopped
	return nil
}

// route answers one decoded request.
type route func(ctx context.Context, body []byte) (any, error)

// do makes a route of a method with a result.
func do[Q, A any](method func(context.Context, Q) (A, error)) route {
	return func(ctx context.Context, body []byte) (any, error) {
		var q Q
		if err := json.Unmarshal(body, &q); err != nil {
			return nil, versionFault("the request cannot be read: " + err.Error())
		}
		return method(ctx, q)
	}
}

// tell makes a route of a method without one.
func tell[Q any](method func(context.Context, Q) error) route {
	return do(func(ctx context.Context, q Q) (nothing, error) { return nothing{}, method(ctx, q) })
}

// checked reads the request, refuses another level, and writes the answer.
func checked(r route, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if got := req.Header.Get(levelHeader); got != strconv.Itoa(Level) {
			writeFault(w, versionFault("the caller speaks level "+strconv.Quote(got)+" of the local API"))
			return
		}
		var body json.RawMessage
		if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, maxRequest)).Decode(&body); err != nil {
			writeFault(w, versionFault("the request cannot be read: "+err.Error()))
			return
		}
		answer, err := r(req.Context(), body)
		if err != nil {
			fault := portolan.AsFault(err)
			if errors.Is(err, context.Canceled) { // by the caller, who reads no answer, or by our own end
				fault = Stopped()
			}
			log.Debug("refused", "code", fault.Code)
			writeFault(w, fault)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			log.Debug("answer not delivered", "err", err)
		}
	})
}

// Stopped is the fault of a call that the engine's end has overtaken.
func Stopped() *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Unavailable, Code: "stopped",
		Message: "Portolan has been stopped",
		Hint:    "start it again with: portolan serve",
	}
}

func versionFault(what string) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "api-mismatch",
		Message: what + ", but the running engine speaks level " + strconv.Itoa(Level),
		Hint:    "stop the running portolan and start it again with the same version",
	}
}

func writeFault(w http.ResponseWriter, fault *portolan.Fault) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_ = json.NewEncoder(w).Encode(fault) // the caller is gone; nobody is left to tell
}
