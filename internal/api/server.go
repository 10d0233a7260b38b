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

// Level is the version of the wire. Client and server must agree on it, except
// about the method "version", which every level answers alike.
const Level = 2

const (
	levelHeader = "Portolan-API"
	maxRequest  = 16 << 20         // an import of 10,000 entries, with room
	maxSocket   = 100              // sun_path holds 108 bytes on Linux, 104 on macOS
	readLimit   = 30 * time.Second // how long a caller may take to read an answer
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

// Handler answers one POST per method of a, as [Serve] does: for a face that has
// its own door and its own guard before it. It asks nobody who they are.
func Handler(a API, log *slog.Logger) http.Handler {
	return (&handler{api: a, level: Level, log: log}).mux()
}

// Invoke calls the method of that path, such as "sync", with the arguments that
// a POST would carry, and returns the answer as JSON: for a face whose calls do
// not travel over HTTP. The error is a [*portolan.Fault], or ctx's own.
func Invoke(ctx context.Context, a API, method string, body []byte) ([]byte, error) {
	r, ok := routes(a)[method]
	if !ok {
		return nil, unreadable(fmt.Errorf("there is no method %q", method))
	}
	answer, err := r(ctx, body)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, portolan.AsFault(err)
	}
	return json.Marshal(answer)
}

// Serve answers requests on l until ctx ends, then closes l and returns when
// every request has been answered or cut off. On Linux and macOS it hangs up on
// processes of other users, except root.
func Serve(ctx context.Context, l net.Listener, a API, log *slog.Logger) error {
	return serve(ctx, l, a, Level, log)
}

func serve(ctx context.Context, l net.Listener, a API, level int, log *slog.Logger) error {
	h := &handler{api: a, level: level, log: log}
	// Requests end with ctx: a long poll must not hold the process.
	server := &http.Server{Handler: h.mux(), ReadHeaderTimeout: 10 * time.Second,
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
	err := server.Serve(door{l, log})
	if stop() {
		return err // the listener failed by itself
	}
	<-stopped
	return nil
}

// door is a listener that lets no stranger in.
type door struct {
	net.Listener
	log *slog.Logger
}

// Accept waits for the next caller who is none.
func (d door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		socket, ok := conn.(*net.UnixConn)
		if err != nil || !ok {
			return conn, err
		}
		if err = stranger(socket); err == nil {
			return conn, nil
		}
		d.log.Warn("hung up on a caller of the local API", "err", err)
		_ = conn.Close()
	}
}

// route answers one decoded request.
type route func(ctx context.Context, body []byte) (any, error)

// do makes a route of a method with a result.
func do[Q, A any](method func(context.Context, Q) (A, error)) route {
	return func(ctx context.Context, body []byte) (any, error) {
		var q Q
		if err := json.Unmarshal(body, &q); err != nil {
			return nil, unreadable(err)
		}
		return method(ctx, q)
	}
}

// tell makes a route of a method without one.
func tell[Q any](method func(context.Context, Q) error) route {
	return do(func(ctx context.Context, q Q) (nothing, error) { return nothing{}, method(ctx, q) })
}

// handler answers the requests of one server.
type handler struct {
	api   API
	level int
	log   *slog.Logger
}

func (h *handler) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for path, r := range routes(h.api) {
		mux.HandleFunc("POST /"+path, func(w http.ResponseWriter, req *http.Request) { h.answer(w, req, path, r) })
	}
	mux.HandleFunc("POST /hold", h.hold)
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		fault := h.mismatch(req)
		if fault == nil { // of one level, but with fewer methods
			fault = h.older(req.Context(), "does not know "+strconv.Quote(req.URL.Path))
		}
		_ = write(w, http.StatusUnprocessableEntity, fault)
	})
	return mux
}

// timeless are the methods that every level answers to every other, so that a
// newer program can say which one runs and end it. What travels in them only ever
// gains fields.
func timeless(path string) bool { return path == "version" || path == "shutdown" }

// answer calls a method and writes its answer.
func (h *handler) answer(w http.ResponseWriter, req *http.Request, path string, r route) {
	body, err := h.read(w, req, path)
	if err != nil {
		h.refuse(w, path, err)
		return
	}
	answer, err := r(req.Context(), body)
	if err != nil {
		h.refuse(w, path, err)
		return
	}
	if err := write(w, http.StatusOK, answer); err != nil {
		h.log.Debug("answer not delivered", "method", path, "err", err)
	}
}

// hold answers at once, and lets the answer end with the hold: the caller's hanging
// up ends the hold, and so the connection is all that there is to lose.
func (h *handler) hold(w http.ResponseWriter, req *http.Request) {
	const path = "hold"
	var q Hold
	body, err := h.read(w, req, path)
	if err == nil {
		if err = json.Unmarshal(body, &q); err != nil {
			err = unreadable(err)
		}
	}
	if err != nil {
		h.refuse(w, path, err)
		return
	}
	begun := false
	err = h.api.Hold(req.Context(), q, func(forwards []portolan.ForwardView) {
		begun = true
		_ = write(w, http.StatusOK, forwards) // a caller who is gone ends the context
		_ = http.NewResponseController(w).Flush()
	})
	if !begun {
		h.refuse(w, path, err)
	}
}

// read returns a request's arguments. It refuses another level unless any is
// welcome.
func (h *handler) read(w http.ResponseWriter, req *http.Request, path string) (json.RawMessage, error) {
	if !timeless(path) {
		if fault := h.mismatch(req); fault != nil {
			return nil, fault
		}
	}
	var body json.RawMessage
	if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, maxRequest)).Decode(&body); err != nil {
		return nil, unreadable(err)
	}
	return body, nil
}

// refuse answers with an error.
func (h *handler) refuse(w http.ResponseWriter, path string, err error) {
	fault := portolan.AsFault(err)
	if errors.Is(err, context.Canceled) { // by the caller, who reads no answer, or by our own end
		fault = Stopped()
	}
	h.log.Debug("refused", "method", path, "code", fault.Code)
	_ = write(w, http.StatusUnprocessableEntity, fault) // where the caller is gone, nobody is left to tell
}

// Stopped is the fault of a call that the engine's end has overtaken.
func Stopped() *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Unavailable, Code: "stopped",
		Message: "Portolan has been stopped",
		Hint:    "start it again with: portolan agent start, or in the foreground with: portolan serve",
	}
}

// mismatch is the fault for a caller of another level. It is for the person who
// called, so that "this program" is the caller.
func (h *handler) mismatch(req *http.Request) *portolan.Fault {
	level, err := strconv.Atoi(req.Header.Get(levelHeader))
	switch {
	case err == nil && level == h.level:
		return nil
	case err == nil && level > h.level:
		return h.older(req.Context(), "is older than this program")
	}
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "engine-newer",
		Message: h.name(req.Context()) + " is newer than this program, and the two do not understand each other",
		Hint:    "update this program, or use the one that the running one came with",
	}
}

// older is the fault for a caller that is newer than this engine.
func (h *handler) older(ctx context.Context, how string) *portolan.Fault {
	return &portolan.Fault{
		Kind: portolan.Failed, Code: "engine-older",
		Message: h.name(ctx) + " " + how + ", and the two do not understand each other",
		Hint:    restart,
	}
}

// name says which engine this is.
func (h *handler) name(ctx context.Context) string {
	v, err := h.api.Version(ctx)
	if err != nil {
		return "the running Portolan"
	}
	return fmt.Sprintf("the running Portolan (%s, pid %d)", v.Version, v.PID)
}

// restart is the hint where the running engine is of no use to this program.
const restart = "end it with: portolan agent stop, and start this version with: portolan agent start"

func unreadable(err error) *portolan.Fault {
	return &portolan.Fault{Kind: portolan.Failed, Code: "request-unreadable",
		Message: "the running Portolan cannot read the request: " + err.Error(),
		Hint:    restart}
}

// write gives the caller some time to read an answer: one that has stopped must
// not hold it for good.
func write(w http.ResponseWriter, status int, answer any) error {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(readLimit))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(answer)
}
